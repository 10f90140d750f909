"""One tool call: checked, bounded, and safe when it fails."""

import asyncio
import contextvars
import threading
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
import structlog
from pydantic import BaseModel

from salon.agents.context.context import Context, NoAnswer
from salon.agents.tools.execution import DEPTH_LIMIT, RESULT_LIMIT, Outcome, as_result, execute, outcome_of, success
from salon.agents.tools.tool import ToolError, tool, tool_spec
from salon.contracts.runs import Principal
from salon.contracts.types import Json
from tests.fakes.port import FakePort


async def call(function: Any, port: FakePort | None = None, /, **arguments: object) -> Outcome:
    async with asyncio.timeout(5):
        return await execute(tool_spec(function), arguments, Context(port or FakePort(), call="call_1"))


class Weather(BaseModel):
    city: str
    on: date


@dataclass
class Point:
    x: float


async def test_results_are_text_for_the_model_and_json_for_people() -> None:
    def results(kind: str) -> object:
        return {
            "text": "sunny",
            "nothing": None,
            "model": Weather(city="Lisbon", on=date(2026, 1, 2)),
            "dataclass": Point(1.5),
            "list": [1, {"a": {2}}],
            "nan": {"x": float("nan")},
        }[kind]

    told = {kind: await call(results, kind=kind) for kind in ("text", "nothing", "model", "dataclass", "list", "nan")}
    assert all(outcome.ok for outcome in told.values())
    assert (told["text"].text, told["text"].output) == ("sunny", "sunny")
    assert (told["nothing"].text, told["nothing"].output) == ("Done.", None)
    assert told["model"].output == {"city": "Lisbon", "on": "2026-01-02"}
    assert told["model"].text == '{"city":"Lisbon","on":"2026-01-02"}'
    assert told["dataclass"].output == {"x": 1.5}
    assert told["list"].output == [1, {"a": [2]}]
    assert told["nan"].output == {"x": None}


async def test_async_tools_and_callables_that_return_awaitables_are_awaited() -> None:
    class Callable:
        __name__ = "later"

        async def __call__(self, n: int) -> int:
            return n + 1

    async def later(n: int) -> int:
        return n + 1

    def hidden(n: int) -> Any:
        return later(n)

    for function in (later, Callable(), hidden):
        assert (await call(function, n=1)).output == 2


async def test_sync_tools_run_beside_the_event_loop_with_the_callers_context_variables() -> None:
    variable = contextvars.ContextVar("variable", default="unset")
    variable.set("set")
    started, release = threading.Event(), threading.Event()

    def slow() -> list[object]:
        started.set()
        assert release.wait(5)
        return [variable.get(), threading.current_thread() is threading.main_thread()]

    running = asyncio.create_task(call(slow))
    await asyncio.to_thread(started.wait, 5)  # the loop is free while the tool is in its thread
    release.set()
    assert (await running).output == ["set", False]


async def test_wrong_arguments_never_reach_the_function() -> None:
    reached = []

    def f(n: int) -> None:
        reached.append(n)

    outcome = await call(f, n="many", m=1)
    assert not outcome.ok
    assert outcome.text.startswith("Error: f was not called: n: Input should be a valid integer")
    assert reached == []


@pytest.mark.parametrize("asynchronous", [True, False])
async def test_an_exception_reaches_the_model_as_its_type_only_and_the_log_with_an_id(asynchronous: bool) -> None:
    def fails() -> None:
        raise KeyError("sk-secret-1234567890")

    async def fails_later() -> None:
        fails()

    with structlog.testing.capture_logs() as logs:
        outcome = await call(tool(name="lookup")(fails_later if asynchronous else fails))
    assert outcome == Outcome(False, "Error: lookup failed: KeyError", "Error: lookup failed: KeyError")
    (entry,) = logs
    assert entry["incident"].startswith("err_")
    assert isinstance(entry["exc_info"], KeyError)


async def test_a_tool_error_says_its_own_words() -> None:
    def fails() -> None:
        raise ToolError("There is no such city.")

    assert (await call(fails)).text == "Error: There is no such city."


async def test_a_tool_that_takes_too_long_is_cut_off_and_its_thread_can_do_no_more_in_the_room() -> None:
    release, refused = threading.Event(), threading.Event()

    @tool(timeout=0.02)
    def slow(context: Context) -> None:
        release.wait(5)
        try:
            context.put("text", {"text": "too late"})
        except ToolError:
            refused.set()

    @tool(timeout=0.02)
    async def forever() -> None:
        await asyncio.Event().wait()

    port = FakePort()
    assert (await call(slow, port)).text == "Error: slow did not finish within 0.02 s."
    assert (await call(forever)).text == "Error: forever did not finish within 0.02 s."
    release.set()
    assert await asyncio.to_thread(refused.wait, 5)
    assert port.surfaces == {}


async def test_a_timeout_of_the_tools_own_is_an_ordinary_failure() -> None:
    @tool(timeout=5)
    async def fetch() -> None:
        raise TimeoutError

    assert (await call(fetch)).text == "Error: fetch failed: TimeoutError"


async def test_waiting_for_people_does_not_count_as_the_tools_time() -> None:
    class Patient(FakePort):
        async def ask(self, **asked: Any) -> Any:
            await asyncio.sleep(0.05)  # longer than the tool's whole time
            return await super().ask(**asked)

    @tool(timeout=0.04)
    async def ask(context: Context) -> str:
        return await context.input("Which currency?")

    assert (await call(ask, Patient(answers=[{"answer": "EUR"}]))).output == "EUR"


