"""The door to OpenAI and every OpenAI-compatible vendor: one shared HTTP client, raw streams, no SDK on the way.

AG2's mappers turn the conversation into OpenAI's messages; reading the stream here costs a fraction of the SDK's time
per token, and closing the connection on cancellation is in our hands (docs/decisions/0004-openai-door.md).
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from itertools import chain
from typing import Any
from weakref import WeakKeyDictionary

import httpx2
import orjson
from ag2.config import LLMClient
from ag2.config.openai import OpenAIConfig
from ag2.config.openai.mappers import convert_messages, response_proto_to_schema, tool_to_api
from ag2.context import ConversationContext
from ag2.events import BaseEvent, ModelMessage, ModelResponse
from ag2.response import ResponseProto
from ag2.tools.schemas import ToolSchema
from fast_depends.library.serializer import SerializerProto
from openai import Omit

from salon.contracts.runs import Sampling
from salon.models.config import SalonModelConfig
from salon.models.errors import ErrorKind, ModelError, from_status, retry_after_seconds
from salon.models.reply import Reply

_CONNECT_SECONDS = 10.0
_MAX_LINE = 4 * 1024 * 1024
_MAX_ERROR_BODY = 64 * 1024
_DRAIN_SECONDS = 0.1
OPENAI_URL = "https://api.openai.com/v1"


class SharedHttp:
    """One HTTP client per event loop for all OpenAI-compatible vendors, opened at first use.

    The composition root owns it and calls `aclose()` at shutdown. It may be built without a running loop.
    """

    def __init__(self) -> None:
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx2.AsyncClient] = WeakKeyDictionary()

    def client(self) -> httpx2.AsyncClient:
        """The running loop's client."""
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None or client.is_closed:
            # Read timeouts are the retrying client's business: it knows first-token, idle and total time.
            client = self._clients[loop] = httpx2.AsyncClient(
                timeout=httpx2.Timeout(None, connect=_CONNECT_SECONDS, write=30.0),
                limits=httpx2.Limits(max_connections=None, max_keepalive_connections=64),
            )
        return client

    async def aclose(self) -> None:
        """Close the running loop's client and its idle connections."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()


@dataclass(frozen=True, slots=True)
class OpenAICompatibleConfig(SalonModelConfig):
    """A model behind an OpenAI-compatible `/chat/completions`.

    Args:
        model: the vendor's name of the model.
        http: the shared client.
        base_url: the API root, for example `https://api.groq.com/openai/v1`.
        api_key: bearer key; None for servers that need none.
        vendor: the provider's name as users know it; goes on responses and into error texts.
        sampling: defaults of the agent.
        headers: further request headers.
        extra_body: further fields of the request body, sent as they are.
    """

    model: str = field()  # field(): else the protocol's property would become its default
    http: SharedHttp = field(repr=False)
    base_url: str = OPENAI_URL
    api_key: str | None = field(default=None, repr=False)
    vendor: str = "openai"
    sampling: Sampling = field(default_factory=Sampling)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    extra_body: Mapping[str, object] = field(default_factory=dict)

    def with_sampling(self, sampling: Sampling) -> "OpenAICompatibleConfig":
        """A copy with these overrides on top of its own."""
        return replace(self, sampling=sampling.over(self.sampling))

    def create(self) -> "OpenAICompatibleClient":
        """A client; light, since connections live in the shared one."""
        return OpenAICompatibleClient(self)


def adopt(config: OpenAIConfig, http: SharedHttp, api_key: str | None) -> OpenAICompatibleConfig | None:
    """AG2's own OpenAI config through this door, whose connections close on cancellation; None if it needs the SDK.

    Args:
        config: what somebody brought along; one with an HTTP client or query parameters of its own is left to the SDK.
        http: the shared client.
        api_key: used when the config has none.
    """
    if config.http_client is not None or config.default_query:
        return None
    sampled = {part.name for part in fields(Sampling)}
    own = {
        "model",
        "api_key",
        "base_url",
        "streaming",
        "timeout",
        "max_retries",
        "organization",
        "project",
        "http_client",
    }
    own |= {"default_headers", "default_query", "websocket_base_url", "extra_body"}
    given = {
        part.name: value
        for part in fields(config)
        if part.name not in own and (value := getattr(config, part.name)) is not None and not isinstance(value, Omit)
    }
    stop = given.get("stop")
    if stop is not None:
        given["stop"] = (stop,) if isinstance(stop, str) else tuple(stop)
    accounts = {"openai-organization": config.organization, "openai-project": config.project}
    return OpenAICompatibleConfig(
        model=config.model,
        http=http,
        base_url=config.base_url or OPENAI_URL,
        api_key=config.api_key or api_key,
        sampling=Sampling(**{name: value for name, value in given.items() if name in sampled}),
        headers={**{name: value for name, value in accounts.items() if value}, **(config.default_headers or {})},
        extra_body={
            **{name: value for name, value in given.items() if name not in sampled},
            **(config.extra_body or {}),
        },
    )


class OpenAICompatibleClient(LLMClient):
    """Sends one chat completion and passes its tokens on as they arrive."""

    def __init__(self, config: OpenAICompatibleConfig) -> None:
        self._config = config
        key = {"authorization": f"Bearer {config.api_key}"} if config.api_key else {}
        self._headers = {"content-type": "application/json", "accept": "text/event-stream", **key, **config.headers}

    async def __call__(
        self,
        messages: Sequence[BaseEvent],
        context: ConversationContext,
        *,
        tools: Iterable[ToolSchema],
        response_schema: ResponseProto[Any] | None,
        serializer: SerializerProto,
    ) -> ModelResponse:
        """One completion. Raises ModelError, or the HTTP client's own exception when the connection fails."""
        config = self._config
        body = orjson.dumps(
            request_body(
                config, messages, context.prompt, tools=tools, response_schema=response_schema, serializer=serializer
            )
        )
        reply = Reply(config.vendor, config.model)
        url = f"{config.base_url.rstrip('/')}/chat/completions"
        async with config.http.client().stream("POST", url, content=body, headers=self._headers) as response:
            if response.status_code != 200:
                raise await _refusal(response, config.vendor)
            async for chunk in _chunks(response, config.vendor):
                for token in reply.feed(chunk):
                    await context.send(token)
        if reply.empty:
            raise ModelError(ErrorKind.BAD_RESPONSE, f"{config.vendor} answered with nothing.")
        reply.estimate_usage(len(body))
        message = ModelMessage(text) if (text := reply.text) else None
        if message is not None:
            await context.send(message)
        return reply.response(message)


