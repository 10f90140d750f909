"""AG2's stream for one turn: every event passes one synchronous tap, and tokens pass nothing else.

AG2 calls subscribers through its dependency injection, which costs more than 100 µs a token; nobody in a turn
subscribes to tokens, so they end here. For each subscriber of each turn it also compiles a validating call model,
half a millisecond a piece; functions that take an event and its context, as AG2's own do, are called as they are.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from ag2 import MemoryStream
from ag2.annotations import Context
from ag2.context import ConversationContext, StreamId, SubId
from ag2.events import BaseEvent, ModelMessage, ModelMessageChunk, ModelReasoning, ModelRequest
from ag2.events.conditions import Condition
from ag2.history import Storage

_TOKENS = (ModelMessageChunk, ModelReasoning, ModelMessage)

Tap = Callable[["TurnStream", BaseEvent], None]
Edit = Callable[[str], Awaitable[str]]


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


@dataclass(frozen=True, slots=True)
class _Subscriber:
    """A function that is called as it is. One that interrupts may change an event, or end its way."""

    call: Callable[..., Awaitable[BaseEvent | None]]
    parameters: int
    condition: Condition | None
    interrupts: bool

    def wants(self, event: BaseEvent) -> bool:
        return self.condition is None or self.condition(event)

    async def tell(self, event: BaseEvent, context: ConversationContext) -> BaseEvent | None:
        return await self.call(*(event, context)[: self.parameters])


class TurnStream(MemoryStream):
    """A stream that tells `tap` first. What the tap raises ends the turn.

    Args:
        remembered: what came before the turn.
        tap: is told of every event.
        edit: what becomes of each piece of text before anybody is told; None, the usual case, costs nothing.
    """

    __slots__ = ("_edit", "_plain", "_tap")

    def __init__(self, remembered: Iterable[BaseEvent], tap: Tap, edit: Edit | None = None) -> None:
        self._plain: dict[SubId, _Subscriber] = {}
        self._tap = tap
        self._edit = edit
        super().__init__(TurnStorage(remembered))

    def subscribe(
        self,
        func: Callable[..., Any] | None = None,
        *,
        interrupt: bool = False,
        sync_to_thread: bool = True,
        condition: Condition | None = None,
    ) -> Any:
        """Tell `func` of events from now on. AG2 itself serves those that want more than an event and its context."""
        parameters = _parameters(func)
        if func is None or parameters not in (("event",), ("event", "context")):
            return super().subscribe(func, interrupt=interrupt, sync_to_thread=sync_to_thread, condition=condition)
        subscription = uuid4()
        self._plain[subscription] = _Subscriber(func, len(parameters), condition, interrupt)
        return subscription

    def unsubscribe(self, sub_id: SubId) -> None:
        """Tell it no more."""
        if self._plain.pop(sub_id, None) is None:
            super().unsubscribe(sub_id)

    async def send(self, event: BaseEvent, context: ConversationContext) -> None:
        """Pass an event on, to those first who may change it."""
        if self._edit is not None and isinstance(event, ModelMessageChunk):
            event = ModelMessageChunk(await self._edit(event.content))
        self._tap(self, event)
        if isinstance(event, _TOKENS):
            return
        subscribers = tuple(self._plain.values())
        for subscriber in subscribers:
            if subscriber.interrupts and subscriber.wants(event):
                changed = await subscriber.tell(event, context)
                if changed is None:
                    return
                event = changed
        for subscriber in subscribers:
            if not subscriber.interrupts and subscriber.wants(event):
                await subscriber.tell(event, context)
        await super().send(event, context)


def _parameters(func: Callable[..., Any] | None) -> tuple[str, ...]:
    """The names of a coroutine function's parameters, without `self`; none for anything else."""
    plain = getattr(func, "__func__", func)
    if not inspect.isfunction(plain) or not inspect.iscoroutinefunction(plain):
        return ()
    code = plain.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return names[1:] if inspect.ismethod(func) else names
