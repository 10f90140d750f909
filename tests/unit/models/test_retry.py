"""When to ask a vendor again, and for how long to wait."""

import asyncio
from typing import Any

import pytest
from ag2 import Context
from ag2.events import ModelMessageChunk, ModelResponse
from ag2.testing import TestConfig

from salon.models.errors import ErrorKind, ModelError
from salon.models.fallback import FallbackConfig
from salon.models.retry import GuardedConfig, RetryPolicy
from tests.fakes.turn import Turn

UNAVAILABLE = ModelError(ErrorKind.UNAVAILABLE, "down")


async def no_sleep(_seconds: float) -> None:
    """Do not wait."""


def guarded(*turns: Any, **policy: Any) -> Turn:
    """A turn with a scripted vendor behind the guard."""
    return Turn(GuardedConfig(TestConfig(*turns), "acme", RetryPolicy(**policy), sleep=no_sleep, jitter=lambda: 1.0))


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 0.5), (2, 1.0), (3, 2.0), (10, 60.0)])
def test_the_wait_doubles_up_to_the_cap(attempt: int, seconds: float) -> None:
    assert RetryPolicy(retries=20).wait(UNAVAILABLE, attempt, lambda: 1.0) == seconds


def test_the_wait_is_drawn_from_zero_to_its_bound() -> None:
    policy = RetryPolicy(backoff=4.0)
    assert [policy.wait(UNAVAILABLE, 1, lambda drawn=drawn: drawn) for drawn in (0.0, 0.5, 1.0)] == [0.0, 2.0, 4.0]  # type: ignore[misc]


def test_what_cannot_succeed_or_has_begun_is_not_asked_again() -> None:
    policy = RetryPolicy()
    begun = ModelError(ErrorKind.UNAVAILABLE, "down")
    begun.started = True
    assert policy.wait(ModelError(ErrorKind.AUTHENTICATION, "no"), 1, lambda: 1.0) is None
    assert policy.wait(begun, 1, lambda: 1.0) is None
    assert policy.wait(UNAVAILABLE, policy.retries + 1, lambda: 1.0) is None


async def test_a_failure_before_the_first_token_is_asked_again() -> None:
    turn = guarded(ModelError(ErrorKind.UNAVAILABLE, "down"), "Here I am")
    assert (await turn.say("hello")).content == "Here I am"


async def test_a_failure_after_the_first_token_is_final_and_says_so() -> None:
    turn = guarded(ModelMessageChunk("Well"), ModelError(ErrorKind.UNAVAILABLE, "down"), "never")
    with pytest.raises(ModelError) as caught:
        await turn.say("hello")
    assert caught.value.started


async def test_a_bug_is_not_dressed_as_a_vendors_failure() -> None:
    turn = guarded(ZeroDivisionError("ours"), "never")
    with pytest.raises(ZeroDivisionError):
        await turn.say("hello")


async def test_subscribers_are_given_the_callers_context() -> None:
    turn = guarded(ModelMessageChunk("Well"), "Well")
    seen: list[object] = []

    async def note(_event: ModelMessageChunk, context: Context) -> None:
        seen.append(context)

    with turn.stream.where(ModelMessageChunk).sub_scope(note):
        await turn.say("hello")
    assert seen == [turn.context]


async def test_cancellation_passes_through() -> None:
    turn = guarded(asyncio.CancelledError(), "never")
    with pytest.raises(asyncio.CancelledError):
        await turn.say("hello")


async def test_a_chain_ends_with_the_last_members_error() -> None:
    first = GuardedConfig(TestConfig(ModelError(ErrorKind.AUTHENTICATION, "no key")), "a", sleep=no_sleep)
    last = GuardedConfig(TestConfig(ModelError(ErrorKind.BAD_REQUEST, "no model")), "b", sleep=no_sleep)
    with pytest.raises(ModelError, match="no model"):
        await Turn(FallbackConfig((first, last))).say("hello")


async def test_a_chain_names_the_model_that_answered() -> None:
    first = GuardedConfig(TestConfig(ModelError(ErrorKind.AUTHENTICATION, "no key")), "a", sleep=no_sleep)
    last = GuardedConfig(TestConfig(ModelResponse(model="b-1", provider="b")), "b", sleep=no_sleep)
    response = await Turn(FallbackConfig((first, last))).say("hello")
    assert (response.model, response.provider) == ("b-1", "b")
