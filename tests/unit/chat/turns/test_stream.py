"""A turn's stream calls plain functions as they are, in AG2's order, and leaves the rest to AG2."""

from typing import Annotated

from ag2 import Inject
from ag2.context import ConversationContext
from ag2.events import BaseEvent, ModelMessageChunk, TextInput, ToolCallEvent
from ag2.events.conditions import TypeCondition

from salon.chat.turns.stream import TurnStream


def a_stream() -> tuple[TurnStream, ConversationContext, list[BaseEvent]]:
    tapped: list[BaseEvent] = []
    stream = TurnStream([], lambda _stream, event: tapped.append(event))
    return stream, ConversationContext(stream, dependencies={"greeting": "hello"}), tapped


async def test_functions_of_an_event_and_functions_that_also_take_its_context_hear_what_they_asked_for() -> None:
    stream, context, tapped = a_stream()
    heard: list[object] = []

    async def one(event: BaseEvent) -> None:
        heard.append(event)

    async def both(event: BaseEvent, context: ConversationContext) -> None:
        heard.append((event, context))

    call, words = ToolCallEvent("weather"), TextInput("Hi")
    stream.subscribe(one)
    with stream.where(ToolCallEvent).sub_scope(both):
        await context.send(call)
        await context.send(words)
    await context.send(call)
    assert heard == [call, (call, context), words, call]
    assert tapped == [call, words, call]


async def test_tokens_pass_the_tap_and_nobody_else() -> None:
    stream, context, tapped = a_stream()
    heard: list[BaseEvent] = []

    async def one(event: BaseEvent) -> None:
        heard.append(event)

    stream.subscribe(one)
    await context.send(ModelMessageChunk("Hel"))
    assert (len(tapped), heard) == (1, [])


async def test_one_that_interrupts_changes_an_event_for_all_others_or_ends_its_way() -> None:
    stream, context, _ = a_stream()
    heard: list[BaseEvent] = []

    async def one(event: BaseEvent) -> None:
        heard.append(event)

    async def replace(event: BaseEvent) -> BaseEvent | None:
        return ToolCallEvent("changed") if isinstance(event, ToolCallEvent) and event.name == "weather" else None

    stream.subscribe(one)
    stream.subscribe(replace, interrupt=True, condition=TypeCondition(ToolCallEvent))
    for event in (ToolCallEvent("weather"), ToolCallEvent("other"), TextInput("Hi")):
        await context.send(event)
    assert [getattr(event, "name", "words") for event in heard] == ["changed", "words"]


async def test_functions_that_ask_for_dependencies_and_plain_ones_without_async_are_served_by_ag2() -> None:
    stream, context, _ = a_stream()
    heard: list[object] = []

    async def injected(event: BaseEvent, greeting: Annotated[str, Inject("greeting")]) -> None:
        heard.append((event, greeting))

    def sync(event: BaseEvent) -> None:
        heard.append(event)

    words = TextInput("Hi")
    subscription = stream.subscribe(injected)
    stream.subscribe(sync, sync_to_thread=False)
    await context.send(words)
    stream.unsubscribe(subscription)
    await context.send(words)
    assert heard == [(words, "hello"), words, words]
