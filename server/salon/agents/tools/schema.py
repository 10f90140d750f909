"""From a Python signature to the JSON Schema a model is offered, and from a model's arguments back to Python values."""

import functools
import inspect
import math
import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Annotated, Any, cast, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, PydanticSchemaGenerationError, ValidationError, create_model
from pydantic.errors import PydanticUserError
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind
from pydantic_core import PydanticSerializationError

from salon.contracts.types import Obj

_SECTION = re.compile(r"^(args|arguments|parameters|params):$", re.IGNORECASE)
_OTHER_SECTION = re.compile(r"^(returns?|raises|yields?|examples?|notes?|see also):$", re.IGNORECASE)
_FIELD = re.compile(r"^(?::param\s+(?:[\w\[\], ]+\s+)?)?\*{0,2}(?P<name>\w+)(?:\s*\([^)]*\))?\s*:\s+(?P<text>.+)$")
_REST = re.compile(r"^:(param|type|return|returns|rtype|raise|raises)\b")
_SHOWN_ISSUES = 5
_PLAIN: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "array": list[Any],
    "object": dict[str, Any],
}


class BadArguments(ValueError):
    """A model's arguments do not fit; the text names the fields and is meant for the model."""


@dataclass(frozen=True, slots=True)
class Signature:
    """How a function is called by a model.

    Args:
        parameters: JSON Schema of the arguments, an object without the injected context.
        context: name of the parameter that gets the Context, if there is one.
        summary: the docstring without what it says about parameters.
    """

    parameters: Obj
    context: str | None
    summary: str
    _model: type[BaseModel]
    _names: tuple[str, ...]

    def read(self, arguments: Mapping[str, object]) -> dict[str, object]:
        """The keyword arguments that a model's arguments mean.

        Raises BadArguments when they do not fit the schema.
        """
        try:
            values = self._model.model_validate(dict(arguments))
        except ValidationError as problem:
            raise BadArguments(self._explain(problem)) from None
        return {name: getattr(values, _slot(name)) for name in self._names if _slot(name) in values.model_fields_set}

    def showing(self, parameters: Obj) -> "Signature":
        """The same, told to models by a schema of its author's own."""
        return replace(self, parameters=parameters)

    @classmethod
    def of_schema(cls, parameters: Obj) -> "Signature":
        """A signature that is known by its JSON Schema only: names and plain types are checked, nothing else is."""
        properties = cast(dict[str, Obj], parameters.get("properties") or {})
        required = cast(list[str], parameters.get("required") or [])
        fields: dict[str, Any] = {
            _slot(name): (_PLAIN.get(str(shape.get("type")), Any), Field(... if name in required else None, alias=name))
            for name, shape in properties.items()
        }
        model = create_model("Arguments", __config__=ConfigDict(extra="forbid"), **fields)
        return cls(parameters, None, "", model, tuple(properties))

    def _explain(self, problem: ValidationError) -> str:
        lines: list[str] = []
        for issue in problem.errors(include_url=False, include_context=False, include_input=False)[:_SHOWN_ISSUES]:
            where = ".".join(str(step) for step in issue["loc"]) or "arguments"
            if issue["type"] == "extra_forbidden":
                lines.append(f"{where}: there is no such argument (there are: {', '.join(self._names) or 'none'})")
            else:
                lines.append(f"{where}: {issue['msg']}")
        return "; ".join(lines)


def signature_of(function: Callable[..., object], context_type: type) -> Signature:
    """Reads a function's type hints and docstring (Google style, `:param x:` or plain `x: …` lines).

    Args:
        function: a function, a method (`self` is left out) or a callable object.
        context_type: the annotation that marks the injected parameter; one merely named `context` is injected too.

    Raises TypeError for a signature that a model cannot call, with what to change.
    """
    label = getattr(function, "__qualname__", type(function).__qualname__)
    hints = _hints(function, label, context_type)
    parameters = inspect.signature(function).parameters
    docs, summary = _read_docstring(inspect.getdoc(function) or "", parameters)
    fields: dict[str, Any] = {}
    context: str | None = None
    for index, parameter in enumerate(parameters.values()):
        name, hint = parameter.name, hints.get(parameter.name, parameter.empty)
        if index == 0 and name in ("self", "cls") and hint is parameter.empty:
            continue
        if _is_context(name, hint, context_type):
            if context is not None:
                raise TypeError(f"{label} has two context parameters, {context} and {name}: keep one.")
            context = name
            continue
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD and parameter.kind is not parameter.KEYWORD_ONLY:
            raise TypeError(
                f"{label} cannot be a tool because of its parameter {parameter}: a model passes named arguments. "
                "Replace it by named parameters, or by one parameter that is a list or dict."
            )
        if isinstance(parameter.default, FieldInfo):
            raise TypeError(
                f"{label} cannot be a tool: Field(…) is the default of its parameter {name}. "
                f"Write it into the type: {name}: Annotated[…, Field(…)]."
            )
        default = ... if parameter.default is parameter.empty else parameter.default
        annotation = Any if hint is parameter.empty else hint
        text = docs.get(name) or next(filter(_is_text, getattr(hint, "__metadata__", ())), None)
        field = Field(default, alias=name, description=text) if text else Field(default, alias=name)
        fields[_slot(name)] = (annotation, field)
    names = tuple(field[1].alias for field in fields.values())
    try:
        model = create_model("Arguments", __config__=ConfigDict(extra="forbid"), **fields)
        schema = cast(Obj, _without_titles(model.model_json_schema(by_alias=True, schema_generator=_Schema)))
    except (PydanticSchemaGenerationError, PydanticUserError) as problem:
        raise TypeError(
            f"{label} cannot be a tool: one of its type hints has no JSON form ({problem.message.splitlines()[0]}). "
            "Use str, numbers, bool, list, dict, Literal, enums, dataclasses or Pydantic models."
        ) from None
    schema.setdefault("properties", {})
    return Signature(schema, context, summary, model, names)


