"""The path of an agent that is a function, and the function's parameters: how a request's values reach it."""

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_origin

from fastapi import params
from pydantic import TypeAdapter, ValidationError
from starlette.routing import compile_path

from salon.agents.arguments import check_name


class AgentPath:
    """Such as `/weather/{location}`.

    Args:
        path: begins with a segment of its own, which is the agent's name; the rest may have parameters.
        function: is called with the request, and with the rest of its parameters by name.

    Raises ValueError: names what is wrong with the path or the parameters, and the remedy.
    """

    def __init__(self, path: str, function: Callable[..., object]) -> None:
        if not path.startswith("/") or path.endswith("/"):
            raise ValueError(
                f"path: {path!r} must begin with '/' and not end with it, such as '/weather/{{location}}'."
            )
        self.path = path
        self._regex, self._format, self._convertors = compile_path(path)
        fixed = [part for part in path.split("/")[1:] if "{" not in part]
        if not fixed or "{" in path.split("/")[1]:
            raise ValueError(f"path: {path!r} must begin with the agent's name, such as '/weather{path}'.")
        check_name(fixed[0])
        self.name = check_name("-".join(fixed))
        self.parameters = _after_the_request(function)
        known = {parameter.name for parameter in self.parameters}
        if missing := [name for name in self._convertors if name not in known]:
            raise ValueError(f"path: {path!r} has {missing[0]!r}, which is no parameter of {_name(function)}.")
        self._types = {
            parameter.name: TypeAdapter(Any if parameter.annotation is parameter.empty else parameter.annotation)
            for parameter in self.parameters
            if parameter.name in self._convertors
        }

    @property
    def fixed(self) -> bool:
        """Whether it has no parameters: then it is an agent like any other."""
        return not self._convertors and self.path == f"/{self.name}"

    @property
    def everywhere(self) -> bool:
        """Whether the path says all that the function must know; else it is there over HTTP only."""
        others = [parameter for parameter in self.parameters if parameter.name not in self._convertors]
        return all(parameter.default is not parameter.empty and not _of_fastapi(parameter) for parameter in others)

    def model(self, values: Mapping[str, object]) -> str:
        """How it is called as a model: `weather/paris`."""
        filled = re.sub(r"\{(\w+)(:\w+)?\}", lambda found: str(values[found[1]]), self.path)
        return filled.removeprefix("/")

    def values(self, model: str) -> dict[str, object] | None:
        """The path's parameters in the name of a model; None when it is not this path's."""
        found = self._regex.match(f"/{model}")
        if found is None:
            return None
        try:
            return {name: self._types[name].validate_python(text) for name, text in found.groupdict().items()}
        except ValidationError:
            return None


def _after_the_request(function: Callable[..., object]) -> list[inspect.Parameter]:
    try:
        first, *rest = inspect.signature(function, eval_str=True).parameters.values()
    except ValueError:
        raise ValueError(f"{_name(function)}: it must take the request: def {_name(function)}(request).") from None
    if first.kind not in (first.POSITIONAL_ONLY, first.POSITIONAL_OR_KEYWORD):
        raise ValueError(f"{_name(function)}: its first parameter must be the request.")
    return [parameter.replace(kind=parameter.KEYWORD_ONLY) for parameter in rest]


def _of_fastapi(parameter: inspect.Parameter) -> bool:
    """Whether FastAPI finds its value in a request: `Depends`, `Header` and the like."""
    special = (params.Depends, params.Param, params.Body)
    hints = parameter.annotation.__metadata__ if get_origin(parameter.annotation) is Annotated else ()
    return any(isinstance(mark, special) for mark in (parameter.default, *hints))


def _name(function: Callable[..., object]) -> str:
    return getattr(function, "__name__", type(function).__name__)
