"""What a tool may do in its room during a turn: surfaces, shared state, questions to people."""

from collections.abc import Callable, Collection, MutableMapping, Sequence
from contextlib import AbstractContextManager
from typing import Literal

from salon.billing.usage import Usage
from salon.clock import Clock
from salon.contracts.components import Screen
from salon.contracts.events import (
    AgentStatus,
    Custom,
    Guarded,
    GuardedKind,
    GuardrailBlocked,
    Interrupted,
    MsgDone,
    MsgRemoved,
    Resolved,
    StatePatched,
    UiA2ui,
    UiPatch,
    UiPut,
    UiRemoved,
)
from salon.contracts.runs import Principal, Stage
from salon.contracts.types import Json, Obj, Part, PatchOp
from salon.errors import SalonError
from salon.ids import new_id


class RoomPort:
    """The TurnPort of one turn.

    Args:
        patience: suspends the turn's time limit while people are asked.
        refuse_handoff: says in words for the model why a hand-off may not be made.
    """

    def __init__(
        self,
        stage: Stage,
        *,
        run: str,
        turn: str,
        agent: str,
        principal: Principal,
        values: MutableMapping[str, object],
        usage: Usage,
        asked_by: Sequence[str],
        clock: Clock,
        patience: Callable[[], AbstractContextManager[None]],
        refuse_handoff: Callable[[str], str | None],
    ) -> None:
        self.room = stage.room
        self.run = run
        self.turn = turn
        self.agent = agent
        self.principal = principal
        self.values = values
        self.usage = usage
        self.asked_by = asked_by
        self._stage = stage
        self._clock = clock
        self._patience = patience
        self._refuse_handoff = refuse_handoff

    @property
    def screens(self) -> Collection[Screen]:
        """What those who watch the room now can draw."""
        return self._stage.screens

    def asked(self) -> list[Part]:
        """What people said since the agents last finished speaking."""
        return [part for message in self.unanswered() for part in message.parts]

    def unanswered(self) -> list[MsgDone]:
        """The same, message by message."""
        messages: list[MsgDone] = []
        for event in reversed(self._stage.transcript()):
            if not isinstance(event, MsgDone):
                continue
            if event.author.role == "user":
                messages.insert(0, event)
            elif event.run != self.run:
                break
        return messages

    def withdraw(self, message: str) -> None:
        """Take a message back, for readers and for the models' memory."""
        self._stage.append(MsgRemoved(event="message.removed", message=message))

    def put(self, component: str, props: Obj, *, surface: str | None = None, catalog: str | None = None) -> str:
        """Show a surface, or replace the one of that id."""
        key = surface or new_id("ui")
        old = self._stage.surface(key)
        self._stage.append(
            UiPut(
                event="ui.put",
                surface=key,
                owner=old.owner if old else self.agent,
                component=component,
                props=props,
                version=old.version + 1 if old else 1,
                catalog=catalog,
            )
        )
        return key

    def a2ui(self, messages: Sequence[Obj], *, surface: str | None = None) -> str:
        """Show a surface that A2UI messages describe, or replace the one of that id."""
        key = surface or new_id("ui")
        self._stage.append(UiA2ui(event="ui.a2ui", surface=key, owner=self.agent, messages=[*messages]))
        return key

    def patch(self, surface: str, ops: Sequence[PatchOp]) -> None:
        """Change a surface's props."""
        shown = self._stage.surface(surface)
        if shown is None:
            raise SalonError("not_found", f"there is no surface {surface!r}")
        self._stage.append(UiPatch(event="ui.patch", surface=surface, ops=[*ops], version=shown.version + 1))

    def remove(self, surface: str) -> None:
        """Take a surface away."""
        self._stage.append(UiRemoved(event="ui.removed", surface=surface))

    def surface(self, surface: str) -> UiPut | None:
        """A surface as it is now."""
        return self._stage.surface(surface)

    def state(self) -> Json:
        """The room's shared state."""
        return self._stage.state()

    def patch_state(self, ops: Sequence[PatchOp]) -> None:
        """Change the room's shared state."""
        self._stage.append(StatePatched(event="state.patched", ops=[*ops], version=self._stage.version + 1))

    def blocked(self, where: Guarded, kind: GuardedKind, reason: str) -> None:
        """Tell everyone that a guardrail let something not pass."""
        self._stage.append(
            GuardrailBlocked(event="guardrail.blocked", where=where, kind=kind, reason=reason, agent=self.agent)
        )

    def custom(self, name: str, value: Json) -> None:
        """An event of the application's own."""
        self._stage.append(Custom(event="custom", name=name, value=value))

    def refuse_handoff(self, target: str) -> str | None:
        """Why the floor may not be passed to `target`, in words for the model; None when it may."""
        return self._refuse_handoff(target)

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
        """Put a question to people and wait. `timeout` is in seconds; the turn's own limit stands still meanwhile."""
        question = Interrupted(
            event="interrupt.opened",
            interrupt=new_id("ask"),
            run=self.run,
            agent=self.agent,
            reason=reason,
            message=message,
            call=call,
            response_schema=response_schema,
            expires_at=self._clock.time() + timeout if timeout is not None else None,
            allowed=list(allowed) if allowed is not None else None,
        )
        self._status("waiting")
        with self._patience():
            answer = await self._stage.ask(question)
        self._status("thinking")
        return answer

    def _status(self, status: Literal["waiting", "thinking"]) -> None:
        self._stage.append(AgentStatus(event="agent.status", agent=self.agent, status=status, run=self.run))
