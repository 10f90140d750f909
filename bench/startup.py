"""From starting the process to its first answer, without a key: wall time, since that is what people wait for."""

import http.client
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic, sleep

from bench.figures import SALON, Line, Result, Scale, middle
from bench.subject import CannotMeasure, cpu_of, environment, memory_of

PATIENCE = 60.0
BARE = "FastAPI, one route"
LEAN = f"{SALON}, no extras"
"""As `make run` installs it. AG2 and OpenAI's SDK import what they find of other packages; developers have them all."""


@dataclass(frozen=True, slots=True)
class Started:
    """Seconds until the first answer, CPU seconds until then, resident MB."""

    wall: float
    cpu: float
    memory: float


def start(scale: Scale) -> list[Result]:
    """`salon serve` with nothing but its defaults."""
    commands = {
        SALON: [sys.executable, "-m", "salon", "serve", "--host", "127.0.0.1", "--port"],
        LEAN: [sys.executable, "-c", _LEAN],
        BARE: [sys.executable, "-c", _BARE],
    }
    samples: dict[str, list[Started]] = {who: [] for who in commands}
    for _ in range(scale.repetitions + 1):  # the first one fills the caches of the disk
        for who, command in commands.items():
            samples[who].append(_started(command))
    seen = {who: each[1:] for who, each in samples.items()}
    ready = Result(
        "start, in mock mode, until /health answers",
        "s CPU",
        [
            Line(w, middle(e.cpu for e in each), f"{middle(e.wall for e in each):.2f} s wall")
            for w, each in seen.items()
        ],
        goal="≤ 2 s of wall time without extras",
        met=middle(each.wall for each in seen[LEAN]) <= 2,
    )
    size = Result(
        "memory after start",
        "MB",
        [Line(who, middle(e.memory for e in each)) for who, each in seen.items()],
        goal="≤ 150 MB without extras",
    )
    size.met = size.of(LEAN) <= 150
    return [ready, size]


def _started(command: list[str]) -> Started:
    with serving(command) as (_port, _process, started):
        return started


@contextmanager
def serving(command: list[str], **settings: str) -> Iterator[tuple[int, subprocess.Popen[bytes], Started]]:
    """A server that has begun to answer: its port, its process and what its start took. `command` ends with the port.

    Raises CannotMeasure when it does not begin.
    """
    port = _free_port()
    begin = monotonic()
    with tempfile.TemporaryDirectory() as nowhere:  # a place without a .env
        process = subprocess.Popen(
            [*command, str(port)],
            cwd=nowhere,
            env=environment(MOCK_MODE="true", **settings),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            while not _answers(port):
                if process.poll() is not None or monotonic() - begin > PATIENCE:
                    raise CannotMeasure(f"{' '.join(command[1:])[:60]} did not start")
                sleep(0.005)
            yield port, process, Started(monotonic() - begin, cpu_of(process.pid), memory_of(process.pid) / 1e6)
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


_LEAN = """
import sys
for extra in ("anthropic", "google.genai", "ddgs", "aiohttp"):
    sys.modules[extra] = None
sys.argv = ["salon", "serve", "--host", "127.0.0.1", "--port", sys.argv[1]]
from salon.cli.main import main
main()
"""

_BARE = """
import sys, fastapi, uvicorn
app = fastapi.FastAPI()
app.get("/health")(lambda: {"status": "ok"})
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_config=None)
"""
