"""The way from a tool or hook to its room: from whatever thread it runs in, and no longer than its call lasts."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from salon.agents.context.loop import HomeLoop
from salon.agents.context.port import TurnPort

T = TypeVar("T")


class ToolError(Exception):
    """Raise it in a tool to tell the model what went wrong: its message, unlike any other exception's, is passed on."""


class Call:
    """One call's door to the room.

    Args:
        port: the turn's.
        call: id of the tool call; None in a hook.
    """

    def __init__(self, port: TurnPort, *, call: str | None = None) -> None:
        self._port = port
        self.call = call
        self._home = HomeLoop()
        self._deadline: asyncio.Timeout | None = None
        self._over = False

    def _do(self, act: Callable[[], T]) -> T:
        """Run `act` in the event loop, where the room lives, from whatever thread the tool is in."""
        return self._home.run(lambda: self._checked(act))

    def _checked(self, act: Callable[[], T]) -> T:
        if self._over:
            raise ToolError("This call is over: its time was up, or its turn was stopped.")
        return act()

    @contextmanager
    def within(self, deadline: asyncio.Timeout | None) -> Iterator[None]:
        """For who runs the tool: the call's time limit, and its end: a thread left behind can do no more here."""
        self._deadline = deadline
        try:
            yield
        except BaseException:
            self._over = True
            raise
