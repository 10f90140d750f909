from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from salon.errors import SalonError
from salon.flows import steps as module
from salon.flows.context import Logged, Progressed, Stepped, Told, WorkflowContext
from salon.flows.steps import Steps
from salon.store.workflows.rows import StepRow


class Found(BaseModel):
    title: str


class Search:
    """What a workflow may depend on, in every form."""

    limit = 5

    def __init__(self) -> None:
        self.calls: list[str] = []

    async def find(self, query: str, *, limit: int = 3) -> Found:
        self.calls.append(query)
        return Found(title=f"{query}-{limit}-{len(self.calls)}")

    def late(self, query: str) -> Coroutine[Any, Any, str]:
        async def work() -> str:
            self.calls.append(query)
            return query

        return work()

    def at_once(self) -> str:
        self.calls.append("at once")
        return "now"

    async def pages(self) -> AsyncIterator[int]:
        yield 1
        yield 2

    async def raw(self) -> object:
        return object()

    async def huge(self) -> str:
        return "x" * module.STEP_BYTES


class Notebook:
    """Keeps steps as a database would, for the next try."""

    def __init__(self) -> None:
        self.rows: list[StepRow] = []
        self.told: list[Told] = []

    def context(self, **dependencies: object) -> WorkflowContext:
        self.told.clear()
        return WorkflowContext(dependencies, steps=Steps(self.rows, self._keep), tell=self.told.append, id="flow_1")

    async def _keep(self, step: StepRow) -> None:
        self.rows.append(step)


@pytest.mark.requirement("S1-79")
async def test_an_awaited_call_of_a_dependency_is_a_step_and_is_recalled_when_the_workflow_runs_again() -> None:
    notebook, search = Notebook(), Search()
    for _ in range(2):
        found = notebook.context(google=search).get_dependency("google")
        assert await found.find("tea", limit=1) == {"title": "tea-1-1"}, "the JSON form, the first time too"
        assert await found.late("milk") == "milk"
    assert search.calls == ["tea", "milk"]
    assert [(row.number, row.name) for row in notebook.rows] == [(1, "google.find"), (2, "google.late")]
    assert notebook.told == [Stepped("google.find", True), Stepped("google.late", True)]


async def test_a_call_with_other_arguments_is_another_step_and_the_same_call_twice_is_two() -> None:
    notebook, search = Notebook(), Search()
    first = notebook.context(google=search).get_dependency("google")
    before = [await first.find("tea"), await first.find("tea"), await first.find("tea", limit=9)]
    again = notebook.context(google=search).get_dependency("google")
    assert [await again.find("tea"), await again.find("tea"), await again.find("tea", limit=9)] == before
    assert await again.find("tea") == {"title": "tea-3-4"}
    assert len(search.calls) == 4


async def test_steps_side_by_side_are_recalled_each_with_its_own_result() -> None:
    notebook, search = Notebook(), Search()
    queries = [f"q{number}" for number in range(20)]
    first = notebook.context(google=search).get_dependency("google")
    before = await asyncio.gather(*(first.find(query) for query in queries))
    again = notebook.context(google=search).get_dependency("google")
    assert await asyncio.gather(*(again.find(query) for query in reversed(queries))) == before[::-1]
    assert len(search.calls) == 20


async def test_what_is_not_awaited_goes_through_unrecorded() -> None:
    notebook, search = Notebook(), Search()
    google = notebook.context(google=search).get_dependency("google")
    assert (google.limit, google.at_once()) == (5, "now")
    assert [page async for page in google.pages()] == [1, 2]
    assert notebook.rows == []
    with pytest.raises(AttributeError, match="nothing"):
        google.nothing  # noqa: B018
    assert "google" in repr(google)


async def test_a_dependency_may_itself_be_called() -> None:
    async def ask(question: str) -> str:
        return question.upper()

    notebook = Notebook()
    assert await notebook.context(model=ask).get_dependency("model")("why") == "WHY"
    assert [row.name for row in notebook.rows] == ["model"]
    with pytest.raises(TypeError, match="cannot be called"):
        notebook.context(model=Search()).get_dependency("model")()


@pytest.mark.requirement("S1-79")
async def test_a_dotted_dependency_is_one_name_and_an_undeclared_one_is_refused() -> None:
    context = WorkflowContext({"robutler.storage": SimpleNamespace(size=3)})
    assert context.get_dependency("robutler.storage").size == 3
    with pytest.raises(LookupError, match=r"'storage' is not among .*: robutler\.storage"):
        context.get_dependency("storage")


