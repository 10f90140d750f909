"""The agents of a recording, played by mocks: each says and calls again what it did, in order, one turn for each of its
model's answers.

Their tools are the recorded ones too: a call asks people what it asked, shows the surfaces that it showed, and gives
what it gave.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from salon.agents.agent import Agent
from salon.agents.context.context import Context, NoAnswer
from salon.agents.tools.schema import Signature
from salon.agents.tools.tool import ToolSpec
from salon.chat.team import Team
from salon.contracts.events import (
    Entry,
    Handoff,
    Interrupted,
    MsgDone,
    RoomOpened,
    ToolDone,
    ToolReady,
    TurnStarted,
    UiPatch,
    UiPut,
)
from salon.contracts.types import AgentCard, Json, Obj, PatchOp, TextPart
from salon.models.mock.scenario import Scenario
from salon.runtime.recorded.file import Recording


@dataclass(slots=True)
class _Call:
    """One recorded call: what it was given, what it asked and showed, and what it gave."""

    ready: ToolReady
    steps: list[Interrupted | UiPut | UiPatch] = field(default_factory=list)
    output: Json = None


def cast(recording: Recording) -> Team:
    """The team of a recording. Raises ValueError when it tells of no agents, or of some that cannot be."""
    opened = next((e.body for e in recording.entries if isinstance(e.body, RoomOpened)), None)
    if opened is None or not opened.roster:
        raise ValueError("it does not tell who was in the room; record it from its beginning")
    turns, calls = _turns(recording.entries)
    agents = [_agent(card, turns[card.id], calls[card.id]) for card in opened.roster]
    host = next((card.id for card in opened.roster if card.host), opened.roster[0].id)
    everyone = [card.id for card in opened.roster]
    return Team(opened.team, agents, host=host, handoffs={a: [b for b in everyone if b != a] for a in everyone})


def _agent(card: AgentCard, turns: Sequence[Obj], calls: Sequence[_Call]) -> Agent:
    by_name: defaultdict[str, list[_Call]] = defaultdict(list)
    for call in calls:
        by_name[call.ready.name].append(call)
    return Agent(
        card.id,
        card.description or f"You are {card.id}.",
        model="mock",
        tools=[_tool(name, made) for name, made in by_name.items()],
        scenario=Scenario.of(turns),
    )


def _tool(name: str, calls: Sequence[_Call]) -> ToolSpec:
    """A tool that gives what its calls gave, one after the other, and then the last again."""
    given: Obj = {key: {} for call in calls if isinstance(call.ready.args, dict) for key in call.ready.args}
    parameters: Obj = {"type": "object", "properties": given}
    left = deque(calls)

    async def play(context: Context, **_given: object) -> Json:
        call = left.popleft() if len(left) > 1 else left[0]
        for step in call.steps:
            match step:
                case Interrupted(reason="approval"):
                    if not await context.approve(step.message or ""):
                        raise NoAnswer("The user declined.")
                case Interrupted():
                    await context.input(step.message or "", schema=step.response_schema or {})
                case UiPut():
                    context.put(step.component, step.props, surface=step.surface)
                case UiPatch() if context.surface(step.surface) is not None:
                    ops: list[PatchOp | Obj] = [*step.ops]
                    context.patch(step.surface, ops)
        return call.output

    signature = replace(Signature.of_schema(parameters), context="context")
    function: Callable[..., object] = play
    return ToolSpec(
        name=name,
        description=f"{name.replace('_', ' ')}, as in the recording.",
        function=function,
        signature=signature,
        scopes=frozenset(),
        approval=False,
        timeout=None,
    )


def _turns(entries: Sequence[Entry]) -> tuple[dict[str, list[Obj]], dict[str, list[_Call]]]:
    """What each agent did: its model's answers as a scenario has them, and its calls."""
    turns: defaultdict[str, list[Obj]] = defaultdict(list)
    calls: defaultdict[str, list[_Call]] = defaultdict(list)
    open_: dict[str, _Call] = {}
    answered = True  # whether the next call belongs to a new answer of the model
    for entry in entries:
        match entry.body:
            case TurnStarted():
                answered = True
            case MsgDone() as done if done.author.role == "agent":
                said = "".join(part.text for part in done.parts if isinstance(part, TextPart))
                turns[done.author.id].append({"say": said})
                answered = False
            case ToolReady(where="server") as ready if ready.agent is not None:
                call: Obj = {"name": ready.name, "args": ready.args if isinstance(ready.args, dict) else {}}
                mine = turns[ready.agent]
                if answered or not mine:
                    mine.append({})
                made = mine[-1].setdefault("calls", [])
                if isinstance(made, list):
                    made.append(call)
                answered = False
                open_[ready.call] = _Call(ready)
                calls[ready.agent].append(open_[ready.call])
            case ToolDone() as result if result.call in open_:
                open_.pop(result.call).output = result.output
                answered = True
            case Interrupted() as question if question.call in open_:
                open_[question.call].steps.append(question)
            case UiPut() | UiPatch() as shown if open_:
                open_[next(reversed(open_))].steps.append(shown)
            case Handoff() as handoff:
                passed: Obj = {"handoff": handoff.target, "reason": handoff.reason or ""}
                mine = turns[handoff.source]
                if mine and not answered and "calls" not in mine[-1]:
                    mine[-1].update(passed)
                else:
                    mine.append(passed)
                answered = True
            case _:
                pass
    return turns, calls
