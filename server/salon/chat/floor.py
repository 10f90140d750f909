"""Who speaks next, and why. The decision is AG2's: its workflow reducer over a transition graph, one fold per turn.

A floor lives for one run. It is pure: no I/O, no clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ag2 import AgentReply
from ag2.events import BaseEvent
from ag2.network import (
    EV_CONTEXT_SET,
    EV_PACKET,
    EV_TEXT,
    ChannelMetadata,
    ChannelState,
    Envelope,
    Participant,
    ParticipantRole,
    TransitionDecision,
    TransitionGraph,
    WorkflowAdapter,
    register_target,
)
from ag2.network.adapters.workflow import WorkflowState

from salon.contracts.events import ChosenBy, Rule

PEOPLE = "people"
"""The people of a room are one participant of the reducer: the floor is theirs between runs."""

_ADAPTER = WorkflowAdapter()  # stateless: the state is handed in and out


@dataclass(slots=True)
class HeldFloor:
    """The next of those who were named; else, when people spoke, whoever holds the floor; else the people."""

    host: str
    name: ClassVar[str] = "salon_held_floor"

    def resolve(self, state: WorkflowState, envelope: Envelope) -> TransitionDecision:
        """AG2's question: who speaks after this envelope?"""
        named = state.context_vars.get("named")
        if named:
            return TransitionDecision(next_speaker=named[0])
        if envelope.sender_id == PEOPLE:
            return TransitionDecision(next_speaker=state.context_vars.get("holder") or self.host)
        return TransitionDecision(next_speaker=PEOPLE)


register_target(HeldFloor)


@dataclass(frozen=True, slots=True)
class Routing:
    """What a turn decided about the floor: whom it hands over to and why, or why that was refused, or nothing."""

    target: str | None = None
    reason: str = ""
    refused: str | None = None


class Floor:
    """The floor during one run.

    Args:
        host: who speaks when nobody else holds the floor.
        handoffs: for each agent, those it may hand over to.
        holder: who holds the floor from the last run.
    """

    def __init__(self, host: str, handoffs: Mapping[str, Sequence[str]], holder: str | None) -> None:
        self._host = host
        self._handoffs = handoffs
        self._holder = holder if holder in handoffs else None
        self._passed: set[tuple[str, str]] = set()
        self._why = ChosenBy(rule="host")
        graph = TransitionGraph(initial_speaker=PEOPLE, default_target=HeldFloor(host))
        order = [PEOPLE, *handoffs]
        self._meta = ChannelMetadata(
            channel_id="run",
            manifest=_ADAPTER.manifest,
            creator_id=PEOPLE,
            state=ChannelState.ACTIVE,
            created_at="",
            participants=[Participant(n, ParticipantRole.PARTICIPANT, i) for i, n in enumerate(order)],
            knobs={"graph": graph.to_dict()},
        )
        self._state = _ADAPTER.initial_state(self._meta)

    @property
    def speaker(self) -> str | None:
        """Who speaks next; None when the floor is the people's."""
        speaker = self._state.expected_next_speaker
        return None if speaker == PEOPLE else speaker

    @property
    def why(self) -> ChosenBy:
        """Why it is them."""
        return self._why

    def people_spoke(self, named: Sequence[str], rule: Rule, by: str) -> None:
        """People said something; `named` must answer, in that order, or else whoever holds the floor."""
        self._fold(
            PEOPLE, EV_CONTEXT_SET, {"set": {"named": list(named), "rule": rule, "by": by, "holder": self._holder}}
        )
        self._fold(PEOPLE, EV_TEXT, {"text": ""})
        candidates = list(self._handoffs)
        if named:
            self._why = ChosenBy(rule=rule, by=by, candidates=candidates)
        elif self._holder is not None and self._holder != self._host:
            self._why = ChosenBy(rule="sticky", reason="holds the floor since its last turn", candidates=candidates)
        else:
            self._why = ChosenBy(rule="host", candidates=candidates)

    def refusal(self, source: str, target: str) -> str | None:
        """Why a hand-off may not be made, in words for the model; None when it may."""
        if target not in self._handoffs:
            known = ", ".join(self._handoffs[source]) or "nobody"
            return f"There is no agent named {target!r}. You can hand over to: {known}."
        if target == source:
            return "You have the floor already. Answer yourself."
        if (source, target) in self._passed:
            return f"You have handed this to {target} before and it came back. Answer yourself now."
        return None

    def spoke(self, agent: str, reply: "AgentReply[Any, Any]", events: Sequence[BaseEvent]) -> Routing:
        """An agent's turn is over: let the reducer decide from what it did. Returns what it decided."""
        envelope = _ADAPTER.build_round_envelope(
            metadata=self._meta,
            sender_id=agent,
            reply=reply,
            events=list(events),
            state=self._state,
            hub=self,  # type: ignore[arg-type]  # only name_to_id_map is asked of it
        )
        routing: dict[str, str] = envelope.event_data["routing"] if envelope is not None else {"kind": "text"}
        if routing["kind"] == "finish":
            self._fold(agent, EV_PACKET, {"routing": routing})
            return Routing(reason=routing.get("reason", ""))
        if routing["kind"] == "handoff":
            target, reason = routing.get("target", ""), routing.get("reason", "")
            if refused := self.refusal(agent, target):
                return Routing(refused=refused)
            self._passed.add((agent, target))
            self._packet(agent, routing, named=self._named_after(agent))
            self._why = ChosenBy(
                rule="handoff", by=agent, reason=reason or None, candidates=list(self._handoffs[agent])
            )
            return Routing(target=target, reason=reason)
        self._end_turn(agent)
        return Routing()

    def give(self, agent: str, by: str) -> None:
        """A person chose who speaks next: whatever was to come, it is them."""
        if self.speaker is None:
            self.people_spoke([agent], "person", by)
        else:
            self._packet(self.speaker, {"kind": "text"}, named=[agent])
        self._why = ChosenBy(rule="person", by=by, candidates=list(self._handoffs))

    def _end_turn(self, agent: str) -> None:
        """A turn ended without a hand-off: the next of those named speaks, or the floor is the people's."""
        self._packet(agent, {"kind": "text"}, named=self._named_after(agent))
        if self.speaker is not None:
            rule: Rule = self._state.context_vars["rule"]
            self._why = ChosenBy(rule=rule, by=self._state.context_vars["by"], candidates=list(self._handoffs))

    def _named_after(self, agent: str) -> list[str]:
        """Those who were named and have yet to answer once `agent` has spoken."""
        named = list(self._state.context_vars.get("named") or ())
        return named[1:] if named[:1] == [agent] else named

    def name_to_id_map(self) -> dict[str, str]:
        """What AG2's reducer asks of a hub: agents are known by their names."""
        return {name: name for name in self._handoffs}

    def _packet(self, agent: str, routing: Mapping[str, str], *, named: list[str]) -> None:
        updates = {"set": {"named": named}, "delete": []}
        self._fold(agent, EV_PACKET, {"routing": dict(routing), "context_updates": updates, "body": ""})

    def _fold(self, sender: str, kind: str, data: dict[str, Any]) -> None:
        envelope = Envelope("run", sender, None, kind, data)
        _ADAPTER.validate_send(self._meta, envelope, self._state)
        self._state = _ADAPTER.fold(envelope, self._state)
