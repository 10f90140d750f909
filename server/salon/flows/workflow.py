"""What a workflow is: an asynchronous function with a name, a version and what it depends on."""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast, get_args, get_type_hints, overload

from pydantic import BaseModel, ConfigDict, Field, PydanticSchemaGenerationError, ValidationError, create_model
from pydantic.errors import PydanticUserError

from salon.access.scopes import Scopes, scopes_of
from salon.contracts.types import Obj
from salon.errors import Detail, RequestError
from salon.flows.context import WorkflowContext

F = TypeVar("F", bound=Callable[..., Awaitable[object]])

VERSION = "1.0"
_MARK = "__salon_workflow__"
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Workflow:
    """A function as a workflow.

    Args:
        name: by which it is run, and called by models.
        function: the function itself; it gets a `WorkflowContext` as `context`, and its arguments by name.
        context: the name of that parameter.
        dependencies: what it needs, by the names under which it asks for them.
        version: to be changed with the steps: a run begun by another version is not gone on with.
        description: the docstring.
        parameters: JSON Schema of the arguments.
        scopes: of which whoever has a model or HTTP run it needs one; none for everyone.
    """

    name: str
    function: Callable[..., Awaitable[object]]
    context: str
    dependencies: tuple[str, ...]
    version: str
    description: str
    parameters: Obj
    scopes: frozenset[str]
    _model: type[BaseModel]

    def read(self, arguments: Mapping[str, object]) -> dict[str, object]:
        """The keyword arguments that these mean. Raises RequestError: each detail names an argument and the remedy."""
        try:
            values = self._model.model_validate(dict(arguments))
        except ValidationError as problem:
            details = []
            for issue in problem.errors(include_url=False, include_context=False, include_input=False)[:_SHOWN]:
                path = [str(step) for step in issue["loc"]]
                details.append(Detail("/" + "/".join(path), issue["type"], f"{'.'.join(path)}: {issue['msg']}"))
            text = "; ".join(detail.message for detail in details)
            raise RequestError(f"workflow {self.name} was not run: {text}", details) from None
        return {
            field.alias or slot: getattr(values, slot)
            for slot, field in self._model.model_fields.items()
            if slot in values.model_fields_set
        }

    def ready(self, arguments: Mapping[str, object], dependencies: Mapping[str, object]) -> dict[str, object]:
        """The same, once all that it depends on is there. Raises RequestError."""
        if missing := [name for name in self.dependencies if name not in dependencies]:
            details = [
                Detail("/dependencies", "missing", f"{name} is not there: add it as a skill") for name in missing
            ]
            raise RequestError(f"workflow {self.name} cannot run without: {', '.join(missing)}", details)
        return self.read(arguments)


@overload
def workflow(function: F, /) -> F: ...


@overload
def workflow(
    *, name: str | None = None, dependencies: Sequence[str] = (), version: str = VERSION, scope: Scopes = None
) -> Callable[[F], F]: ...


def workflow(
    function: F | None = None,
    /,
    *,
    name: str | None = None,
    dependencies: Sequence[str] = (),
    version: str = VERSION,
    scope: Scopes = None,
) -> F | Callable[[F], F]:
    """Makes an asynchronous function a workflow and returns it unchanged: `@workflow`, or `@workflow(name=…)`.

    Args:
        name: by which it is run; the function's name by default.
        dependencies: what it needs, by name; a dot is a letter like others, as in "robutler.storage".
        version: to be changed with the steps.
        scope: who may have a model or HTTP run it, one scope or several of which one is enough; everyone by default.
            Programs may always.

    Raises:
        TypeError: the function cannot be a workflow; the text says what to change.
        ValueError: an argument of the decorator is unusable.
    """

    def mark(target: F) -> F:
        setattr(target, _MARK, _workflow(target, name, dependencies, version, scope))
        return target

    return mark if function is None else mark(function)


def workflow_of(target: Callable[..., object] | Workflow) -> Workflow:
    """The workflow that a function is, decorated or not. Raises TypeError for what cannot be one."""
    if isinstance(target, Workflow):
        return target
    marked = getattr(target, _MARK, None)
    if isinstance(marked, Workflow):
        return marked
    return _workflow(cast("Callable[..., Awaitable[object]]", target), None, (), VERSION, None)


def _workflow(
    function: Callable[..., Awaitable[object]],
    name: str | None,
    dependencies: Sequence[str],
    version: str,
    scope: Scopes,
) -> Workflow:
    label = name if name is not None else getattr(function, "__name__", type(function).__name__)
    if not _NAME.fullmatch(label):
        raise ValueError(f"name: {label!r} cannot be a workflow's name. Use 1 to 64 letters, digits, '_' or '-'.")
    if isinstance(dependencies, str) or not all(dependencies):
        raise ValueError('dependencies: expected a list of names, such as ["google", "storage"].')
    if not version:
        raise ValueError("version: a version cannot be empty.")
    if not inspect.iscoroutinefunction(function):
        raise TypeError(f"{label} cannot be a workflow: it must be a function made with `async def`.")
    context, model = _signature(function, label)
    schema = cast(Obj, model.model_json_schema(by_alias=True))
    schema.pop("title")
    schema.setdefault("properties", {})
    return Workflow(
        name=label,
        function=function,
        context=context,
        dependencies=tuple(dependencies),
        version=version,
        description=inspect.getdoc(function) or "",
        parameters=schema,
        scopes=scopes_of(scope),
        _model=model,
    )


def _signature(function: Callable[..., Awaitable[object]], label: str) -> tuple[str, type[BaseModel]]:
    """The name of the parameter that takes the context, and a model of the others."""
    try:
        hints = get_type_hints(function, include_extras=True)
    except NameError as problem:
        raise TypeError(f"{label}: a type hint cannot be resolved ({problem}); import it at module level.") from None
    contexts: list[str] = []
    fields: dict[str, Any] = {}  # create_model takes pairs of anything
    for parameter in inspect.signature(function).parameters.values():
        hint = hints.get(parameter.name, Any)
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise TypeError(f"{label} cannot be a workflow because of {parameter}: its arguments are given by name.")
        if hint is WorkflowContext or WorkflowContext in get_args(hint):
            contexts.append(parameter.name)
        else:
            default = ... if parameter.default is parameter.empty else parameter.default
            fields[f"arg_{parameter.name}"] = (hint, Field(default, alias=parameter.name, title=""))
    if len(contexts) != 1:
        raise TypeError(f"{label} cannot be a workflow: exactly one parameter must be a WorkflowContext.")
    try:
        return contexts[0], create_model("Arguments", __config__=ConfigDict(extra="forbid"), **fields)
    except (PydanticSchemaGenerationError, PydanticUserError) as problem:
        reason = problem.message.splitlines()[0]
        raise TypeError(f"{label} cannot be a workflow: a type hint has no JSON form ({reason}).") from None
