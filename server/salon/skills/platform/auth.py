"""Who is asking, as a skill in its open form: what the server knows of them, and nobody is turned away."""

from collections.abc import Mapping
from typing import TypedDict

from salon.access.scopes import strongest
from salon.agents.context.context import Context
from salon.agents.context.current import CONTEXT
from salon.agents.hooks import hook
from salon.agents.skill import Skill
from salon.contracts.runs import ANONYMOUS, is_known
from salon.skills.platform.portal import portal_of


class Identity(TypedDict):
    """Somebody: `known` says that the server was told by somebody it trusts."""

    user_id: str
    name: str
    scopes: list[str]
    auth_scope: str
    known: bool


class AuthSkill(Skill):
    """Tells an agent's tools and hooks who is asking: `identity()`, or `context.get("identity")`.

    It goes by what the server was told by a proxy that it trusts, or by the application; it lets everyone pass. Who may
    use a tool is for the tool's `scope` to say.

    Settings:
        portal_url, api_key: taken for the time when a portal issues tokens.
    """

    name = "auth"

    def __init__(self, config: Mapping[str, object] | None = None) -> None:
        super().__init__(config)
        portal_of(self.config)  # what is wrong with it is said now

    @hook("on_connection", priority=5)
    async def identify(self, context: Context) -> None:
        """Note who is asking, for the tools and hooks of this run."""
        context.set("identity", self.identity(context))

    def identity(self, context: Context | None = None) -> Identity:
        """Who is asking; outside of a run, nobody."""
        here = context or CONTEXT.get()
        if here is None:
            return Identity(user_id=ANONYMOUS, name=ANONYMOUS, scopes=[], auth_scope="", known=False)
        who = here.principal
        return Identity(
            user_id=who.user,
            name=who.name or who.user,
            scopes=sorted(who.scopes),
            auth_scope=strongest(who.scopes),
            known=is_known(who.user),
        )