class _Schema(GenerateJsonSchema):
    """Leaves out defaults that have no JSON form, without a word."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012 - as declared there

    def encode_default(self, dft: object) -> object:
        if isinstance(dft, float) and not math.isfinite(dft):
            raise PydanticSerializationError("JSON has no such number")
        return cast(object, super().encode_default(dft))


def _is_text(note: object) -> bool:
    return isinstance(note, str)


def _slot(name: str) -> str:
    """The model's own field name: an argument may be called `copy` or `json`, which Pydantic reserves."""
    return f"arg_{name}"


def _is_context(name: str, hint: object, context_type: type) -> bool:
    if hint is context_type or context_type in get_args(hint):
        return True
    if isinstance(hint, str):  # imported for type checkers only, so it cannot be resolved here
        return re.search(rf"\b{context_type.__name__}\b", hint) is not None
    if get_origin(hint) is Annotated:
        return _is_context(name, get_args(hint)[0], context_type)
    return name == "context" and hint is inspect.Parameter.empty


def _hints(function: Callable[..., object], label: str, context_type: type) -> dict[str, Any]:
    target = inspect.unwrap(function)
    while isinstance(target, functools.partial):
        target = target.func
    if not inspect.isroutine(target):
        target = target.__call__
    target = getattr(target, "__func__", target)
    hints: dict[str, Any] = {}
    for name, annotation in getattr(target, "__annotations__", {}).items():
        if name == "return":
            continue
        try:
            holder = SimpleNamespace(__annotations__={name: annotation})
            hints |= get_type_hints(holder, globalns=getattr(target, "__globals__", {}), include_extras=True)
        except (NameError, AttributeError, SyntaxError, TypeError) as problem:
            if isinstance(annotation, str) and _is_context(name, annotation, context_type):
                hints[name] = annotation
                continue
            raise TypeError(
                f"{label}: the type of parameter {name} cannot be resolved ({problem}). "
                "Define or import the type at module level, not only under TYPE_CHECKING."
            ) from None
    return hints


def _read_docstring(text: str, names: Container[str]) -> tuple[dict[str, str], str]:
    """What a docstring says of each parameter, and the rest of it up to its first other section."""
    docs: dict[str, str] = {}
    summary: list[str] = []
    current: str | None = None
    inside = over = False
    for line in text.splitlines():
        stripped = line.strip()
        indented = line.startswith((" ", "\t"))
        if _OTHER_SECTION.match(stripped) or (_REST.match(stripped) and not stripped.startswith(":param")):
            over, inside = True, False
        elif _SECTION.match(stripped):
            inside, current = True, None
        elif (found := _FIELD.match(stripped)) and not over and (inside or found["name"] in names):
            current = found["name"]
            docs[current] = found["text"].strip()
        elif inside and current and stripped and indented:
            docs[current] += f" {stripped}"
        elif not over and not (inside and indented):
            inside = False
            summary.append(line)
    return docs, "\n".join(summary).strip()


def _without_titles(schema: object) -> object:
    """The schema without Pydantic's generated titles: they repeat names and cost tokens on every request."""
    if isinstance(schema, dict):
        return {
            key: {name: _without_titles(inner) for name, inner in value.items()}
            if key in ("properties", "$defs") and isinstance(value, dict)
            else _without_titles(value)
            for key, value in schema.items()
            if key != "title" or not isinstance(value, str)
        }
    if isinstance(schema, list):
        return [_without_titles(inner) for inner in schema]
    return schema
