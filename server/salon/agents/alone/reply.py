"""What a program gets when it asks an agent for a stream: a response for a web server, or chunks for a loop."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import cast

import orjson
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from salon.contracts.types import Obj
from salon.errors import SalonError

_HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}


class StreamingReply(StreamingResponse):
    """An answer in OpenAI's chunks, to be read once: `return agent.run_streaming(…)` from a FastAPI route sends
    server-sent events that end with `[DONE]`; `async for chunk in …` gives the chunks as dicts; `texts` their text.

    Args:
        chunks: begins the answer and gives its chunks. Raises SalonError when the agent cannot answer.
    """

    def __init__(self, chunks: Callable[[], AsyncGenerator[Obj]]) -> None:
        self._chunks = chunks
        super().__init__(self._events(), media_type="text/event-stream", headers=_HEADERS)

    def __aiter__(self) -> AsyncGenerator[Obj]:
        return self._chunks()

    async def texts(self) -> AsyncGenerator[str]:
        """The text, piece by piece."""
        async with aclosing(self._chunks()) as chunks:
            async for chunk in chunks:
                for choice in cast(list[dict[str, Obj]], chunk["choices"]):
                    if content := choice["delta"].get("content"):
                        yield cast(str, content)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it. An answer that fails at once has the status of its error; later the error is the last event."""
        events = cast(AsyncGenerator[bytes], self.body_iterator)
        try:
            first = await anext(events)
        except SalonError as error:
            refusal: Response = JSONResponse({"error": _problem(error)}, status_code=error.spec.status)
            await refusal(scope, receive, send)
            return
        self.body_iterator = _from(first, events)
        async with aclosing(events):
            await super().__call__(scope, receive, send)

    async def _events(self) -> AsyncGenerator[bytes]:
        begun = False
        try:
            async with aclosing(self._chunks()) as chunks:
                async for chunk in chunks:
                    begun = True
                    yield b"data: " + orjson.dumps(chunk) + b"\n\n"
        except SalonError as error:
            if not begun:
                raise
            yield b"data: " + orjson.dumps({"error": _problem(error)}) + b"\n\n"
        else:
            yield b"data: [DONE]\n\n"


async def _from(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    yield first
    async for event in rest:
        yield event


def _problem(error: SalonError) -> Obj:
    return {"message": error.message, "type": error.spec.type, "code": error.code}
