"""A completion: asked for once it is known how it is wanted, whole or piece by piece."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator
from contextlib import aclosing
from typing import Any, Generic, TypeVar

import httpx
import orjson

from salon.clients.errors import BrokenAnswer, TimedOut, UnreadableAnswer
from salon.clients.exchange import told
from salon.clients.sse import EventReader, EventTooLarge, ServerEvent
from salon.contracts.types import Obj

T_co = TypeVar("T_co", covariant=True)

Chunk = dict[str, Any]
"""One piece of a streamed completion, as OpenAI's chunks are: its text is `["choices"][0]["delta"].get("content")`."""


class Completion(dict[str, Any]):  # a caller reads into it, and servers put more there than OpenAI's types say
    """A whole answer in OpenAI's shape: `answer["choices"][0]["message"]["content"]`, or `answer.text`."""

    @property
    def text(self) -> str:
        """What was said; empty when the agent called one of the caller's tools instead."""
        return self["choices"][0]["message"].get("content") or ""


class Chat(Generic[T_co]):
    """A request that is sent when it is used: `await` it, or iterate over its chunks with `async for`."""

    def __init__(self, answered: Callable[[], Awaitable[T_co]], chunks: Callable[[], AsyncGenerator[Chunk]]) -> None:
        self._answered = answered
        self._chunks = chunks

    def __await__(self) -> Generator[Any, None, T_co]:
        return self._answered().__await__()

    def __aiter__(self) -> AsyncIterator[Chunk]:
        return self._chunks()


def read_whole(body: bytes) -> Completion:
    """A completion from the body of an answer. Raises ErrorAnswer, UnreadableAnswer."""
    completion = Completion(_object(body))
    match completion:
        case {"choices": [{"message": dict()}, *_]}:
            return completion
        case {"error": error} if error is not None:
            raise told(error)
    raise UnreadableAnswer("the answer is no chat completion: it has no choices with a message")


async def read_chunks(response: httpx.Response, silence: float) -> AsyncGenerator[Chunk]:
    """The chunks of a streamed answer as they come, up to its end.

    Raises ErrorAnswer for an error in the middle, BrokenAnswer when it stops before its end, TimedOut after `silence`
    seconds without a byte, UnreadableAnswer for what is no stream of chunks.
    """
    kind = response.headers.get("content-type", "")
    if "text/event-stream" not in kind:
        raise UnreadableAnswer(f"the answer is no stream but {kind[:100] or 'of no known type'}")
    finished = False
    async with aclosing(_events(response, silence)) as events:
        async for event in events:
            if event.data.strip() == "[DONE]":
                return
            try:
                chunk = _chunk(event.data)
            except UnreadableAnswer:
                if event.cut:
                    break
                raise
            finished = finished or _finishes(chunk)
            yield chunk
    if not finished:
        raise BrokenAnswer("the answer stopped before its end")


async def _events(response: httpx.Response, silence: float) -> AsyncGenerator[ServerEvent]:
    reader = EventReader()
    try:
        async for piece in response.aiter_bytes():
            for event in reader.feed(piece):
                yield event
    except EventTooLarge as large:
        raise UnreadableAnswer(f"the answer holds {large}") from None
    except httpx.TimeoutException:
        raise TimedOut(f"the answer went silent for {silence:g} s") from None
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise BrokenAnswer(f"the connection broke in the middle of the answer ({type(error).__name__})") from None
    if rest := reader.close():
        yield rest


def _chunk(data: str) -> Chunk:
    chunk = _object(data)
    if chunk.get("error") is not None:
        raise told(chunk["error"])
    return chunk


def _finishes(chunk: Chunk) -> bool:
    match chunk:
        case {"choices": [{"finish_reason": str()}, *_]}:
            return True
    return False


def _object(data: bytes | str) -> Obj:
    try:
        found: object = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise UnreadableAnswer("the answer is no JSON") from None
    if not isinstance(found, dict):
        raise UnreadableAnswer("the answer is no JSON object")
    return found
