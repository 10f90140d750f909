"""One after the other: what opens, forks, closes or ends a room of the same name never overlaps."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

from salon.errors import SalonError

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Changes:
    """The changes under way, by the name of the room."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Task[Any]] = {}

    def busy(self, room: str) -> bool:
        """Whether a change is under way."""
        return room in self._last

    async def make(self, room: str, change: Coroutine[Any, Any, T]) -> T:
        """Make a change and give its result; whoever asks may leave without undoing it."""
        return await asyncio.shield(self.begin(room, change))

    def begin(self, room: str, change: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin a change as soon as those before it are done."""
        before = self._last.get(room)

        async def after() -> T:
            if before is not None:
                await asyncio.wait([before])
            return await change

        def changed(task: asyncio.Task[T]) -> None:
            if self._last.get(room) is task:
                del self._last[room]
            if not task.cancelled() and (error := task.exception()) is not None:  # whoever asked may have left
                reason = error.code if isinstance(error, SalonError) else type(error).__name__
                log.info("room_not_changed", room=room, reason=reason)

        task = self._last[room] = asyncio.create_task(after(), name=f"room {room}")
        task.add_done_callback(changed)
        return task

    async def done(self) -> None:
        """Wait for all that is under way now."""
        await asyncio.gather(*self._last.values(), return_exceptions=True)
