"""Agents compiled to AG2, driven by scripted models."""

import asyncio
from typing import Any, cast

import pytest
from ag2 import MemoryStream, ToolResult
from ag2 import tool as ag2_tool
from ag2.config import ModelConfig
from ag2.events import (
    BaseEvent,
    DataInput,
    TextInput,
    ToolCallEvent,
    ToolErrorEvent,
    ToolResultEvent,
)
from ag2.middleware import BaseMiddleware
from ag2.network import Handoff
from ag2.testing import TestConfig, TrackingConfig
from ag2.tools.final import FunctionToolSchema

from salon.agents.agent import Agent
from salon.agents.compiled.build import Built, build
from salon.agents.context.context import Context, TurnPort
from salon.agents.handoff import handoff
from salon.agents.tools.execution import outcome_of
from salon.agents.tools.tool import tool
from salon.contracts.runs import Principal
from salon.models.resolve import Resolved
from salon.models.tool_json import MALFORMED
from tests.fakes.port import FakePort

OWNER = Principal("olga", scopes=frozenset({"owner"}))


class Desk:
    def __init__(self) -> None:
        self.calls: list[str] = []

    @tool
    def note(self, text: str, context: Context) -> str:
        """Write something down."""
        self.calls.append(f"{context.user}: {text}")
        return f"noted {text}"

    @tool(scope="owner")
    def wipe(self) -> str:
        """Throw everything away."""
        self.calls.clear()
        return "wiped"


def resolve(model: object, /, **_: object) -> Resolved:
    return Resolved(cast(ModelConfig, model), "test-model", "test", "model")


def compiled(*script: Any, **options: Any) -> Built:
    handoffs = options.pop("handoffs", None)
    model = TestConfig(*script, raise_tool_errors=False)
    agent = Agent("clerk", "You keep the books.", model=options.pop("model", model), **options)
    return build(agent, resolve=resolve, handoffs=handoffs)


def call(name: str, arguments: str = "{}", **options: Any) -> ToolCallEvent:
    return ToolCallEvent(name, arguments=arguments, **options)


async def ask(built: Built, port: FakePort | None = None) -> tuple[Any, list[BaseEvent]]:
    stream = MemoryStream()
    async with asyncio.timeout(5):
        reply = await built.ag2.ask("Please.", stream=stream, dependencies={TurnPort: port or FakePort()})
    return reply, list(await stream.history.get_events())


def results(events: list[BaseEvent]) -> list[ToolResultEvent]:
    return [event for event in events if isinstance(event, ToolResultEvent)]


def text_of(event: ToolResultEvent) -> str:
    (part,) = event.result.parts
    assert isinstance(part, TextInput)
    return part.content


@pytest.mark.requirement("S1-24")
async def test_a_tools_result_goes_to_the_model_and_its_outcome_to_whoever_shows_it() -> None:
    desk = Desk()
    built = compiled(call("note", '{"text": "tea"}'), "Done.", tools=[desk.note])
    reply, events = await ask(built)
    assert reply.body == "Done."
    assert desk.calls == ["ann: tea"]
    (result,) = results(events)
    assert text_of(result) == "noted tea"
    assert outcome_of(result) == (True, "noted tea")


async def test_what_was_built_says_what_it_is() -> None:
    built = compiled("Hi.", tools=[Desk().note], handoffs=[handoff("boss")])
    assert (built.name, built.model, built.source, built.prompt) == (
        "clerk",
        "test-model",
        "model",
        "You keep the books.",
    )
    assert built.tools == ("note", "transfer_to_boss")
    assert built.handoff_tools == {"transfer_to_boss"}


async def test_a_built_agent_serves_concurrent_turns_each_with_its_own_room() -> None:
    both = asyncio.Barrier(2)

    async def meet(context: Context) -> str:
        await both.wait()  # neither turn can finish without the other
        return context.room

    built = compiled(call("meet"), "Done.", tools=[meet])
    (_, one), (_, two) = await asyncio.gather(ask(built, FakePort(room="one")), ask(built, FakePort(room="two")))
    assert [text_of(result) for result in results(one)] == ["one"]
    assert [text_of(result) for result in results(two)] == ["two"]


async def test_failures_reach_the_model_without_a_traceback() -> None:
    def broken() -> None:
        raise ValueError("the password is hunter2")

    _, events = await ask(compiled(call("broken"), "Sorry.", tools=[broken]))
    (result,) = results(events)
    assert isinstance(result, ToolErrorEvent)
    assert text_of(result) == "Error: broken failed: ValueError"
    assert "hunter2" not in repr(result.error)


async def test_arguments_that_could_not_be_read_are_answered_and_not_executed() -> None:
    desk = Desk()
    marked = call("note", vendor_metadata={MALFORMED: "the answer was cut off in the arguments"})
    broken = call("note", '{"text": ')
    a_list = call("note", "[1]")
    _, events = await ask(compiled([marked, broken, a_list], "Sorry.", tools=[desk.note]))
    told = sorted(text_of(result).split(". Call it again")[0] for result in results(events))
    assert told == [
        "Error: note was not called: the answer was cut off in the arguments",
        "Error: note was not called: the arguments are not a JSON object",
        "Error: note was not called: the arguments are not a JSON object",
    ]
    assert desk.calls == []


