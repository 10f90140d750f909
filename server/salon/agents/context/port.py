"""What a turn's tools may ask of their room; the group chat gives it, and AG2 carries it as a dependency."""

from collections.abc import Collection, MutableMapping, Sequence
from typing import Protocol

from salon.billing.usage import Usage
from salon.contracts.components import Screen
from salon.contracts.events import Guarded, GuardedKind, MsgDone, Resolved, UiPut
from salon.contracts.runs import Principal
from salon.contracts.types import Json, Obj, Part, PatchOp


class TurnPort(Protocol):
    """The room as one turn sees it. Everything but `ask` is immediate, and must be called in the event loop."""

    @property
    def room(self) -> str:
        """The room's id."""

    @property
    def run(self) -> str:
        """The run's id."""

    @property
    def turn(self) -> str:
        """The turn's id."""

    @property
    def agent(self) -> str:
        """Whose turn it is."""

    @property
    def principal(self) -> Principal:
        """Who is being answered."""

    @property
    def values(self) -> MutableMapping[str, object]:
        """What tools note for each other during one run; shared by its turns, gone with it."""

    @property
    def usage(self) -> Usage:
        """What the run has used so far; shared by its turns."""

    @property
    def screens(self) -> Collection[Screen]:
        """What those who watch the room now can draw."""

    @property
    def asked_by(self) -> Sequence[str]:
        """The agents on whose behalf this one was asked, outermost first."""

    def asked(self) -> Sequence[Part]:
        """What people said that is being answered."""

    def unanswered(self) -> Sequence[MsgDone]:
        """The same, message by message."""

    def withdraw(self, message: str) -> None:
        """Take a message back, for readers and for the models' memory."""

    def put(self, component: str, props: Obj, *, surface: str | None = None, catalog: str | None = None) -> str:
        """Show a surface, or replace the one of that id; returns its id."""

    def a2ui(self, messages: Sequence[Obj], *, surface: str | None = None) -> str:
        """Show a surface that A2UI messages describe, or replace the one of that id; returns its id."""

    def patch(self, surface: str, ops: Sequence[PatchOp]) -> None:
        """Change a surface's props. Raises SalonError when there is none or the patch does not apply."""

    def remove(self, surface: str) -> None:
        """Take a surface away."""

    def surface(self, surface: str) -> UiPut | None:
        """A surface as it is now."""

    def state(self) -> Json:
        """The room's shared state; not to be changed in place."""

    def patch_state(self, ops: Sequence[PatchOp]) -> None:
        """Change the room's shared state."""

    def blocked(self, where: Guarded, kind: GuardedKind, reason: str) -> None:
        """Tell everyone that a guardrail let something not pass."""

    def custom(self, name: str, value: Json) -> None:
        """An event of the application's own."""

    def refuse_handoff(self, target: str) -> str | None:
        """Why the floor may not be passed to `target`, in words for the model; None when it may."""

    async def ask(
        self,
        *,
        reason: str,
        message: str,
        response_schema: Obj | None = None,
        call: str | None = None,
        timeout: float | None = None,
        allowed: Sequence[str] | None = None,
    ) -> Resolved:
        """Put a question to people and wait; `timeout` in seconds, `allowed` the users who may answer."""
