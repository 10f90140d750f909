"""The port between a room and whoever answers in it.

A room starts runs and is the only writer of its log; a responder (the group chat) decides who speaks and what happens,
and asks the room to append it. Neither knows the other's module.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Literal, Protocol

from salon.contracts.components import Screen
from salon.contracts.events import FloorGiven, Interrupted, Resolved, RoomEvent, Rule, ToolDone, ToolReady, UiPut
from salon.contracts.types import AgentCard, ClientTool, Json, Obj

ANONYMOUS = "anonymous"
"""Whoever nobody has named. They are one user: what one of them keeps, all of them see."""

CLAIMED = "api:"
"""How the name begins of a user whom only a request's body names: nobody checked it."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts.

    `user` is stable for a person or program; `scopes` says what it may do (empty: everything open to all); `tenant` is
    the customer it belongs to, whose agents it may see.
    """

    user: str
    name: str | None = None
    scopes: frozenset[str] = frozenset()
    tenant: str | None = None


def is_known(user: str) -> bool:
    """Whether somebody vouches for who this is: then something may be remembered of them."""
    return user != ANONYMOUS and not user.startswith(CLAIMED)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a caller wants the models of one run to answer; None leaves a setting to the agent, then to the vendor.

    `response_format` and `tool_choice` are in OpenAI's shape. `max_tokens` counts answer tokens.
    """

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    response_format: Mapping[str, object] | None = None
    tool_choice: str | Mapping[str, object] | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: str | None = None

    def given(self) -> dict[str, object]:
        """The fields that are set, by name."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name)) is not None}

    def over(self, other: "Sampling") -> "Sampling":
        """These overrides on top of `other`."""
        return replace(other, **self.given())  # type: ignore[arg-type]  # the values come from our own fields


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrder:
    """What a room wants answered; `asked` is the id of the message that asks, if one does.

    `speakers` must speak, in that order and for `rule`; without them the floor decides. `tools` are run by the caller:
    with `calls_end_run` a call of one of them ends the run (a program's next request brings the result), else it pauses
    the turn until `tool_result`. `instructions` are added to every agent's prompt for this run. `responder` answers in
    place of the room's own. `whole`: the caller has sent the whole conversation, so nothing of it is left out unless an
    agent's own memory strategy says so. `asked_by` names the agents on whose behalf this is asked, outermost first.
    `values` is where tools note things for each other, the run's own by default; `account` is told in the end, however
    it comes, what the run used.
    """

    run: str
    principal: Principal
    cause: str | None = None
    asked: str | None = None
    speakers: tuple[str, ...] = ()
    rule: Rule = "mention"
    tools: tuple[ClientTool, ...] = ()
    calls_end_run: bool = False
    sampling: Sampling = field(default_factory=Sampling)
    instructions: tuple[str, ...] = ()
    responder: "Responder | None" = None
    whole: bool = False
    asked_by: tuple[str, ...] = ()
    values: MutableMapping[str, object] | None = None
    account: "Account | None" = None


@dataclass(frozen=True, slots=True)
class Charge:
    """Credits of a run, and what for; `tokens` says that they are the price of a model's tokens."""

    credits: int
    reason: str
    tokens: bool = False


Account = Callable[[int, tuple[Charge, ...], int], None]
"""Takes what was used: all tokens, the charges, and how many of the tokens were written by models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """How a run ended.

    `calls` are those the caller must answer; `finish_reason` is the last model call's own word; `charges` is what the
    run cost, in credits.
    """

    outcome: Literal["success", "interrupt", "cancelled", "error"]
    reason: str | None = None
    error: str | None = None
    finish_reason: str | None = None
    calls: tuple[ToolReady, ...] = ()
    usage: Mapping[str, int] = field(default_factory=dict)
    charges: tuple[Charge, ...] = ()


class Stage(Protocol):
    """What a run may ask of its room. Everything but the two questions is immediate and cannot fail."""

    @property
    def room(self) -> str:
        """The room's id."""

    @property
    def screens(self) -> Collection[Screen]:
        """What those who watch the room now can draw."""

    @property
    def floor(self) -> str | None:
        """The agent that holds the floor since the last run, if any."""

    def transcript(self) -> Sequence[RoomEvent]:
        """The durable events a model's memory is made of, oldest first, bounded."""

    def opening(self) -> Sequence[RoomEvent]:
        """How the conversation began: its first such events, whether or not the transcript still has them."""

    def summary(self) -> str | None:
        """What is known of those that left the transcript, if anything."""

    def surface(self, surface: str) -> UiPut | None:
        """A surface as it is now."""

    def state(self) -> Json:
        """The room's shared state as it is now; not to be changed in place."""

    @property
    def version(self) -> int:
        """The version of the shared state."""

    def append(self, event: RoomEvent) -> int:
        """Append to the log and return the event's `seq`.

        Raises SalonError when the event cannot hold (a patch that does not apply): then nothing was appended.
        """

    async def ask(self, question: Interrupted) -> Resolved:
        """Put a question to people and wait for the answer, its expiry or the run's cancellation."""

    async def call_client(self, ready: ToolReady) -> ToolDone:
        """Let a client run one of its tools and wait for the result."""

    def choice(self) -> FloorGiven | None:
        """A person's choice of the next speaker made since this run began; taking it clears it."""

    def steering(self) -> Sequence[str]:
        """What people said into this run since the last call (`when_busy: steer`); taking it clears it."""


Recall = Callable[[Principal], Awaitable[str | None]]
"""What agents are told of the person who asks, as a part of their prompt, if anything. May raise: then nothing."""


class Responder(Protocol):
    """Whoever answers in a room: a team of agents."""

    @property
    def team(self) -> str:
        """The team's name."""

    def roster(self) -> list[AgentCard]:
        """The agents that may be addressed."""

    def tools(self) -> Mapping[str, str]:
        """Names of the agents' own tools, each with an agent that has it."""

    async def respond(self, stage: Stage, order: RunOrder) -> RunOutcome:
        """Answer until the floor is the people's again.

        Never raises for what a model, tool or agent does wrong: that is an outcome. Cancelling the task cancels the
        model call; the room then closes what is still open in the log.
        """


@dataclass(frozen=True, slots=True)
class Receipt:
    """The effect of an action: `seq` in the log, and a result for the actor."""

    seq: int | None = None
    result: Obj | None = None
    duplicate: bool = False
