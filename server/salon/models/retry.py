"""Guards a vendor's client: retries, timeouts, one error vocabulary, and tool calls that can always be executed.

It asks again only while nothing of the answer has reached the stream, since tokens cannot be taken back. The sleep and
the jitter are handed in, so that tests never wait.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ag2.config import LLMClient
from ag2.context import ConversationContext
from ag2.events import BaseEvent, ModelResponse, ToolCallsEvent
from ag2.response import ResponseProto
from ag2.tools.schemas import ToolSchema
from fast_depends.library.serializer import SerializerProto

from salon.models.config import AroundConfig
from salon.models.errors import ErrorKind, ModelError, translate
from salon.models.tool_json import sound_calls, sound_history


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient to be with a vendor; all times in seconds.

    Args:
        retries: how often to ask again after a first failure.
        backoff: upper bound of the first wait; it doubles with each retry, and the wait is drawn from 0 to the bound.
        longest_wait: cap of a wait. A vendor that asks for more is not waited for: the error tells how long.
        first_token: how long one attempt may take to its first token.
        idle: how long a stream may pause between tokens.
        total: how long the whole call may take, retries included.
    """

    retries: int = 2
    backoff: float = 0.5
    longest_wait: float = 60.0
    first_token: float = 60.0
    idle: float = 60.0
    total: float = 300.0

    def wait(self, error: ModelError, attempt: int, jitter: Callable[[], float]) -> float | None:
        """Seconds to wait before the next attempt, or None when there should be none.

        Args:
            error: why the attempt failed.
            attempt: how many attempts have been made.
            jitter: draws from 0 to 1.
        """
        if not error.retryable or error.started or attempt > self.retries:
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= self.longest_wait else None
        return jitter() * min(self.longest_wait, self.backoff * 2.0 ** (attempt - 1))


@dataclass(frozen=True, slots=True)
class GuardedConfig(AroundConfig):
    """A model config whose clients retry, time out and fail only with ModelError.

    Args:
        vendor: the provider's name, for error texts.
        policy: retries and timeouts.
        sleep: waits for so many seconds.
        jitter: draws from 0 to 1.
    """

    vendor: str
    policy: RetryPolicy = RetryPolicy()
    sleep: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep, repr=False)
    jitter: Callable[[], float] = field(default=random.random, repr=False)

    def create(self) -> "GuardedClient":
        """A client around a new client of the vendor."""
        return GuardedClient(self)


class GuardedClient(LLMClient):
    """One model call with retries, timeouts and repairs."""

    def __init__(self, config: GuardedConfig) -> None:
        self._config = config
        self._client = config.inner.create()

    async def __call__(
        self,
        messages: Sequence[BaseEvent],
        context: ConversationContext,
        *,
        tools: Iterable[ToolSchema],
        response_schema: ResponseProto[Any] | None,
        serializer: SerializerProto,
    ) -> ModelResponse:
        """Ask, and ask again where that may help. Raises ModelError, or what is no vendor's failure as it is."""
        config, policy = self._config, self._config.policy
        history, ids = sound_history(messages)
        tools = list(tools)
        attempts = 0
        total = asyncio.timeout(policy.total)
        try:
            async with total:
                while True:
                    attempts += 1
                    try:
                        response = await self._attempt(history, context, tools, response_schema, serializer)
                    except ModelError as error:
                        wait = policy.wait(error, attempts, config.jitter)
                        if wait is None:
                            raise
                        await config.sleep(wait)
                    else:
                        return _sound(response, ids)
        except TimeoutError:
            if total.expired():
                raise self._late() from None
            raise

    async def _attempt(
        self,
        messages: Sequence[BaseEvent],
        context: ConversationContext,
        tools: Iterable[ToolSchema],
        response_schema: ResponseProto[Any] | None,
        serializer: SerializerProto,
    ) -> ModelResponse:
        policy, vendor = self._config.policy, self._config.vendor
        watched = WatchedContext(context, policy.idle)
        try:
            async with asyncio.timeout(policy.first_token) as watched.patience:
                return await self._client(
                    messages, watched, tools=tools, response_schema=response_schema, serializer=serializer
                )
        except Exception as error:
            late = isinstance(error, TimeoutError) and watched.patience.expired()
            failure = self._late() if late else translate(error, vendor)
            if failure is None:
                raise
            failure.started = watched.started
            raise failure from None  # the vendor's exception may quote the request, and with it the key

    def _late(self) -> ModelError:
        return ModelError(ErrorKind.TIMEOUT, f"{self._config.vendor} took too long to answer.")


class WatchedContext(ConversationContext):
    """The caller's context, which also notes that the answer has begun and pushes the idle deadline.

    Args:
        outer: the caller's context; subscribers are given this one.
        idle: seconds the stream may pause between events.
    """

    __slots__ = ("_idle", "_loop", "_outer", "patience", "started")

    patience: asyncio.Timeout

    def __init__(self, outer: ConversationContext, idle: float) -> None:
        super().__init__(
            outer.stream,
            outer.dependency_provider,
            outer.variables,
            outer.dependencies,
            outer.prompt,
            outer.tool_call_id,
        )
        self.started = False
        self._outer = outer
        self._idle = idle
        self._loop = asyncio.get_running_loop()

    async def send(self, event: BaseEvent) -> None:
        """Pass the event on to the caller's own stream."""
        self.started = True
        self.patience.reschedule(self._loop.time() + self._idle)
        await self._outer.send(event)


def _sound(response: ModelResponse, taken: set[str]) -> ModelResponse:
    if response.tool_calls:
        complete = response.finish_reason != "length"
        calls = sound_calls(response.tool_calls.calls, complete=complete, taken=taken)
        response.tool_calls = ToolCallsEvent(calls)
    return response
