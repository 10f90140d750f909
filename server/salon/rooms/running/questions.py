"""What a room waits for: answers of people to interrupts, and results of tools that clients run."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from salon.clock import Clock
from salon.contracts.events import Interrupted, Resolved, RoomEvent, ToolDone

E = TypeVar("E", Resolved, ToolDone)


class Questions:
    """The open waits of one room. Each is settled at most once; the log decides who was first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._answers: dict[str, asyncio.Future[Resolved]] = {}
        self._results: dict[str, asyncio.Future[ToolDone]] = {}

    async def answer(self, question: Interrupted, expire: Callable[[str], None]) -> Resolved:
        """Wait for the answer; at `expires_at` the question expires through `expire`, which appends that to the log."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Resolved] = loop.create_future()
        self._answers[question.interrupt] = future
        timer = None
        if question.expires_at is not None:
            timer = loop.call_later(max(0.0, question.expires_at - self._clock.time()), expire, question.interrupt)
        try:
            return await future
        finally:
            if timer is not None:
                timer.cancel()
            self._answers.pop(question.interrupt, None)

    async def result(self, call: str) -> ToolDone:
        """Wait for the result of a client's tool."""
        future: asyncio.Future[ToolDone] = asyncio.get_running_loop().create_future()
        self._results[call] = future
        try:
            return await future
        finally:
            self._results.pop(call, None)

    def settle(self, event: RoomEvent) -> None:
        """Whatever is appended to the log passes here: an answer or a result wakes who waits for it."""
        match event:
            case Resolved():
                _wake(self._answers.get(event.interrupt), event)
            case ToolDone():
                _wake(self._results.get(event.call), event)
            case _:
                pass


def _wake(future: "asyncio.Future[E] | None", event: E) -> None:
    if future is not None and not future.done():
        future.set_result(event)
