"""A run of the group chat: turn after turn until the floor is the people's again."""

import asyncio
from collections import Counter
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, replace

import structlog

from salon.agents.compiled.build import Built
from salon.billing.usage import Usage
from salon.chat.floor import Floor
from salon.chat.team import Team
from salon.chat.turns.turn import Turn, TurnEnd, TurnLimits
from salon.clock import Clock
from salon.contracts.events import Handoff
from salon.contracts.runs import Principal, Recall, RunOrder, RunOutcome, Stage
from salon.contracts.types import AgentCard

log = structlog.get_logger(__name__)

RECALLED_WITHIN = 5.0
"""Seconds that agents wait for what is known of the person who asks."""


@dataclass(frozen=True, slots=True)
class ChatLimits:
    """`rounds`: how many turns a run may take; `turn`: what holds for each."""

    rounds: int = 10
    turn: TurnLimits = field(default_factory=TurnLimits)


@dataclass(slots=True)
class _Run:
    """What the turns of one run share; `spoken` has the last turn of each agent that had one."""

    order: RunOrder
    known: str | None
    usage: Counter[str] = field(default_factory=Counter)
    values: MutableMapping[str, object] = field(default_factory=dict)
    bill: Usage = field(default_factory=Usage)
    spoken: dict[str, Turn] = field(default_factory=dict)


class GroupChat:
    """A team that answers in rooms: the Responder of a room. One serves any number of rooms at once.

    Args:
        cast: the team's agents, ready to speak, by name.
        recall: what they are told of the person who asks.
    """

    def __init__(
        self,
        team: Team,
        cast: Mapping[str, Built],
        *,
        limits: ChatLimits,
        clock: Clock,
        recall: Recall | None = None,
    ) -> None:
        self._team = team
        self._cast = cast
        self._limits = limits
        self._clock = clock
        self._recall = recall
        self._handoffs = {name: [spec.target for spec in team.handoffs(name)] for name in team.agents}

    @property
    def team(self) -> str:
        """The team's name."""
        return self._team.name

    def roster(self) -> list[AgentCard]:
        """The agents that may be addressed."""
        return self._team.roster()

    def tools(self) -> Mapping[str, str]:
        """Names of the agents' own tools, each with an agent that has it."""
        return {name: built.name for built in self._cast.values() for name in built.tools}

    async def respond(self, stage: Stage, order: RunOrder) -> RunOutcome:
        """Answer until the floor is the people's again."""
        run = _Run(order, known=await self._known(order.principal))
        if order.values is not None:
            run.values = order.values
        outcome = "cancelled"
        try:
            ended = await self._answer(stage, run)
            outcome = ended.outcome
            return replace(ended, usage=run.usage, charges=run.bill.charges)
        finally:
            try:
                for turn in run.spoken.values():
                    await turn.finalize(outcome)
            finally:
                if order.account is not None:
                    order.account(run.bill.total_tokens, run.bill.charges, run.bill.output_tokens)

    async def _answer(self, stage: Stage, run: "_Run") -> RunOutcome:
        order = run.order
        floor = Floor(self._team.host, self._handoffs, stage.floor)
        floor.people_spoke(order.speakers, order.rule, order.principal.user)
        finish_reason: str | None = None
        rounds = 0
        while (speaker := floor.speaker) is not None:
            rounds += 1
            if rounds > self._limits.rounds:
                reason = f"the agents took {self._limits.rounds} turns and did not come to an end"
                return RunOutcome(outcome="error", reason=reason, error="agent_error")
            end = await self._turn(stage, run, floor, speaker)
            run.usage.update(end.usage)
            finish_reason = end.finish_reason or finish_reason
            if end.error is not None:
                return RunOutcome(outcome="error", reason=end.reason, error=end.error)
            if end.calls:
                return RunOutcome(outcome="interrupt", finish_reason="tool_calls", calls=tuple(end.calls))
            if (choice := stage.choice()) is not None:
                floor.give(choice.agent, choice.by)
        return RunOutcome(outcome="success", finish_reason=finish_reason)

    async def _known(self, who: Principal) -> str | None:
        if self._recall is None:
            return None
        try:
            async with asyncio.timeout(RECALLED_WITHIN):
                return await self._recall(who)
        except Exception as error:  # an agent that does not know is better than none
            log.warning("facts.not_recalled", exc_info=error)
            return None

    async def _turn(self, stage: Stage, run: "_Run", floor: Floor, speaker: str) -> TurnEnd:
        order = run.order
        turn = Turn(
            stage,
            order,
            self._cast[speaker],
            limits=self._limits.turn,
            clock=self._clock,
            refuse_handoff=lambda target: floor.refusal(speaker, target),
            values=run.values,
            bill=run.bill,
            first=speaker not in run.spoken,
            known=run.known,
        )
        run.spoken[speaker] = turn
        end = await turn.speak(floor.why)
        if end.reply is None:
            turn.finish("error", end.reason)
        elif end.calls:
            turn.finish("interrupt", "a tool of the caller's is to be run")
        else:
            routing = floor.spoke(speaker, end.reply, end.events)
            if routing.refused is not None:
                turn.finish("error", routing.refused)
                return TurnEnd(error="agent_error", reason=routing.refused, usage=end.usage)
            if routing.target is not None:
                turn.finish("handoff")
                stage.append(
                    Handoff(
                        event="agent.handoff",
                        source=speaker,
                        target=routing.target,
                        run=order.run,
                        reason=routing.reason or None,
                    )
                )
            else:
                turn.finish("success", routing.reason or None)
        return end
