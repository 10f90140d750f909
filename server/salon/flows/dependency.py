"""What a workflow depends on, seen through its steps: used as it always is, and what is awaited of it is recorded."""

import inspect
from collections.abc import Awaitable, Callable
from typing import cast

from salon.flows.steps import Steps


class Dependency:
    """Stands for an object: each of its methods whose call is awaited is a step, named `dependency.method`.

    Methods that are not asynchronous, and what an asynchronous generator gives, go through unrecorded.
    """

    __slots__ = ("_name", "_steps", "_target")

    def __init__(self, name: str, target: object, steps: Steps) -> None:
        self._name = name
        self._target = target
        self._steps = steps

    def __getattr__(self, attribute: str) -> object:
        found: object = getattr(self._target, attribute)
        return self._recorded(f"{self._name}.{attribute}", found) if callable(found) else found

    def __call__(self, *args: object, **kwargs: object) -> object:
        if not callable(self._target):
            raise TypeError(f"the dependency {self._name} is a {type(self._target).__name__}, and cannot be called")
        return self._recorded(self._name, self._target)(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<dependency {self._name}: {self._target!r}>"

    def _recorded(self, step: str, function: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            if is_async(function):
                return self._steps.take(step, (args, kwargs), lambda: function(*args, **kwargs))
            result = function(*args, **kwargs)
            if not inspect.isawaitable(result):
                return result
            return _late(self._steps, step, (args, kwargs), result)

        return call


async def _late(steps: Steps, step: str, arguments: object, begun: Awaitable[object]) -> object:
    """A step whose function only turned out to be asynchronous when it was called; it does its work when awaited."""
    try:
        return await steps.take(step, arguments, lambda: begun)
    finally:
        if inspect.iscoroutine(begun):
            begun.close()  # recalled, it was never begun


def is_async(function: Callable[..., object]) -> bool:
    """Whether it is seen before the call that what it gives is to be awaited."""
    called = cast(object, getattr(type(function), "__call__", None))  # noqa: B004 - the class's, to see whether it is async
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(called)
