"""What an agent that is kept costs, and what those cost that are only defined: in a server as `salon serve` runs it."""

import http.client
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.figures import SALON, Line, Result, Scale, middle
from bench.startup import Started, serving
from bench.subject import memory_of

DEFINED = 500
USED = 3
WARM = 50
"""Agents that are asked first: the heap then has what requests take, and only agents are added."""

ACTIVE = 400
MANY = f"{DEFINED} definitions"
NONE = f"{USED} definitions"


def active_agent(scale: Scale) -> list[Result]:
    """Agents from files of 1 KB, each asked once, with the mock for a model."""
    active = scale.of(ACTIVE)
    each: list[float] = []
    starts: dict[str, list[Started]] = {NONE: [], MANY: []}
    used: dict[str, list[float]] = {NONE: [], MANY: []}
    for _ in range(scale.repetitions):
        for who, count in ((NONE, USED), (MANY, DEFINED)):
            with _server(count) as (port, process, started):
                starts[who].append(started)
                _ask(port, range(USED))
                used[who].append(memory_of(process.pid) / 1e6)
                if who == MANY:
                    _ask(port, range(WARM))
                    before = memory_of(process.pid)
                    _ask(port, range(WARM, WARM + active))
                    each.append((memory_of(process.pid) - before) / active / 1000)
    cost = middle(each)
    return [
        Result("an agent that is kept, memory", "kB", [Line(SALON, cost)], goal="≤ 100 kB", met=cost <= 100),
        Result(
            f"memory with {USED} agents used",
            "MB",
            [Line(who, middle(used[who])) for who in (MANY, NONE)],
            goal=f"grows by the {USED}",
            met=middle(used[MANY]) <= 1.02 * middle(used[NONE]),
        ),
        Result(
            "start, until /health answers",
            "s CPU",
            [
                Line(who, middle(one.cpu for one in starts[who]), f"{middle(one.wall for one in starts[who]):.2f} s")
                for who in (MANY, NONE)
            ],
            goal="the same",
            met=middle(one.cpu for one in starts[MANY]) <= 1.2 * middle(one.cpu for one in starts[NONE]),
        ),
    ]


@contextmanager
def _server(definitions: int) -> Iterator[tuple[int, subprocess.Popen[bytes], Started]]:
    with tempfile.TemporaryDirectory() as folder:
        for number in range(definitions):
            text = f"You are number {number} and say so. " * 30
            (Path(folder) / f"agent-{number}.yaml").write_text(f"instructions: {text[:1000]}\n", encoding="utf-8")
        command = [sys.executable, "-m", "salon", "serve", "--host", "127.0.0.1", "--port"]
        with serving(command, AGENTS_FOLDER=folder, MOCK_PACE="0", DATABASE_URL="sqlite:///:memory:") as found:
            yield found


def _ask(port: int, numbers: range) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body = json.dumps({"messages": [{"role": "user", "content": "Hello"}]})
    for number in numbers:
        connection.request("POST", f"/agent-{number}/chat/completions", body, {"content-type": "application/json"})
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        answer.read()
    connection.close()