async def test_cancellation_is_not_swallowed() -> None:
    started = asyncio.Event()

    async def wait() -> None:
        started.set()
        await asyncio.Event().wait()

    running = asyncio.create_task(call(wait))
    await started.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_tool_is_refused_to_who_has_none_of_its_scopes() -> None:
    @tool(scope=["owner", "admin"])
    def wipe() -> str:
        return "wiped"

    assert (await call(wipe)).text == "Error: wipe is not available to this user."
    admin = FakePort(principal=Principal("bob", scopes=frozenset({"admin"})))
    assert (await call(wipe, admin)).text == "wiped"


async def test_people_are_asked_before_a_tool_that_needs_approval_runs() -> None:
    @tool(approval="Send this mail to {to}?")
    def send(to: str, body: str) -> str:
        return f"sent to {to}"

    port = FakePort(answers=[{"approved": True}])
    assert (await call(send, port, to="bob@example.com", body="Hi,\n\nBob")).text == "sent to bob@example.com"
    (question,) = port.questions
    assert question.reason == "approval"
    assert question.message == "Send this mail to bob@example.com?\nbody: Hi, Bob"
    assert question.call == "call_1"
    assert question.schema is not None
    assert question.schema["required"] == ["approved"]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"approved": False}, "The user declined."),
        ({"approved": False, "comment": "wrong Bob"}, "The user declined: wrong Bob"),
        ("declined", "The user declined."),
        ("expired", "The user declined: nobody answered in time"),
        ({"approved": "yes"}, "The user declined."),
    ],
)
async def test_without_a_clear_yes_nothing_is_done(answer: Json, text: str) -> None:
    done = []

    @tool(approval=True)
    def act() -> None:
        done.append(1)

    outcome = await call(act, FakePort(answers=[answer]))
    assert not outcome.ok
    assert outcome.text == text
    assert done == []


async def test_people_are_not_asked_about_a_call_that_cannot_be_made() -> None:
    @tool(approval=True)
    def act(n: int) -> None: ...

    port = FakePort()
    assert (await call(act, port, n="x")).text.startswith("Error: act was not called")
    assert port.questions == []


async def test_an_approval_shows_long_arguments_shortened() -> None:
    @tool(approval=True)
    def act(text: str) -> None: ...

    port = FakePort(answers=[{"approved": True}])
    await call(act, port, text="x" * 10_000)
    assert port.questions[0].message == f"May agent use act?\ntext: {'x' * 300}…"


def test_a_result_too_large_is_cut_with_a_note() -> None:
    outcome = success("é" * RESULT_LIMIT)
    assert len(outcome.text.encode()) < RESULT_LIMIT + 100
    assert outcome.text.endswith(f"[cut: the whole result has {2 * RESULT_LIMIT} bytes]")
    assert outcome.output == outcome.text
    assert str(success(["x" * RESULT_LIMIT]).output).endswith("bytes]")


def test_a_result_too_deep_for_a_frame_goes_as_text() -> None:
    deep: Json = "x"
    for _ in range(DEPTH_LIMIT + 1):
        deep = [deep]
    assert isinstance(success(deep).output, str)
    assert success([[1]]).output == [[1]]


async def test_a_result_without_a_json_form_is_a_failure() -> None:
    def lock() -> object:
        return threading.Lock()

    assert (await call(lock)).text == "Error: lock failed: TypeError"


def test_results_made_elsewhere_have_the_same_form() -> None:
    from ag2.events import ToolCallEvent, ToolErrorEvent, ToolResultEvent

    event = ToolCallEvent("pick", id="c")
    assert outcome_of(ToolResultEvent.from_call(event, result=as_result({"a": 1}))) == (True, {"a": 1})
    assert outcome_of(ToolResultEvent.from_call(event, result=as_result("no", ok=False))) == (False, "no")
    assert outcome_of(ToolResultEvent.from_call(event, result="plain")) == (True, "plain")
    opaque = ToolResultEvent.from_call(event, result=threading.Lock())
    assert outcome_of(opaque) == (True, "(lock)")
    foreign = ToolErrorEvent.from_call(event, RuntimeError("secret"))
    assert outcome_of(foreign) == (False, "Error: pick failed: RuntimeError")


async def test_declining_a_question_inside_a_tool_is_told_to_the_model() -> None:
    async def ask(context: Context) -> str:
        return await context.input("Which?", choices=["a", "b"])

    assert (await call(ask, FakePort(answers=["declined"]))).text == "Error: The user declined."
    assert issubclass(NoAnswer, ToolError)


async def test_a_tool_that_exits_or_lets_a_cancellation_or_a_stop_out_has_failed_and_no_more() -> None:
    def ended() -> object:
        return next(iter(()))

    def leaves() -> None:
        raise SystemExit(1)

    async def leaves_the_loop() -> None:
        raise SystemExit(1)

    async def waits_for_nothing() -> None:
        gone = asyncio.create_task(asyncio.Event().wait())
        gone.cancel()
        await gone

    told = [(await call(function)).text for function in (ended, leaves, leaves_the_loop, waits_for_nothing)]
    assert told == [
        "Error: ended failed: RuntimeError",
        "Error: leaves failed: Stopped",
        "Error: leaves_the_loop failed: Stopped",
        "Error: waits_for_nothing failed: Stopped",
    ]


async def test_what_a_tool_says_of_its_failure_is_bounded_too() -> None:
    def talkative() -> None:
        raise ToolError("x" * 2 * RESULT_LIMIT)

    assert len((await call(talkative)).text) < 1.1 * RESULT_LIMIT