def request_body(
    config: OpenAICompatibleConfig,
    messages: Sequence[BaseEvent],
    prompt: Iterable[str],
    *,
    tools: Iterable[ToolSchema],
    response_schema: ResponseProto[Any] | None,
    serializer: SerializerProto,
) -> dict[str, object]:
    """The JSON body of a streamed chat completion."""
    if response_schema and response_schema.system_prompt:
        prompt = chain(prompt, (response_schema.system_prompt,))
    converted = convert_messages(prompt, messages, serializer)
    if not converted[0].get("content"):
        del converted[0]  # some vendors refuse an empty system message
    body: dict[str, object] = {
        "model": config.model,
        "messages": converted,
        "stream": True,
        "stream_options": {"include_usage": True},
        **config.sampling.given(),
        **config.extra_body,
    }
    if api_tools := [tool_to_api(tool) for tool in tools]:
        body["tools"] = api_tools
    else:
        body.pop("tool_choice", None)  # both are refused without tools
        body.pop("parallel_tool_calls", None)
    if schema := response_proto_to_schema(response_schema):
        body["response_format"] = schema
    if config.base_url.rstrip("/") == OPENAI_URL and "max_tokens" in body:
        body["max_completion_tokens"] = body.pop("max_tokens")  # OpenAI's newer models refuse the old name
    return body


async def _refusal(response: httpx2.Response, vendor: str) -> ModelError:
    detail = b""
    async for piece in response.aiter_bytes():
        detail += piece
        if len(detail) > _MAX_ERROR_BODY:
            break
    wait = retry_after_seconds(response.headers)
    return from_status(response.status_code, vendor, detail=detail.decode("utf-8", "replace"), retry_after=wait)


async def _chunks(response: httpx2.Response, vendor: str) -> AsyncIterator[dict[str, Any]]:
    """The decoded JSON chunks of an event stream, or the one object of a vendor that does not stream."""
    if response.headers.get("content-type", "").startswith("application/json"):
        yield _decoded(await response.aread(), vendor)
        return
    events = EventStream(vendor)
    finished = False
    pieces = response.aiter_bytes()
    async for piece in pieces:
        for data in events.feed(piece):
            if data == b"[DONE]":
                await _drain(pieces)
                return
            chunk = _decoded(data, vendor)
            finished = finished or bool((choices := chunk.get("choices")) and choices[0].get("finish_reason"))
            yield chunk
    for data in events.feed(b"\n"):  # a last line that was not ended
        if data == b"[DONE]":
            return
        yield _decoded(data, vendor)
        finished = True
    if not finished:
        raise ModelError(ErrorKind.BAD_RESPONSE, f"{vendor} ended its answer in the middle.")


async def _drain(pieces: AsyncIterator[bytes]) -> None:
    """Read to the end of the body, so that the connection can be used again; give up on a vendor that holds it open."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for _ in pieces:
                pass


class EventStream:
    """Splits server-sent events into their data lines; knows nothing of what is in them."""

    def __init__(self, vendor: str) -> None:
        self._vendor = vendor
        self._rest = b""

    def feed(self, piece: bytes) -> list[bytes]:
        """The data lines completed by this piece. Raises ModelError for a line without end."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > _MAX_LINE:
            raise ModelError(ErrorKind.BAD_RESPONSE, f"{self._vendor} sent a line that is too long.")
        return [data for line in lines if line.startswith(b"data:") and (data := line[5:].strip())]


def _decoded(data: bytes, vendor: str) -> dict[str, Any]:
    try:
        chunk = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise ModelError(ErrorKind.BAD_RESPONSE, f"{vendor} gave an answer that cannot be read.") from None
    if not isinstance(chunk, dict):
        raise ModelError(ErrorKind.BAD_RESPONSE, f"{vendor} gave an answer that cannot be read.")
    if error := chunk.get("error"):
        code = error.get("code") if isinstance(error, dict) else None
        status = code if isinstance(code, int) and code >= 400 else 429 if "rate_limit" in str(error) else 502
        raise from_status(status, vendor, detail=str(error))
    return chunk
