"""What a tool or hook may know and do while it runs: who asked, what was noted and spent, and the agent it serves.

It knows the room only through its `TurnPort`.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, TypeVar, overload

from salon.access.scopes import strongest
from salon.agents.context.call import ToolError
from salon.agents.context.port import TurnPort
from salon.agents.context.questions import NoAnswer, Questions
from salon.agents.context.surfaces import Surfaces
from salon.billing.usage import Report
from salon.contracts.events import MsgDone
from salon.contracts.runs import Charge, Principal
from salon.contracts.types import DataPart, Obj, TextPart

if TYPE_CHECKING:
    from salon.agents.agent import Agent
    from salon.agents.skill import ModelSkill, Skill

__all__ = ["Context", "NoAnswer", "ToolError", "TurnPort"]

D = TypeVar("D")

ACTION = "ui_action"
"""The name of the data part that tells what a person did with a surface."""


class Context(Surfaces, Questions):
    """The room, the person and the run, as a tool or a hook sees them.

    A tool gets it by a parameter annotated `Context`; a hook is called with it. Its plain methods may be called from
    sync tools too, which run in a thread; the three that wait for people are for async ones.

    Args:
        port: the turn's door to the room.
        call: id of the tool call; None in a hook.
        owner: the agent itself.
        data: what a hook's event is about; it may change it.
    """

    def __init__(
        self,
        port: TurnPort,
        *,
        call: str | None = None,
        owner: "Agent | None" = None,
        data: dict[str, object] | None = None,
    ) -> None:
        super().__init__(port, call=call)
        self.agent_object = owner
        self.data: dict[str, object] = {} if data is None else data

    @property
    def room(self) -> str:
        """The room's id."""
        return self._port.room

    @property
    def run(self) -> str:
        """The run's id."""
        return self._port.run

    @property
    def agent(self) -> str:
        """The agent whose tool this is."""
        return self._port.agent

    @property
    def principal(self) -> Principal:
        """Who is being answered."""
        return self._port.principal

    @property
    def user(self) -> str:
        """The id of who is being answered."""
        return self._port.principal.user

    @property
    def peer_user_id(self) -> str:
        """The same as `user`."""
        return self._port.principal.user

    @property
    def message(self) -> str:
        """What people said that is being answered, in their words."""
        return "\n".join(part.text for part in self._do(self._port.asked) if isinstance(part, TextPart))

    def unanswered(self) -> Sequence[MsgDone]:
        """What people said that is being answered, message by message."""
        return self._do(self._port.unanswered)

    def withdraw(self, message: str) -> None:
        """Take a message back: it is gone for readers and for the models' memory."""
        self._do(lambda: self._port.withdraw(message))

    @property
    def action(self) -> Obj | None:
        """What a person did with a surface, when that is being answered: `surface`, `name` and `context`."""
        done = [part.data for part in self._do(self._port.asked) if isinstance(part, DataPart) and part.name == ACTION]
        return done[-1] if done and isinstance(done[-1], dict) else None

    @property
    def auth_scope(self) -> str:
        """The most powerful of the scopes of who is being answered: `admin`, `owner`, `premium`, `user`, or one of the
        application's own; "" without any."""
        return strongest(self.principal.scopes)

    @overload
    def get(self, key: str) -> object | None: ...

    @overload
    def get(self, key: str, default: D) -> object | D: ...

    def get(self, key: str, default: object = None) -> object:
        """What a tool or hook noted under `key` earlier in this run; `auth_scope` is there from the beginning."""
        noted = self._port.values
        if key == "auth_scope" and key not in noted:
            return self.auth_scope or default
        return noted.get(key, default)

    def set(self, key: str, value: object) -> None:
        """Note something for the tools and hooks that run later in this run."""
        self._port.values[key] = value

    def track_usage(self, credits: int, reason: str = "") -> None:
        """Put credits on the run's bill. Raises ValueError for anything but a whole number from 0 on."""
        self._do(lambda: self._port.usage.add(credits, reason))

    def get_usage(self) -> Report:
        """What the run has used so far: `total_credits`, `total_tokens`, and `items` of credits and reasons."""
        return self._do(self._port.usage.report)

    def count(self, tokens: int, charges: tuple[Charge, ...], output: int = 0) -> None:
        """Put what somebody else used on behalf of this run on its bill; see Usage."""
        self._home.run(lambda: self._port.usage.include(tokens, charges, output=output))

    @property
    def asking(self) -> tuple[str, ...]:
        """The agents on whose behalf somebody is asked from here: this one last."""
        return (*self._port.asked_by, self.agent) if self.agent else tuple(self._port.asked_by)

    @property
    def values(self) -> MutableMapping[str, object]:
        """What `get` and `set` look at."""
        return self._port.values

    @property
    def skills(self) -> "Mapping[str, Skill]":
        """The agent's skills by key."""
        return self.agent_object.skills if self.agent_object is not None else {}

    def get_skill(self, name: str) -> "Skill | None":
        """One of the agent's skills, None when it has none of that key."""
        return self.skills.get(name)

    def get_llm_skill(self) -> "ModelSkill | None":
        """The model that answers, as a skill; None for a model that was given as an object of AG2's."""
        return self.agent_object.llm_skill if self.agent_object is not None else None
