from __future__ import annotations

from typing import Any, Literal, cast

import pytest
from pydantic import BaseModel

from salon.contracts.types import Obj
from salon.errors import RequestError
from salon.flows.context import WorkflowContext
from salon.flows.workflow import workflow, workflow_of


class Place(BaseModel):
    city: str


@workflow(name="travel", dependencies=["maps", "robutler.storage"], version="1.2")
async def plan(
    context: WorkflowContext, place: Place, days: int = 3, mood: Literal["calm", "wild"] = "calm"
) -> dict[str, Any]:
    """Plan a journey."""
    return {"city": place.city, "days": days, "mood": mood, "id": context.id}


@pytest.mark.requirement("S1-78")
async def test_the_decorator_declares_name_dependencies_and_version_and_leaves_the_function_callable() -> None:
    spec = workflow_of(plan)
    assert (spec.name, spec.version, spec.dependencies) == ("travel", "1.2", ("maps", "robutler.storage"))
    assert spec.description == "Plan a journey."
    assert workflow_of(spec) is spec
    done = await plan(WorkflowContext(), Place(city="Bern"))
    assert done == {"city": "Bern", "days": 3, "mood": "calm", "id": "by-hand"}


async def test_without_arguments_the_decorator_takes_all_from_the_function() -> None:
    @workflow
    async def tidy(*, context: WorkflowContext | None) -> dict[str, int]:
        return {}

    async def bare(flow: WorkflowContext, x: int) -> dict[str, int]:
        return {}

    assert (workflow_of(tidy).name, workflow_of(tidy).version) == ("tidy", "1.0")
    assert workflow_of(tidy).parameters["properties"] == {}
    assert (workflow_of(bare).name, workflow_of(bare).context) == ("bare", "flow")


def test_the_schema_of_its_arguments_is_without_the_context() -> None:
    schema = workflow_of(plan).parameters
    assert list(cast(Obj, schema["properties"])) == ["place", "days", "mood"]
    assert (schema["required"], schema["additionalProperties"]) == (["place"], False)


def test_arguments_are_read_by_their_type_hints() -> None:
    spec = workflow_of(plan)
    assert spec.read({"place": {"city": "Bern"}, "days": "4"}) == {"place": Place(city="Bern"), "days": 4}
    assert spec.read({"place": Place(city="Bern")}) == {"place": Place(city="Bern")}


def test_arguments_that_do_not_fit_are_named_with_the_remedy() -> None:
    with pytest.raises(RequestError) as caught:
        workflow_of(plan).read({"days": "many", "colour": 1})
    assert [(detail.path, detail.code) for detail in caught.value.details] == [
        ("/place", "missing"),
        ("/days", "int_parsing"),
        ("/colour", "extra_forbidden"),
    ]
    assert "workflow travel was not run: place: " in caught.value.message


def test_it_may_be_for_some_scopes_only() -> None:
    assert workflow_of(plan).scopes == frozenset()
    assert workflow_of(workflow(scope=["owner", "admin"])(nothing)).scopes == {"owner", "admin"}


async def nothing(context: WorkflowContext) -> None: ...


async def without_context(x: int) -> None: ...


async def with_two(a: WorkflowContext, b: WorkflowContext) -> None: ...


async def with_many(context: WorkflowContext, *names: str) -> None: ...


async def by_place(context: WorkflowContext, /) -> None: ...


def not_async(context: WorkflowContext) -> None: ...


async def unresolvable(context: WorkflowContext, what: Nowhere) -> None: ...  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (without_context, "exactly one parameter must be a WorkflowContext"),
        (with_two, "exactly one parameter must be a WorkflowContext"),
        (with_many, r"\*names"),
        (by_place, "given by name"),
        (not_async, "async def"),
        (unresolvable, "Nowhere"),
    ],
)
def test_a_function_that_cannot_be_a_workflow_is_refused_with_what_to_change(function: Any, problem: str) -> None:
    with pytest.raises(TypeError, match=problem):
        workflow(function)


@pytest.mark.parametrize(
    ("options", "problem"),
    [({"name": "a b"}, "name"), ({"dependencies": "google"}, "a list of names"), ({"dependencies": [""]}, "a list"),
     ({"version": ""}, "version")],
)  # fmt: skip
def test_an_argument_that_cannot_be_is_refused(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        workflow(**options)(nothing)
