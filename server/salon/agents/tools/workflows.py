"""Workflows as tools: a model calls them like any other, and people see how far they are."""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Protocol, cast

from salon.agents.context.context import Context, ToolError
from salon.agents.tools.schema import Signature
from salon.agents.tools.tool import ToolSpec
from salon.contracts.types import Json
from salon.flows.context import Logged, Progressed, Stepped, Tell, Told
from salon.flows.workflow import Workflow, workflow_of

PROGRESS = "workflow"
"""The name of the event in which a room is told what a workflow does."""


class RunWorkflow(Protocol):
    """Runs the workflow of a name."""

    def __call__(self, name: str, /, **arguments: object) -> Awaitable[Json]:
        """Raises SalonError."""


def workflows_of(workflows: Iterable[Workflow | Callable[..., object]]) -> dict[str, Workflow]:
    """An agent's workflows by name. Raises TypeError for one alone, and ValueError for a name that is there twice."""
    if not isinstance(cast(object, workflows), Iterable):
        raise TypeError("workflows: expected a list. Put the workflow into one: workflows=[…].")
    found: dict[str, Workflow] = {}
    for flow in map(workflow_of, workflows):
        if flow.name in found:
            raise ValueError(f'workflows: two are named {flow.name!r}. Rename one: @workflow(name="…").')
        found[flow.name] = flow
    return found


def workflow_tool(flow: Workflow, run: RunWorkflow) -> ToolSpec:
    """A workflow as a tool; its arguments are checked when it is run."""

    async def call(**arguments: object) -> Json:
        return await run(flow.name, **arguments)

    return ToolSpec(
        name=flow.name,
        description=flow.description or f"Run the workflow {flow.name}.",
        function=call,
        signature=Signature.of_schema(flow.parameters),
        scopes=flow.scopes,
    )


def telling(context: Context | None, workflow: str) -> Tell | None:
    """Tells the room of a request what a workflow does; None where nobody asks."""
    if context is None:
        return None

    def tell(told: Told) -> None:
        with suppress(ToolError):  # the call that began it is over; the workflow goes on without an audience
            context.emit(PROGRESS, {"workflow": workflow, **_told(told)})

    return tell


def _told(told: Told) -> dict[str, Json]:
    match told:
        case Logged(text):
            return {"text": text}
        case Progressed(progress, text):
            return {"progress": progress, **({"text": text} if text else {})}
        case Stepped(name, recalled):
            return {"step": name, "recalled": recalled}
