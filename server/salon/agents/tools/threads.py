"""Where sync tools and hooks run: in threads, so that a slow one does not stop the server."""

import asyncio
import contextvars
import functools
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

LEFT_BEHIND = 1000
"""Threads that may hang beside those that serve; with more, calls wait."""

Job = tuple[Future[object], Callable[[], object]]


class Threads:
    """Threads that take calls in turn. They end with the process, whatever they are doing.

    Args:
        most: how many calls run at once. One that nobody waits for any more does not count: threads cannot be stopped,
            and those that hang must not keep others waiting.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: SimpleQueue[Job] = SimpleQueue()
        self._lock = Lock()
        self._serving = 0
        self._idle = 0
        self._left: set[Future[object]] = set()

    async def run(self, call: Callable[[], R]) -> R:
        """What `call` gives or raises. Whoever waits may be cancelled; a call that has begun then goes on unheard."""
        done: Future[R] = Future()
        self._waiting.put((done, call))  # type: ignore[arg-type]  # the future of a call takes what the call gives
        self._hire()
        try:
            return await asyncio.wrap_future(done)
        except asyncio.CancelledError:
            self._leave(done)  # type: ignore[arg-type]
            raise

    def _hire(self) -> None:
        with self._lock:
            if self._waiting.qsize() > self._idle and self._serving < self._most:
                self._serving += 1
                Thread(target=self._serve, name="salon-tool", daemon=True).start()

    def _leave(self, done: Future[object]) -> None:
        with self._lock:
            if done.running() and len(self._left) < LEFT_BEHIND:
                self._left.add(done)
                self._serving -= 1
        self._hire()

    def _serve(self) -> None:
        while True:
            with self._lock:
                self._idle += 1
            done, call = self._waiting.get()
            with self._lock:
                self._idle -= 1
            if done.set_running_or_notify_cancel():
                try:
                    done.set_result(call())
                except StopIteration as error:  # no future of asyncio's takes it: whoever waits would do so for ever
                    done.set_exception(RuntimeError(f"{type(error).__name__} raised in a thread"))
                except BaseException as error:  # noqa: BLE001 - it is raised where the call is waited for
                    done.set_exception(error)
            with self._lock:
                if done in self._left:
                    self._left.remove(done)
                    return  # another thread has its place
            del done, call  # what a call was about is not kept until the next


_THREADS = Threads(64)


async def off_the_loop(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What `function` gives or raises, called in a thread that knows which request it serves."""
    return await _THREADS.run(functools.partial(contextvars.copy_context().run, function, *args, **kwargs))
