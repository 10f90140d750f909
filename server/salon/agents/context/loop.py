"""The way from a tool's thread back to the event loop that its room lives in."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class HomeLoop:
    """The event loop that made this object; without one, everything runs where it is called."""

    def __init__(self) -> None:
        self._loop = _running_loop()

    def run(self, act: Callable[[], T]) -> T:
        """What `act` gives or raises, called in the home loop from whatever thread this is; waits for it."""
        if self._loop is None or _running_loop() is self._loop:
            return act()
        done: Future[T] = Future()

        def run() -> None:
            try:
                done.set_result(act())
            except BaseException as error:  # noqa: BLE001 - it is the calling thread's, and raised there
                done.set_exception(error)

        self._loop.call_soon_threadsafe(run)
        return done.result()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