async def test_a_scoped_tool_is_neither_offered_to_who_lacks_the_scope_nor_run_for_them() -> None:
    desk = Desk()
    tracked = TrackingConfig(TestConfig(call("wipe"), "Sorry.", raise_tool_errors=False))
    built = compiled(tools=[desk.note, desk.wipe], model=tracked)
    _, events = await ask(built, FakePort(principal=Principal("ann", scopes=frozenset({"guest"}))))
    assert [cast(FunctionToolSchema, schema).function.name for schema in tracked.calls[0].tools] == ["note"]
    (result,) = results(events)
    assert text_of(result) == "Error: wipe is not available to this user."

    _, events = await ask(compiled(call("wipe"), "Done.", tools=[desk.wipe]), FakePort(principal=OWNER))
    assert [text_of(result) for result in results(events)] == ["wiped"]


async def test_a_scope_lost_during_the_turn_is_noticed_when_the_tool_is_called() -> None:
    desk, port = Desk(), FakePort(principal=OWNER)

    def leave() -> str:
        port.principal = Principal("olga")
        return "left"

    _, events = await ask(compiled(call("leave"), call("wipe"), "Done.", tools=[desk.wipe, leave]), port)
    assert [text_of(result) for result in results(events)] == [
        "left",
        "Error: wipe is not available to this user.",
    ]


async def test_a_hand_off_ends_the_turn_with_its_target_and_reason() -> None:
    boss = Agent("boss", "You decide.")
    built = compiled(call("transfer_to_boss", '{"reason": "needs a decision"}'), handoffs=[handoff(boss)])
    reply, events = await ask(built)
    assert reply.response.response_force
    (result,) = results(events)
    (part,) = result.result.parts
    assert isinstance(part, DataInput)
    assert part.data == Handoff(target="boss", reason="needs a decision")
    assert outcome_of(result) == (True, {"target": "boss", "reason": "needs a decision"})


async def test_a_hand_off_without_a_reason_is_one_too() -> None:
    _, events = await ask(compiled(call("transfer_to_boss"), handoffs=[handoff("boss")]))
    assert outcome_of(results(events)[0]) == (True, {"target": "boss", "reason": ""})


async def test_a_hand_off_that_the_chat_refuses_is_told_to_the_model_which_goes_on() -> None:
    built = compiled(call("transfer_to_boss"), "Then I shall do it.", handoffs=[handoff("boss")])
    reply, events = await ask(built, FakePort(forbidden={"boss": "The boss just handed over to you."}))
    assert reply.body == "Then I shall do it."
    assert [text_of(result) for result in results(events)] == ["The boss just handed over to you."]


async def test_declared_hand_offs_are_used_when_no_team_gives_others() -> None:
    assert compiled("Hi.", handoffs=None).handoff_tools == frozenset()
    agent = Agent("clerk", "You keep the books.", model=TestConfig("Hi."), handoffs=["boss"])
    assert build(agent, resolve=resolve).handoff_tools == {"transfer_to_boss"}


@pytest.mark.requirement("S0-06")
async def test_plain_callables_decorated_ones_and_tool_objects_are_all_called_by_the_model() -> None:
    def plain(x: int) -> int:
        return x + 1

    @tool(name="decorated")
    async def anything(x: int) -> int:
        return x + 2

    @ag2_tool
    def an_object(x: int) -> str:
        return str(x + 3)

    script = [call(name, '{"x": 1}') for name in ("plain", "decorated", "an_object")]
    _, events = await ask(compiled(script, "Done.", tools=[plain, anything, an_object]))
    assert {(result.name, str(outcome_of(result)[1])) for result in results(events)} == {
        ("plain", "2"),
        ("decorated", "3"),
        ("an_object", "4"),
    }


def test_two_tools_of_one_name_are_refused_also_across_kinds() -> None:
    def transfer_to_boss() -> None: ...

    with pytest.raises(ValueError, match="agent 'clerk' has two tools named 'transfer_to_boss'"):
        compiled("Hi.", tools=[transfer_to_boss], handoffs=[handoff("boss")])


async def test_asking_a_built_agent_without_a_room_says_what_is_missing() -> None:
    with pytest.raises(RuntimeError, match="dependencies"):
        await compiled("Hi.", tools=[Desk().note]).ag2.ask("Hi.")


def test_the_model_is_looked_up_with_all_that_the_agent_says_of_it() -> None:
    seen: dict[str, object] = {}

    def find(model: object, /, **options: object) -> Resolved:
        seen.update(options, model=model)
        return resolve(TestConfig("Hi."))

    agent = Agent("a", "You help.", model="m", provider="xai", api_key="k", base_url="http://127.0.0.1:1/v1")
    build(agent, resolve=find)
    assert seen == {
        "model": "m",
        "provider": "xai",
        "api_key": "k",
        "base_url": "http://127.0.0.1:1/v1",
        "scenario": None,
    }


def test_a_result_of_ag2s_own_shape_has_an_outcome_too() -> None:
    event = ToolResultEvent(parent_id="c", name="x", result=ToolResult("a", {"b": 1}))
    assert outcome_of(event) == (True, ["a", {"b": 1}])


async def test_tool_middleware_of_ag2_sees_our_calls_too() -> None:
    seen: list[str | None] = []

    class Watch(BaseMiddleware):
        async def on_tool_execution(self, call_next: Any, event: ToolCallEvent, context: Any) -> Any:
            seen.append(event.source)
            return await call_next(event, context)

    built = compiled(call("note", '{"text": "tea"}'), "Done.", tools=[Desk().note])
    await built.ag2.ask("Please.", stream=MemoryStream(), dependencies={TurnPort: FakePort()}, middleware=[Watch])
    assert seen == ["salon:note"]
