"""Processes to be killed: forked from one that has imported everything, so that a new one is there at once."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess

GONE_WITHIN = 30.0


def fork(work: Callable[..., None], *arguments: object) -> BaseProcess:
    """A process that does `work`, a function of a module that is preloaded."""
    process = _forks().Process(target=work, args=arguments, daemon=True)
    process.start()
    return process


def kill(process: BaseProcess) -> None:
    """`kill -9`, and nothing of it is left."""
    process.kill()
    process.join(GONE_WITHIN)
    process.close()


def _forks() -> ForkServerContext:
    """There is one such process for all tests, so it knows what all of them need."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["tests.e2e.vendorless.sitecustomize", "tests.faults.jobs_worker", "tests.faults.crash_server"]
    )
    return context
