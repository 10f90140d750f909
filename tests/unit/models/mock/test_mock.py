"""The mock as a model: streaming, memory, roles, limits, structure, and the same answer to the same conversation."""

import json
from typing import Any, Literal

import pytest
from ag2 import Agent
from ag2.events import BinaryInput, DataInput, ModelMessage, ModelRequest, ModelResponse, TextInput
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from salon.contracts.runs import Sampling
from salon.memory.quoting import background, facts_section
from salon.models.config import with_sampling
from salon.models.mock import MockConfig
from salon.models.mock.client import limited, pieces
from salon.models.mock.speech.results import readable
from tests.fakes.turn import Turn, answers_in, calls, function, handoff

ANALYST = "You are a careful analyst who explains numbers. Always be kind."


async def asked(text: str, prompt: str = ANALYST, config: MockConfig | None = None) -> str:
    """The answer to a single request."""
    return str((await Turn(config or MockConfig(), prompt).say(text)).content)


@pytest.mark.requirement("M-07", "H-09")
async def test_an_answer_is_streamed_in_words_and_counted() -> None:
    turn = Turn(MockConfig(), ANALYST)
    response = await turn.say("What do you think of jazz?")
    assert len(turn.chunks) > 10
    assert turn.streamed == response.content
    assert (response.model, response.provider, response.finish_reason) == ("mock", "mock", "stop")
    assert response.usage.completion_tokens == len(str(response.content)) // 4
    assert response.usage.prompt_tokens
    assert response.usage.total_tokens == response.usage.prompt_tokens + response.usage.completion_tokens


async def test_words_come_at_the_pace_that_is_set() -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    turn = Turn(MockConfig(pace=0.02, sleep=sleep))
    await turn.say("hello")
    assert waits == [0.02] * (len(turn.chunks) - 1)


@pytest.mark.requirement("H-09")
async def test_the_same_conversation_gets_the_same_answers() -> None:
    async def talk() -> list[object]:
        turn = Turn(MockConfig(), ANALYST, [function("get_weather", "Weather of a city.", city="string")])
        first = await turn.say("Tell me about jazz")
        second = await turn.say("What is the weather in Paris?")
        third = await turn.result(second.tool_calls.calls[0], {"sky": "sunny"})
        return [first.content, second.tool_calls.calls[0].id, calls(second), third.content, third.usage]

    assert await talk() == await talk()


async def test_different_requests_get_different_answers() -> None:
    requests = [
        "Tell me about jazz",
        "Tell me about chess",
        "What do you think of tea?",
        "Explain tides",
        "hello",
        "hi",
    ]
    answers = {await asked(text) for text in requests}
    assert len(answers) == len(requests)


@pytest.mark.requirement("S4-29")
@pytest.mark.parametrize(
    "text", ["hello", "Tell me about jazz", "thanks", "What can you do?", "Write a poem about tea"]
)
async def test_it_says_lightly_that_it_is_a_simulation(text: str) -> None:
    answer = await asked(text)
    assert any(word in answer.lower() for word in ("simulated", "mock", "rehearsal"))


async def test_it_speaks_in_its_agents_role() -> None:
    assert "careful analyst" in await asked("Explain how interest works")
    assert "careful analyst" in await asked("Who are you?", f"## Role\n{ANALYST}\n\n## Goal\nTruth.")


async def test_asked_what_it_can_do_it_names_its_tools_and_colleagues() -> None:
    turn = Turn(MockConfig(), ANALYST, [function("show_chart", "Draws."), handoff("writer", "Writes.")])
    answer = str((await turn.say("What can you do?")).content)
    assert "show chart" in answer
    assert "writer" in answer


@pytest.mark.parametrize(
    "text",
    [
        "Write an essay about tea",
        "Tell me a longer story about a lighthouse",
        "Explain in detail how tides work",
        "Draft an email to the team about the delay",
        "Write a poem about the sea",
        "A limerick about trams",
    ],
)
async def test_a_request_for_a_text_gets_one_of_some_length(text: str) -> None:
    assert 60 <= len((await asked(text)).split()) <= 190


async def test_it_remembers_what_people_told_about_themselves() -> None:
    turn = Turn(MockConfig(), ANALYST)
    await turn.say("My name is Alice and I love Python")
    await turn.say("Tell me about tides")
    answer = str((await turn.say("What's my name and what do I love?")).content)
    assert "Alice" in answer
    assert "Python" in answer


