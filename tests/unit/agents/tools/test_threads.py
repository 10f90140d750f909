"""The threads of sync tools: bounded, and not held up by calls that hang."""

import asyncio
import threading

import pytest

from salon.agents.tools.threads import Threads


async def test_a_call_that_hangs_and_was_given_up_takes_nobodys_place() -> None:
    threads, release = Threads(1), threading.Event()
    try:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await threads.run(release.wait)
        async with asyncio.timeout(5):
            assert await threads.run(lambda: "served") == "served"
    finally:
        release.set()


async def test_no_more_calls_run_at_once_than_may_and_one_that_was_given_up_before_is_not_made() -> None:
    threads, release, made = Threads(1), threading.Event(), []
    first = asyncio.create_task(threads.run(release.wait))
    second = asyncio.create_task(threads.run(lambda: made.append("second")))
    third = asyncio.create_task(threads.run(lambda: made.append("third")))
    await asyncio.sleep(0)
    second.cancel()
    async with asyncio.timeout(5):
        await asyncio.wait([second])  # before the thread is free to begin it
        release.set()
        await asyncio.gather(first, third)
    assert made == ["third"]
