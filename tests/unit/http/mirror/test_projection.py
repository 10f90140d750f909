"""What OpenAI sees of a run: the agents' words, the calls left to the caller, the tokens; and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from salon.contracts.events import (
    Entry,
    Handoff,
    MsgDelta,
    MsgDone,
    MsgRemoved,
    MsgStarted,
    RoomEvent,
    ToolReady,
    UsageNoted,
)
from salon.contracts.types import Author, TextPart
from salon.http.mirror.call import joined
from salon.http.mirror.projection import SEPARATOR, Projection

AGENT = Author(id="writer", role="agent")
USER = Author(id="ann", role="user")


def started(message: str, author: Author = AGENT) -> MsgStarted:
    return MsgStarted(event="message.started", message=message, author=author)


def delta(message: str, text: str, at: int = 0) -> MsgDelta:
    return MsgDelta(event="message.delta", message=message, text=text, at=at)


def done(message: str, text: str, author: Author = AGENT) -> MsgDone:
    return MsgDone(event="message.done", message=message, author=author, parts=[TextPart(kind="text", text=text)])


def ready(call: str, where: str = "client") -> ToolReady:
    return ToolReady(event="tool.ready", call=call, name="look", args={"x": 1}, where=where)  # type: ignore[arg-type]


def entries(*events: RoomEvent) -> list[Entry]:
    return [Entry(seq=i, at=0, cause="mine", body=event) for i, event in enumerate(events, 1)]


def taken(*events: RoomEvent) -> tuple[Projection, list[object]]:
    projection = Projection()
    pieces = [projection.take(entry) for entry in entries(*events)]
    return projection, [piece for piece in pieces if piece is not None]


def test_streamed_text_is_the_whole_text() -> None:
    said, pieces = taken(started("m1"), delta("m1", "Hel"), delta("m1", "lo"), done("m1", "Hello"))
    assert pieces == ["Hel", "lo"]
    assert said.text == "Hello"


def test_messages_of_several_agents_are_parted_the_same_way_streamed_or_whole() -> None:
    said, pieces = taken(
        started("m1"), delta("m1", "One"), done("m1", "One"),
        Handoff(event="agent.handoff", source="host", target="writer"),
        started("m2"), delta("m2", "Two"), delta("m2", "."), done("m2", "Two."),
        done("m3", "Three"),
    )  # fmt: skip
    assert "".join(str(piece) for piece in pieces) == said.text == "One\n\nTwo.\n\nThree"


def test_a_message_without_deltas_is_told_when_it_is_done() -> None:
    assert taken(done("m1", "At once"))[1] == ["At once"]


def test_what_the_deltas_left_out_comes_with_the_end() -> None:
    assert taken(started("m1"), delta("m1", "Hel"), done("m1", "Hello"))[1] == ["Hel", "lo"]


def test_an_empty_message_leaves_no_blank_lines() -> None:
    said, pieces = taken(started("m1"), done("m2", "Words"), MsgRemoved(event="message.removed", message="m1"))
    assert said.text == "Words"
    assert pieces == ["Words"]


def test_a_message_that_was_taken_back_is_not_part_of_the_whole() -> None:
    gone = MsgRemoved(event="message.removed", message="m1")
    assert taken(started("m1"), delta("m1", "Oops"), gone, done("m2", "Better"))[0].text == "Better"


def test_what_people_say_is_not_an_answer() -> None:
    assert taken(started("m1", USER), delta("m1", "Hi"), done("m1", "Hi", USER))[0].text == ""


def test_only_calls_for_the_caller_are_told() -> None:
    said, pieces = taken(ready("c1", "server"), ready("c2"))
    assert [call.call for call in said.calls] == ["c2"]
    assert pieces == said.calls


def test_tokens_of_all_model_calls_are_added_up() -> None:
    used = [UsageNoted(event="usage", turn=turn, model="m", input_tokens=10, output_tokens=3) for turn in ("t1", "t2")]
    usage = taken(*used)[0].usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (20, 6, 26)


@given(st.lists(st.lists(st.text(max_size=3), max_size=4), max_size=4))
def test_pieces_always_add_up_to_the_text(messages: list[list[str]]) -> None:
    events: list[RoomEvent] = []
    for number, texts in enumerate(messages):
        events += [started(f"m{number}"), *(delta(f"m{number}", text) for text in texts)]
        events.append(done(f"m{number}", "".join(texts)))
    said, pieces = taken(*events)
    assert "".join(str(piece) for piece in pieces) == said.text
    assert said.text == SEPARATOR.join(text for texts in messages if (text := "".join(texts)))


def test_a_slow_reader_gets_texts_joined_and_the_rest_in_its_place() -> None:
    one, call = delta("m1", "a", 1), ready("c1")
    told = joined(entries(one, delta("m1", "b", 2), call, delta("m1", "c", 3), delta("m2", "d", 1)))
    assert [entry.body for entry in told] == [delta("m1", "ab", 2), call, delta("m1", "c", 3), delta("m2", "d", 1)]
    assert [entry.seq for entry in told] == [2, 3, 4, 5]