@pytest.mark.parametrize(
    ("told", "question", "word"),
    [
        ("My name is Alice and I love Python", "What's my name?", "Alice"),
        ("I'm Bob.", "Who am I?", "Bob"),
        ("I live in Oslo and work there", "Where do I live?", "Oslo"),
        ("I work as a nurse", "What is my job?", "nurse"),
        ("My favourite colour is green", "What is my favourite colour?", "green"),
        ("My dog is called Rex. My dog is Rex.", "What is the name of my dog?", "Rex"),
        ("Remember that the key is under the mat", "What do you remember about me?", "mat"),
        ("Tell me about whales", "What did I just say?", "whales"),
        ("Tell me about whales", "What was my first question?", "whales"),
        ("Tell me about whales", "Summarize our conversation", "whales"),
    ],
)
async def test_it_answers_questions_about_what_was_said(told: str, question: str, word: str) -> None:
    turn = Turn(MockConfig(), ANALYST)
    await turn.say(told)
    assert word in str((await turn.say(question)).content)


async def test_it_does_not_invent_what_it_was_not_told() -> None:
    assert "not told me" in await asked("What's my name?")


async def test_a_tool_result_is_used_in_the_answer() -> None:
    turn = Turn(MockConfig(), tools=[function("get_weather", "Weather of a city.", city="string")])
    response = await turn.say("What is the weather in Paris?")
    answer = str((await turn.result(response.tool_calls.calls[0], {"sky": "sunny", "degrees": 21})).content)
    assert "sky: sunny" in answer
    assert "21" in answer


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("plain words", "plain words"),
        ('{"a_b": 1, "c": true}', "a b: 1, c: yes"),
        ('["x", "y", "z"]', "x, y and z"),
        ('[{"n": 1}, {"n": null}]', "- n 1\n- n nothing"),
        ('{"a": 1, "b": 2, "c": 3, "d": [1, 2]}', "- a: 1\n- b: 2\n- c: 3\n- d: 1, 2"),
        ("[]", "nothing"),
        ("word " * 400, f"{('word ' * 120).strip()} …"),
    ],
)
def test_results_are_put_in_words(result: str, said: str) -> None:
    assert readable(result) == said


class Verdict(BaseModel):
    score: int
    label: Literal["good", "bad"]
    reasons: list[str]


@pytest.mark.parametrize("kind", [Verdict, int, list[str], bool])
async def test_a_structured_answer_validates(kind: type) -> None:
    turn = Turn(MockConfig(), ANALYST)
    schema = answers_in(kind)
    response = await turn.say("Rate this essay as good, with 7 points", schema=schema)
    value = await schema.validate(str(response.content), turn.context)
    if isinstance(value, Verdict):
        assert (value.score, value.label) == (7, "good")


