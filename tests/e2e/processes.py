"""Salon as people run it: processes of their own, with their own environment and working directory."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

START = 60.0
"""Seconds that a process has to come up; far more than it needs, since the machine may be busy."""

ROOT = Path(__file__).parents[2]

_PLAIN = {
    "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "server", Path(__file__).parent / "vendorless"))),
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "",  # compiling all imports for each process takes longer than the tests
    "COLUMNS": "100",
}


class Process:
    """A running program whose output can be waited for."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.out = ""

    async def shows(self, words: str, *, seen: int = 0, timeout: float = START) -> str:
        """Read until `words` have been shown more than `seen` times; gives everything shown so far."""
        stdout = self._process.stdout
        assert stdout is not None
        try:
            async with asyncio.timeout(timeout):
                while self.out.count(words) <= seen:
                    piece = await stdout.read(4096)
                    assert piece, f"it ended without {words!r}:\n{self.out}"
                    self.out += piece.decode()
        except TimeoutError:
            raise AssertionError(f"no {words!r} in {timeout} s:\n{self.out}") from None
        return self.out

    def types(self, *lines: str) -> None:
        """Write lines to its input."""
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"{line}\n" for line in lines).encode())

    def closes_input(self) -> None:
        """Nothing more will be typed."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    async def ends(self, timeout: float = START) -> int:
        """Wait for its end; gives the exit code."""
        stdout = self._process.stdout
        assert stdout is not None
        async with asyncio.timeout(timeout):
            self.out += (await stdout.read()).decode()
            return await self._process.wait()


@asynccontextmanager
async def running(*arguments: str, cwd: Path | None = None, **environment: str) -> AsyncIterator[Process]:
    """`python *arguments`; what it writes to stdout and stderr is its output. It is killed when the test is over."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=cwd or ROOT,
        env={**os.environ, **_PLAIN, **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    running = Process(process)
    try:
        yield running
    finally:
        if process.returncode is None:
            process.kill()
        await running.ends()


def salon(*arguments: str) -> Sequence[str]:
    """The arguments of `salon …`."""
    return ("-m", "salon", *arguments)


async def address(server: Process) -> str:
    """Wait until a server is up; gives `host:port` from its first screen."""
    shown = await server.shows("Ctrl-C stops the server")
    return shown.partition("ws://")[2].partition("/ws/agent")[0]


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
