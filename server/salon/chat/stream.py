"""AG2's stream for one turn: every event passes one synchronous tap, and tokens pass nothing else.

AG2 calls subscribers through its dependency injection, which costs more than 100 µs a token; nobody in a turn
subscribes to tokens, so they end here.
"""

from collections.abc import Callable, Iterable

from ag2 import MemoryStream
from ag2.annotations import Context
from ag2.context import ConversationContext, StreamId
from ag2.events import BaseEvent, ModelMessage, ModelMessageChunk, ModelReasoning, ModelRequest
from ag2.history import Storage

_TOKENS = (ModelMessageChunk, ModelReasoning, ModelMessage)

Tap = Callable[["TurnStream", BaseEvent], None]


class TurnStorage(Storage):
    """The events of one turn, after those the agent remembers."""

    def __init__(self, events: Iterable[BaseEvent]) -> None:
        self._events = list(events)

    async def save_event(self, event: BaseEvent, context: Context) -> None:  # noqa: ARG002 - AG2 names them
        """Keep an event. A request without words only starts the turn: vendors refuse an empty message."""
        if not isinstance(event, ModelRequest) or event.parts:
            self._events.append(event)

    async def get_history(self, stream_id: StreamId) -> Iterable[BaseEvent]:  # noqa: ARG002 - AG2 names them
        """The events, oldest first."""
        return self._events

    async def set_history(self, stream_id: StreamId, events: Iterable[BaseEvent]) -> None:  # noqa: ARG002 - AG2 names them
        """Replace them."""
        self._events = list(events)

    async def drop_history(self, stream_id: StreamId) -> None:  # noqa: ARG002 - AG2 names them
        """Forget them."""
        self._events = []


class TurnStream(MemoryStream):
    """A stream that tells `tap` first. What the tap raises ends the turn."""

    __slots__ = ("_tap",)

    def __init__(self, remembered: Iterable[BaseEvent], tap: Tap) -> None:
        super().__init__(TurnStorage(remembered))
        self._tap = tap

    async def send(self, event: BaseEvent, context: ConversationContext) -> None:
        """Pass an event on."""
        self._tap(self, event)
        if not isinstance(event, _TOKENS):
            await super().send(event, context)