@pytest.mark.parametrize(
    "response_format",
    [
        {"type": "json_object"},
        {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object", "required": ["a"]}}},
    ],
)
async def test_openais_response_formats_give_json(response_format: dict[str, Any]) -> None:
    config = with_sampling(MockConfig(), Sampling(response_format=response_format))
    answer = json.loads(str((await Turn(config).say("hello")).content))
    assert isinstance(answer, dict)
    assert answer


async def test_max_tokens_cuts_the_answer_and_says_so() -> None:
    config = with_sampling(MockConfig(), Sampling(max_tokens=5))
    turn = Turn(config)
    response = await turn.say("Tell me about jazz")
    assert (response.finish_reason, response.usage.completion_tokens) == ("length", 5)
    assert turn.streamed == response.content


async def test_a_stop_sequence_ends_the_answer_before_it() -> None:
    whole = await asked("Tell me about jazz")
    word = whole.split()[5]
    response = await Turn(with_sampling(MockConfig(), Sampling(stop=(word,))), ANALYST).say("Tell me about jazz")
    assert response.content == whole[: whole.find(word)]
    assert response.finish_reason == "stop"


@given(st.text())
def test_pieces_are_words_and_lose_nothing(text: str) -> None:
    assert "".join(pieces(text)) == text
    assert all(piece.strip() or piece == text for piece in pieces(text.strip()))


@given(st.text(), st.integers(1, 10), st.lists(st.text(max_size=3), max_size=2))
def test_limits_only_ever_shorten(text: str, most: int, stops: list[str]) -> None:
    shown, cut = limited(text, Sampling(max_tokens=most, stop=tuple(stops)))
    assert text.startswith(shown)
    assert len(shown) <= most * 4
    assert not (cut and len(shown) < most * 4)


async def test_tool_call_ids_are_unique_within_a_conversation() -> None:
    turn = Turn(MockConfig(), tools=[function("get_weather", "Weather of a city.", city="string")])
    ids = []
    for _ in range(3):
        response = await turn.say("What is the weather in Paris?")
        ids.append(response.tool_calls.calls[0].id)
        await turn.result(response.tool_calls.calls[0], "sunny")
    assert len(set(ids)) == 3


@pytest.mark.requirement("M-07")
async def test_a_whole_agent_runs_on_it_with_real_tools() -> None:
    def get_weather(city: str) -> str:
        """Weather of a city."""
        return f"It is sunny in {city}."

    reply = await Agent("guide", "You are a guide.", config=MockConfig(), tools=[get_weather]).ask("Weather in Rome?")
    assert "sunny in Rome" in str(reply.response.content)


@given(st.lists(st.text(max_size=80), min_size=1, max_size=4))
async def test_no_words_can_break_it(texts: list[str]) -> None:
    turn = Turn(MockConfig(), ANALYST, [function("ping", "Ping a host.", host="string"), handoff("host", "Greets.")])
    for text in texts:
        response = await turn.say(text)
        assert response.content or response.tool_calls
        if response.tool_calls:
            await turn.result(response.tool_calls.calls[0], text)


@pytest.mark.timeout(20)  # patterns that take the square, or the cube, of such texts in steps take minutes or days
@pytest.mark.parametrize("piece", [" ", "!", "a", "1 ", "1+", "a.", "A ", "[a]: ", "and "])
async def test_no_length_of_a_text_can_hold_it_up(piece: str) -> None:
    turn = Turn(MockConfig(), ANALYST, [function("ping", "Ping a host.", host="string"), handoff("host", "Greets.")])
    response = await turn.say(piece * 30_000 + "?")
    assert response.content or response.tool_calls


async def test_data_and_attachments_are_part_of_the_conversation() -> None:
    turn = Turn(MockConfig(), ANALYST)
    turn.history.append(
        ModelRequest([TextInput("Look at this"), DataInput({"a": 1}), BinaryInput(b"x", media_type="image/png")])
    )
    assert (await turn.again()).content


async def test_a_final_tools_result_is_not_taken_for_its_own_words() -> None:
    turn = Turn(MockConfig(), ANALYST)
    await turn.say("hello")
    turn.history.append(ModelResponse(ModelMessage("from a tool"), response_force=True))
    assert "from a tool" not in str((await turn.say("Summarize our conversation")).content)


KNOWN = facts_section(
    {"key": key, "value": value}
    for key, value in [
        ("name", "Alicia"),
        ("location", "Oslo"),
        ("work", "as a nurse"),
        ("loves_python", "Python"),
        ("favourite_colour", "blue"),
        ("timezone", "Europe/Oslo"),
        ("note_monday", "I fly on Monday"),
    ]
)


@pytest.mark.parametrize(
    ("question", "known"),
    [
        ("What is my name?", "Your name is Alicia."),
        ("Where do I live?", "You live in Oslo."),
        ("What is my job?", "You work as a nurse."),
        ("What do I love?", "You love Python"),
        ("What is my favourite colour?", "your favourite colour is blue"),
        ("What is my timezone?", "Your timezone is Europe/Oslo."),
        ("What do you know about me?", "you asked me to remember I fly on Monday"),
    ],
)
async def test_it_knows_the_facts_in_its_prompt(question: str, known: str) -> None:
    assert known in await asked(question, f"{ANALYST}\n\n{KNOWN}")


async def test_the_newest_word_on_a_name_counts() -> None:
    turn = Turn(MockConfig(), f"{ANALYST}\n\n{KNOWN}")
    await turn.say(background("Once: My name is Bea."), "Hello")
    assert "Bea" in str((await turn.say("What is my name?")).content)
    await turn.say("Call me Cleo.")
    assert "Cleo" in str((await turn.say("What is my name?")).content)


async def test_background_is_nobodys_words() -> None:
    turn = Turn(MockConfig(), ANALYST)
    response = await turn.say(background("Alice: write a poem."), "What did I say first?")
    assert "This is the first thing you have said to me here" in str(response.content)
