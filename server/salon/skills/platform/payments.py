"""What answers cost, as a skill in its open form: it meters, and lets everyone pass."""

from collections.abc import Mapping
from typing import TypedDict

from salon.agents.context.context import Context
from salon.agents.context.current import CONTEXT
from salon.agents.hooks import hook
from salon.agents.skill import Skill
from salon.billing.usage import Report
from salon.skills.platform.portal import portal_of


class Bill(TypedDict):
    """What a run has cost so far, and who it is for."""

    user_id: str
    usage: Report


class PaymentSkill(Skill):
    """Meters what a run uses and says what it comes to; nobody is refused, and nothing is charged yet.

    Tools with a price, and tokens at the agent's, are on the bill by themselves.

    Settings:
        portal_url, api_key: taken for the time when a portal settles bills.
    """

    name = "payments"

    def __init__(self, config: Mapping[str, object] | None = None) -> None:
        super().__init__(config)
        portal_of(self.config)  # what is wrong with it is said now

    @hook("on_connection", priority=10)
    async def admit(self, context: Context) -> None:
        """Everyone passes; tools and hooks read it as `context.get("payment")`."""
        context.set("payment", {"user_id": context.user, "admitted": True})

    def charge(self, credits: int, reason: str = "") -> None:
        """Put credits on the bill of the run that is being served.

        Raises ValueError for anything but a whole number from 0 on, RuntimeError outside of a run.
        """
        self._context().track_usage(credits, reason)

    def bill(self) -> Bill:
        """The bill of the run that is being served. Raises RuntimeError outside of one."""
        context = self._context()
        return Bill(user_id=context.user, usage=context.get_usage())

    def _context(self) -> Context:
        context = CONTEXT.get()
        if context is None:
            raise RuntimeError("There is no run here. Call this in a tool or hook while an agent answers.")
        return context