async def test_a_function_is_called_as_a_step_asynchronous_or_not() -> None:
    notebook = Notebook()
    count = iter(range(10))

    async def later(number: int, *, plus: int) -> int:
        return number + plus + next(count)

    first = notebook.context()
    before = (await first.step("now", lambda: next(count)), await first.step("later", later, 1, plus=2))
    again = notebook.context()
    assert before == (0, 4)
    assert (await again.step("now", lambda: next(count)), await again.step("later", later, 1, plus=2)) == before
    assert await again.step("now", lambda: next(count)) == 2


async def test_a_step_that_fails_is_none_and_is_taken_again() -> None:
    notebook = Notebook()
    tries = iter([ValueError("no"), None])

    def work() -> str:
        if problem := next(tries):
            raise problem
        return "done"

    with pytest.raises(ValueError, match="no"):
        await notebook.context().step("work", work)
    assert notebook.rows == []
    assert await notebook.context().step("work", work) == "done"


async def test_a_result_that_cannot_be_kept_is_refused_with_the_remedy() -> None:
    google = Notebook().context(google=Search()).get_dependency("google")
    with pytest.raises(TypeError, match=r"google\.raw cannot be kept: object has no JSON form\. Return texts"):
        await google.raw()
    with pytest.raises(SalonError, match="store it elsewhere"):
        await google.huge()
    with pytest.raises(ValueError, match="a step's name"):
        await WorkflowContext().step("", int)


async def test_a_run_has_a_bounded_number_of_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STEPS", 2)
    context = WorkflowContext()
    await context.step("a", int)
    await context.step("a", int)
    taken: list[int] = []
    with pytest.raises(SalonError, match="at most 2 steps"):
        await context.step("a", taken.append, 1)
    assert taken == []


@pytest.mark.requirement("S1-79")
async def test_log_lines_and_progress_are_told_in_order_and_not_again_while_steps_are_recalled() -> None:
    notebook = Notebook()

    async def work(context: WorkflowContext) -> list[Told]:
        context.log("begins")
        await context.step("one", int)
        context.log("in the middle")
        context.progress(0.5, "half")
        await context.step("two", int)
        context.progress(7)
        return list(notebook.told)

    assert await work(notebook.context()) == [
        Logged("begins"),
        Stepped("one", False),
        Logged("in the middle"),
        Progressed(0.5, "half"),
        Stepped("two", False),
        Progressed(1.0),
    ]
    del notebook.rows[1]  # it died in the second step
    assert await work(notebook.context()) == [
        Stepped("one", True),
        Logged("in the middle"),
        Progressed(0.5, "half"),
        Stepped("two", False),
        Progressed(1.0),
    ]


async def test_arguments_without_a_json_form_count_as_their_type() -> None:
    notebook, search = Notebook(), Search()
    for _ in range(2):
        await notebook.context().step("x", lambda *_: "done", search, {"b": 1, "a": float("nan")})
    assert len(notebook.rows) == 1


@pytest.mark.parametrize("given", [lambda: (n for n in (1, 2)), lambda: map(int, "12"), {1: 0, 2: 0}.keys])
async def test_arguments_that_can_be_read_only_once_reach_the_step_unread(given: Callable[[], Iterable[int]]) -> None:
    notebook = Notebook()
    for _ in range(2):
        assert await notebook.context().step("x", lambda numbers, **_: list(numbers), given(), more=[given()]) == [1, 2]
    assert len(notebook.rows) == 1


async def test_bytes_and_sets_are_told_apart_and_what_cannot_be_is_refused() -> None:
    notebook, told = Notebook(), [b"\xff", b"\xfe", {"a", "b", "c"}, {"c", "d"}]
    for _ in range(2):
        context = notebook.context()
        assert [await context.step("x", len, each) for each in told] == [1, 1, 3, 2]
    assert len(notebook.rows) == 4
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(TypeError, match="arguments of step x"):
        await WorkflowContext().step("x", len, endless)


async def test_a_function_that_is_not_asynchronous_holds_up_nobody_else() -> None:
    main = threading.get_ident()
    assert await WorkflowContext().step("x", threading.get_ident) != main
