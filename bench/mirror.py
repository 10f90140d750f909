"""The OpenAI route, a whole agent turn behind it, beside LiteLLM, which only passes the request on."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bench.callers import Callers, question
from bench.figures import SALON, Line, Result, Scale, middle
from bench.peers import salon_server
from bench.subject import CannotMeasure, Subject, python_subject

CONNECTIONS = 8
REQUESTS = 160
STREAMS = 16
TOKENS = 300
PROXY = "LiteLLM proxy"
LEAST = "FastAPI + litellm.acompletion"
MODELS = {"vendor": "from a fake vendor", "instant": "from a mock"}


def requests_and_tokens(scale: Scale) -> list[Result]:
    """Whole answers from a mock and from a fake vendor in another process; streamed ones from the vendor."""
    with _ready() as (subjects, missing):
        return [
            _whole(scale, subjects, missing, "instant"),
            _whole(scale, subjects, missing, "vendor"),
            _streamed(scale, subjects, missing),
        ]


def _whole(scale: Scale, subjects: list[Subject], missing: list[str], model: str) -> Result:
    requests = scale.of(REQUESTS)
    body = question(model, "tokens=4", stream=False)
    samples: dict[str, list[float]] = {subject.who: [] for subject in subjects}
    pace: dict[str, list[float]] = {subject.who: [] for subject in subjects}
    for subject in subjects:
        with Callers(subject.port, CONNECTIONS) as callers:
            callers.call(body, 16)
    for _ in range(scale.repetitions):
        for subject in subjects:
            with Callers(subject.port, CONNECTIONS) as callers:
                cpu = subject.cpu()
                answers = callers.call(body, requests)
                samples[subject.who].append((subject.cpu() - cpu) / requests * 1000)
                pace[subject.who].append(requests / answers.seconds)
    lines = [Line(who, middle(each), f"{middle(pace[who]):.0f} requests/s wall") for who, each in samples.items()]
    goal = f"below {subjects[-1].who}" if len(subjects) > 1 else ""
    result = Result(f"a mirror request, answered whole, {MODELS[model]}", "ms CPU / request", lines, goal=goal)
    result.missing = missing
    if len(subjects) > 1:
        result.met = result.of(SALON) <= result.of(subjects[-1].who)
    return result


def _streamed(scale: Scale, subjects: list[Subject], missing: list[str]) -> Result:
    """The difference between long answers and short ones, so that the request itself does not count."""
    streams = max(4, scale.of(STREAMS))
    samples: dict[str, list[float]] = {subject.who: [] for subject in subjects}
    for subject in subjects:
        with Callers(subject.port, CONNECTIONS) as callers:
            callers.call(question("vendor", "tokens=4", stream=True), 16)
    for _ in range(scale.repetitions):
        for subject in subjects:
            used = []
            for count in (1, TOKENS):
                with Callers(subject.port, CONNECTIONS) as callers:
                    cpu = subject.cpu()
                    callers.call(question("vendor", f"tokens={count}", stream=True), streams)
                    used.append((subject.cpu() - cpu) / streams)
            samples[subject.who].append((used[1] - used[0]) / (TOKENS - 1) * 1e6)
    lines = [Line(who, middle(each)) for who, each in samples.items()]
    result = Result("a mirror token, from vendor to caller", "µs CPU / token", lines, missing=missing)
    if len(subjects) > 1:
        result.goal = f"below {subjects[-1].who}"
        result.met = result.of(SALON) <= result.of(subjects[-1].who)
    return result


@contextmanager
def _ready() -> Iterator[tuple[list[Subject], list[str]]]:
    """Salon, and LiteLLM in the fullest form that starts here."""
    with ExitStack() as stack:
        vendor = stack.enter_context(python_subject("the fake vendor", "vendor"))
        address = f"http://127.0.0.1:{vendor.port}/v1"
        subjects = [stack.enter_context(salon_server(address))]
        missing: list[str] = []
        # The proxy's extras are not ours to install: another Python, in which it is complete, may be named.
        python = os.environ.get("BENCH_LITELLM_PYTHON", sys.executable)
        for who, kind in ((PROXY, "proxy"), (LEAST, "least")):
            try:
                subject = python_subject(who, "litellm_server", kind, address, python=python)
                subjects.append(stack.enter_context(subject))
                break
            except CannotMeasure as problem:
                missing.append(str(problem))
        yield subjects, missing
