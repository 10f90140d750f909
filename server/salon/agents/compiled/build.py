"""Compiles an agent to an `ag2.Agent` that all rooms share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import ag2
from ag2.annotations import Context as Ag2Context
from ag2.config import ModelConfig
from ag2.events import HumanInputRequest
from ag2.tools.tool import Tool

from salon.agents.agent import Agent
from salon.agents.arguments import Model
from salon.agents.compiled.toolbox import Toolbox, port_of
from salon.agents.handoff import HandoffSpec
from salon.agents.tools.tool import ToolSpec
from salon.models.config import with_sampling
from salon.models.mock.scenario import Scenario
from salon.models.resolve import Resolved


class Resolve(Protocol):
    """Finds the model that an agent names, as `salon.models.resolve.Models.resolve` does."""

    def __call__(
        self,
        model: Model | None,
        /,
        *,
        provider: str | None,
        api_key: str | None,
        base_url: str | None,
        scenario: Scenario | None,
    ) -> Resolved:
        """Raises InvalidModel or MissingExtra when the model cannot be used."""


@dataclass(frozen=True, slots=True)
class Built:
    """A compiled agent. One is enough for all rooms and concurrent turns; each turn brings its own stream and its port:
    `built.ag2.ask(…, stream=…, dependencies={TurnPort: port})`.

    Args:
        agent: what it was made from.
        ag2: the AG2 agent.
        prompt: the system prompt.
        config: the model's configuration.
        model: the model's label for people.
        source: whether a vendor's model or the mock answers.
        handoff_tools: names of the tools that pass the floor.
        box: its tools.
        compiled: how many of its AG2 tools `ag2` has.
    """

    agent: Agent
    ag2: ag2.Agent[str]
    prompt: str
    config: ModelConfig
    model: str
    source: Literal["model", "mock"]
    handoff_tools: frozenset[str]
    box: Toolbox
    compiled: int

    @property
    def name(self) -> str:
        """The agent's name."""
        return self.agent.name

    @property
    def tools(self) -> tuple[str, ...]:
        """Names of all tools offered to someone with every scope, hand-offs included."""
        return (*self.box.specs, *(tool.name for tool in self.agent.kit.foreign), *sorted(self.handoff_tools))

    def late_tools(self) -> list[Tool]:
        """The AG2 tools that came when the agent's skills got ready: a turn brings them along."""
        return self.agent.kit.foreign[self.compiled :]


def build(
    agent: Agent,
    *,
    resolve: Resolve,
    handoffs: Sequence[HandoffSpec] | None = None,
    extra_tools: Iterable[ToolSpec] = (),
) -> Built:
    """Compiles an agent.

    Args:
        agent: the agent.
        resolve: finds the model.
        handoffs: whom it may pass the floor to; what it declares itself by default.
        extra_tools: tools beside its own.

    Raises:
        ValueError: two tools have one name.
        InvalidModel, MissingExtra: the model cannot be used.
    """
    ways = {spec.tool_name: spec for spec in (agent.handoffs if handoffs is None else handoffs)}
    extra = list(extra_tools)
    foreign = list(agent.kit.foreign)
    names = [*agent.kit.tools, *(tool.name for tool in extra), *(tool.name for tool in foreign), *ways]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"tools: agent {agent.name!r} has two tools named {twice[0]!r}. Rename one.")
    found = resolve(
        agent.model, provider=agent.provider, api_key=agent.api_key, base_url=agent.base_url, scenario=agent.scenario
    )
    config = with_sampling(found.config, agent.sampling)
    box = Toolbox(agent, {spec.name: spec for spec in extra}, ways)
    return Built(
        agent=agent,
        ag2=ag2.Agent(
            agent.name,
            agent.system_prompt,
            config=config,
            tools=[box, *foreign],
            hitl_hook=_ask_people,
        ),
        prompt=agent.system_prompt,
        config=config,
        model=found.model,
        source=found.source,
        handoff_tools=frozenset(ways),
        box=box,
        compiled=len(foreign),
    )


async def _ask_people(event: HumanInputRequest, context: Ag2Context) -> str:
    """AG2's own way to ask people, which its tools use; given here, since AG2 compiles it anew wherever it is given."""
    answer = await port_of(context).ask(reason="input", message=event.content, timeout=event.timeout)
    return str(answer.value) if answer.status == "resolved" else "(nobody answered)"
