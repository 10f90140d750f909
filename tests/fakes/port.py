"""A TurnPort without a room: it keeps what tools put there and gives prepared answers to what they ask."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from salon.billing.usage import Usage
from salon.contracts.components import Screen
from salon.contracts.events import Guarded, GuardedKind, MsgDone, Resolved, UiPut
from salon.contracts.patch import apply_patch
from salon.contracts.runs import Principal
from salon.contracts.types import Json, Obj, Part, PatchOp
from salon.errors import SalonError


@dataclass(frozen=True)
class Question:
    """What was asked of people."""

    reason: str
    message: str
    schema: Obj | None
    call: str | None
    timeout: float | None


@dataclass
class FakePort:
    """`answers` are given in turn: a value resolves, `"declined"` and `"expired"` are what they say."""

    answers: list[Json] = field(default_factory=list)
    room: str = "room"
    run: str = "run"
    turn: str = "turn"
    agent: str = "agent"
    principal: Principal = field(default_factory=lambda: Principal("ann"))
    values: dict[str, object] = field(default_factory=dict)
    surfaces: dict[str, UiPut] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    customs: list[tuple[str, Json]] = field(default_factory=list)
    refused: list[tuple[Guarded, GuardedKind, str]] = field(default_factory=list)
    drawable: list[str] = field(default_factory=list)
    forbidden: dict[str, str] = field(default_factory=dict)
    a2ui_surfaces: dict[str, list[Obj]] = field(default_factory=dict)
    shared: Json = field(default_factory=dict)
    said: list[Part] = field(default_factory=list)
    messages: list[MsgDone] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    asked_by: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)

    def asked(self) -> list[Part]:
        return self.said

    def unanswered(self) -> list[MsgDone]:
        return self.messages

    def withdraw(self, message: str) -> None:
        self.withdrawn.append(message)

    def put(self, component: str, props: Obj, *, surface: str | None = None, catalog: str | None = None) -> str:
        key = surface or f"ui_{len(self.surfaces) + 1}"
        version = self.surfaces[key].version + 1 if key in self.surfaces else 1
        self.surfaces[key] = UiPut(
            event="ui.put",
            surface=key,
            owner=self.agent,
            component=component,
            props=props,
            version=version,
            catalog=catalog,
        )
        return key

    def a2ui(self, messages: Sequence[Obj], *, surface: str | None = None) -> str:
        key = surface or f"ui_{len(self.a2ui_surfaces) + 1}"
        self.a2ui_surfaces[key] = [*messages]
        return key

    def patch(self, surface: str, ops: Sequence[PatchOp]) -> None:
        shown = self.surfaces.get(surface)
        if shown is None:
            raise SalonError("not_found", f"there is no surface {surface!r}")
        props = apply_patch(shown.props, ops)
        assert isinstance(props, dict)
        self.surfaces[surface] = shown.model_copy(update={"props": props, "version": shown.version + 1})

    def remove(self, surface: str) -> None:
        del self.surfaces[surface]

    def surface(self, surface: str) -> UiPut | None:
        return self.surfaces.get(surface)

    def state(self) -> Json:
        return self.shared

    def patch_state(self, ops: Sequence[PatchOp]) -> None:
        self.shared = apply_patch(self.shared, ops)

    def blocked(self, where: Guarded, kind: GuardedKind, reason: str) -> None:
        self.refused.append((where, kind, reason))

    def custom(self, name: str, value: Json) -> None:
        self.customs.append((name, value))

    @property
    def screens(self) -> list[Screen]:
        return [Screen(frozenset(self.drawable))]

    def refuse_handoff(self, target: str) -> str | None:
        return self.forbidden.get(target)

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
        self.questions.append(Question(reason, message, response_schema, call, timeout))
        answer = self.answers.pop(0)
        if answer == "declined":
            return Resolved(event="interrupt.resolved", interrupt="ask", status="cancelled")
        if answer == "expired":
            return Resolved(event="interrupt.resolved", interrupt="ask", status="expired")
        return Resolved(event="interrupt.resolved", interrupt="ask", status="resolved", by="ann", value=answer)

    def shown(self, component: str) -> list[UiPut]:
        """The surfaces of one kind."""
        return [surface for surface in self.surfaces.values() if surface.component == component]
