"""How a run is told as a stream, whatever the dialect: entries in, frames out, and a word at the end."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Protocol

from fastapi.responses import Response

from salon.contracts.events import Entry
from salon.contracts.runs import RunOutcome
from salon.errors import SalonError
from salon.http.mirror.call import Call
from salon.http.mirror.reply import BEAT, ReplyStream


class Teller(Protocol):
    """One run in the frames of one dialect. Pure: it is given what happened, and waits for nothing."""

    def paused(self) -> bool:
        """Whether the stream ends here though the run does not: somebody is asked."""

    def opening(self) -> bytes:
        """The frames before anything has happened."""

    def take(self, entry: Entry) -> bytes:
        """The frames of an entry, empty for one that does not show."""

    def beat(self) -> bytes:
        """A frame that says nothing, for when there is no news."""

    def pause(self) -> bytes:
        """The last frames of a stream that is paused."""

    def end(self, outcome: RunOutcome) -> bytes:
        """The last frames of a run."""

    def failure(self, error: SalonError) -> bytes:
        """The last frames of a run that failed or was cancelled."""


async def told(
    call: Call,
    teller: Teller,
    *,
    before: Sequence[Entry] = (),
    headers: Mapping[str, str] = {},
    status_first: bool = False,
) -> Response:
    """A stream of a call's run.

    Args:
        before: what happened before the call began to listen.
        status_first: wait for the first frame, so that a run that fails at once is answered with its status.

    Raises SalonError with `status_first`, when the run failed and there was nothing to tell.
    """
    frames = _frames(call, teller, before, status_first=status_first)
    opening = teller.opening()
    first = await anext(frames) if status_first else b""

    async def whole() -> AsyncGenerator[bytes]:
        yield opening + first
        async for frame in frames:
            yield frame

    return ReplyStream(call, whole(), headers)


async def _frames(call: Call, teller: Teller, before: Sequence[Entry], *, status_first: bool) -> AsyncGenerator[bytes]:
    begun = not status_first
    if before and (frames := b"".join(map(teller.take, before))):
        yield frames
    if not teller.paused():
        async for entries in call.entries(BEAT):
            frames = b"".join(map(teller.take, entries))
            if frames or not entries:
                begun = True
                yield frames or teller.beat()
            if teller.paused():
                break
    if teller.paused():
        yield teller.pause()
        return
    try:
        outcome = call.outcome
    except SalonError as error:
        if not begun:
            raise
        yield teller.failure(error)
    else:
        yield teller.end(outcome)
