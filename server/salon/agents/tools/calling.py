"""Calls the functions of an application: its tools, its hooks and what it serves as models."""

import asyncio
import inspect
from collections.abc import Callable

from salon.agents.tools.threads import off_the_loop


class Stopped(RuntimeError):
    """A function tried to end more than its own call: it left the program, or let a cancellation of its own out."""


async def called(function: Callable[..., object], *args: object, **kwargs: object) -> object:
    """What a function gives, a sync one off the event loop; awaited, where it gives something to be awaited.

    Raises what it raises; Stopped for an exit, and for a cancellation that is not the caller's.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    try:
        if _is_async(function):
            result = function(*args, **kwargs)
        else:
            result = await off_the_loop(function, *args, **kwargs)
        return await result if inspect.isawaitable(result) else result
    except SystemExit:
        raise Stopped("a function of the application's asked the program to exit") from None
    except asyncio.CancelledError:
        if task is not None and task.cancelling() > before:
            raise
        raise Stopped("something that a function of the application's waited for was cancelled") from None


def _is_async(function: object) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__dict__.get("__call__"))
