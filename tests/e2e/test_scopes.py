"""Three people with the scopes user, premium and owner ask one agent at once, in every way there is to ask it."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from ag2.config import LLMClient
from ag2.context import ConversationContext
from ag2.events import BaseEvent, ModelMessage, ModelResponse, ToolCallEvent, ToolCallsEvent, ToolResultsEvent
from ag2.tools.schemas import ToolSchema
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionMessageParam

from salon import Agent, Context, Settings, create_app, current_agent_context, tool
from salon.agents.compiled.toolbox import port_of
from salon.contracts.runs import Sampling
from salon.models.config import SalonModelConfig
from tests.e2e.live import RoomClient, serving

PEOPLE = {"uli": "user", "petra": "premium", "olga": "owner"}
THEIRS = {"uli": {"read"}, "petra": {"read", "research"}, "olga": {"read", "research", "wipe"}}


@dataclass(frozen=True, slots=True)
class Greedy(SalonModelConfig):
    """A model that calls every tool that there is, offered or not, and notes what it was offered."""

    offered: dict[str, set[str]]
    model: str = "greedy"

    def with_sampling(self, sampling: Sampling) -> "Greedy":
        return self

    def create(self) -> "GreedyClient":
        return GreedyClient(self.offered)


class GreedyClient(LLMClient):
    def __init__(self, offered: dict[str, set[str]]) -> None:
        self._offered = offered

    async def __call__(
        self, messages: Sequence[BaseEvent], context: ConversationContext, *, tools: Iterable[ToolSchema], **_: Any
    ) -> ModelResponse:
        if messages and isinstance(messages[-1], ToolResultsEvent):
            return ModelResponse(message=ModelMessage("Done."), finish_reason="stop")
        self._offered[port_of(context).principal.user] = {schema.function.name for schema in tools}  # type: ignore[attr-defined]
        calls = [ToolCallEvent(name, arguments="{}") for name in ("read", "research", "wipe")]
        return ModelResponse(tool_calls=ToolCallsEvent(calls))


@pytest.mark.requirement("S1-30", "S1-32", "S1-34", "S1-50")
async def test_each_is_offered_and_can_have_run_exactly_theirs_however_they_ask(settings: Settings) -> None:
    offered: dict[str, set[str]] = {}
    ran: dict[str, set[str]] = defaultdict(set)
    together = asyncio.Barrier(3 * len(PEOPLE))

    @tool
    async def read(context: Context) -> str:
        """Read."""
        await together.wait()  # all nine are being answered now
        assert current_agent_context() is context
        ran[context.user].add("read")
        return context.auth_scope

    @tool(scope=["premium", "owner"])
    def research(context: Context) -> str:
        """Research."""
        ran[context.user].add("research")
        return context.auth_scope

    @tool(scope="owner")
    async def wipe() -> str:
        """Wipe."""
        ran[current_agent_context().user].add("wipe")
        return ""

    agent = Agent("clerk", "You help.", model=Greedy(offered), tools=[read, research, wipe])
    settings = settings.model_copy(update={"user_header": "x-user", "scopes_header": "x-scopes"})

    async with serving(create_app(settings, agents=[agent])) as address:

        async def by_socket(user: str, scope: str) -> None:
            client = await RoomClient(address, f"of-{user}", {"x-user": f"ws-{user}", "x-scopes": scope}).open()
            await client.say("Do it all")
            assert (await client.until_event("run.finished"))["outcome"] == "success"
            await client.close()

        async def by_http(user: str, scope: str) -> None:
            headers = {"x-user": f"http-{user}", "x-scopes": scope}
            said: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Do it all"}]
            await openai.chat.completions.create(model="clerk", messages=said, extra_headers=headers)

        async def by_hand(user: str, scope: str) -> None:
            await agent.run("Do it all", user_id=f"run-{user}", scopes=scope)

        openai = AsyncOpenAI(base_url=f"http://{address}/v1", api_key="none")
        async with asyncio.timeout(10), openai, asyncio.TaskGroup() as asking:
            for way in (by_socket, by_http, by_hand):
                for user, scope in PEOPLE.items():
                    asking.create_task(way(user, scope))

    everyone = {f"{way}-{user}": theirs for way in ("ws", "http", "run") for user, theirs in THEIRS.items()}
    assert offered == everyone
    assert ran == everyone
