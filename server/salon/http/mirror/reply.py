"""What a client gets of a run: a completion at once, or a stream of chunks. Both tell the same."""

from collections.abc import AsyncGenerator, Mapping

from fastapi.responses import Response
from fastapi.sse import EventSourceResponse
from starlette.types import Receive, Scope, Send

from salon.contracts.events import ToolReady
from salon.contracts.openai import Answer, CalledFunction, ChatCompletion, Choice, FinishReason, ReturnedCall
from salon.errors import SalonError
from salon.http.errors import error_info
from salon.http.mirror.call import Call
from salon.http.mirror.chunks import Chunks, arguments
from salon.http.mirror.messages import returned_id
from salon.http.mirror.projection import Piece, Projection

BEAT = 15.0
"""Seconds of silence after which a stream sends an empty chunk."""

STREAM_HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}


class Reply:
    """What the client gets of a call.

    Args:
        host: who speaks first in a private conversation; None in a live room, which knows who made a call.
    """

    def __init__(self, call: Call, run: str, *, model: str, created: int, host: str | None) -> None:
        self._call = call
        self._said = Projection()
        self._id = f"chatcmpl-{run.removeprefix('run_')}"
        self._model = model
        self._created = created
        self._host = host

    async def whole(self) -> Response:
        """Everything at once. Raises SalonError when the run failed, or the client left."""
        async for _ in self._pieces():
            pass
        reason = self._finish_reason()
        said = self._said
        calls = [
            ReturnedCall(
                id=self._call_id(ready), function=CalledFunction(name=ready.name, arguments=arguments(ready.args))
            )
            for ready in said.calls
        ]
        answer = Answer(content=said.text or (None if calls else ""), tool_calls=calls or None)
        completion = ChatCompletion(
            id=self._id,
            created=self._created,
            model=self._model,
            choices=[Choice(message=answer, finish_reason=reason)],
            usage=said.usage,
        )
        return Response(completion.model_dump_json(), media_type="application/json")

    async def streamed(self, *, with_usage: bool) -> Response:
        """Piece by piece.

        Waits for the first piece, so that a run that fails at once is answered with its status: raises SalonError then.
        """
        chunks = Chunks(self._id, created=self._created, model=self._model, with_usage=with_usage)
        news = self._pieces()
        first = await anext(news, None)
        if first is None:
            self._finish_reason()
        return ReplyStream(self._call, self._frames(chunks, first, news))

    async def _frames(
        self, chunks: Chunks, pieces: list[Piece] | None, news: AsyncGenerator[list[Piece]]
    ) -> AsyncGenerator[bytes]:
        calls = 0
        yield chunks.role()
        while pieces is not None:
            frames: list[bytes] = []
            for piece in pieces:
                if isinstance(piece, str):
                    frames.append(chunks.text(piece))
                else:
                    frames.append(chunks.call(calls, self._call_id(piece), piece))
                    calls += 1
            yield b"".join(frames) or chunks.beat()
            pieces = await anext(news, None)
        try:
            yield chunks.end(self._finish_reason(), self._said.usage)
        except SalonError as error:
            yield chunks.failure(error_info(error))

    async def _pieces(self) -> AsyncGenerator[list[Piece]]:
        async for entries in self._call.entries(BEAT):
            pieces = [piece for entry in entries if (piece := self._said.take(entry)) is not None]
            if pieces or not entries:
                yield pieces

    def _finish_reason(self) -> FinishReason:
        """OpenAI's word for how the run ended. Raises SalonError when it failed."""
        outcome = self._call.outcome
        if self._said.calls:
            return "tool_calls"
        match outcome.finish_reason:
            case "length" | "content_filter" as reason:
                return reason
            case _:
                return "stop"

    def _call_id(self, ready: ToolReady) -> str:
        return ready.call if self._host is None else returned_id(ready, self._host)


class ReplyStream(EventSourceResponse):
    """Server-sent events that are bytes already.

    FastAPI's own encoding of a generator route is not used: it keeps connections alive with comments, which some
    clients cannot read, and a route that yields cannot answer with JSON when no stream is wanted.
    """

    def __init__(self, call: Call, frames: AsyncGenerator[bytes], headers: Mapping[str, str] = {}) -> None:
        super().__init__(frames, headers={**STREAM_HEADERS, **headers})
        self._call = call
        self._frames = frames

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send until the end; the call itself notices when the client leaves, wherever it waits."""
        try:
            await self.stream_response(send)
        finally:
            await self._frames.aclose()
            await self._call.close()
