"""A bad network between clients and a server: it delays, tears frames apart, cuts and half-closes, until it has done so
often enough; then it is a good one. `python -m tests.ui.chaos 1000` is the long form of its test.
"""

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from salon import Agent, Settings, Team, create_app
from tests.e2e.live import serving
from tests.node import NODE

LONGEST_LIFE = 40
"""Pieces after which a connection is cut at the latest; being let in takes eight."""

SLOWEST = 0.003
"""Seconds that a piece is delayed at most."""


class Weather:
    """How bad the network is: `cuts` are still to come."""

    def __init__(self, cuts: int, seed: int) -> None:
        self.cuts = cuts
        self.chance = random.Random(seed)
        self.calm = asyncio.Event()

    def strike(self) -> None:
        """A connection was cut."""
        self.cuts -= 1
        if self.cuts <= 0:
            self.calm.set()


class Passage:
    """One connection through the bad network."""

    def __init__(self, weather: Weather, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self._weather = weather
        self._ends = (client, server)
        self._life = weather.chance.randint(0, LONGEST_LIFE)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one direction's bytes, as long as it goes well."""
        with suppress(ConnectionError):
            while data := await reader.read(1 << 16):
                if not self._weather.calm.is_set():
                    await asyncio.sleep(self._weather.chance.uniform(0, SLOWEST))
                    self._life -= 1
                    if self._life < 0:
                        await self._break(writer, data)
                        return
                writer.write(data)
                await writer.drain()
            writer.write_eof()

    async def _break(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """In the middle of what is being said: cut both ways, or let this way alone end."""
        writer.write(data[: self._weather.chance.randint(0, len(data))])
        await writer.drain()
        self._weather.strike()
        if self._weather.chance.random() < 0.3:
            writer.write_eof()
            return
        for end in self._ends:
            end.transport.abort()


@asynccontextmanager
async def bad_network(address: str, weather: Weather) -> AsyncIterator[str]:
    """A way to `host:port` in such weather; gives the `host:port` to be used instead."""
    host, port = address.split(":")

    async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream = await asyncio.open_connection(host, int(port))
        passage = Passage(weather, writer, upstream)
        try:
            await asyncio.gather(passage.carry(reader, upstream), passage.carry(upstream_reader, writer))
        finally:
            upstream.transport.abort()
            writer.transport.abort()

    server = await asyncio.start_server(passed, "127.0.0.1", 0)
    async with server:
        yield "{}:{}".format(*server.sockets[0].getsockname())


async def survived(package: Path, cuts: int, *, remembered: int, seed: int = 1) -> dict[str, int]:
    """What `chaos.js` counted until so many connections had broken; the server can recover `remembered` entries.

    Raises AssertionError with what the program said when it found something wrong.
    """
    settings = Settings(
        host="127.0.0.1",
        port=0,
        database_url="sqlite:///:memory:",
        mock_pace=0.001,
        recover_events=remembered,
        log_level="error",
    )
    app = create_app(settings, teams=[Team("desk", [Agent("host", "You greet people.")])])
    weather = Weather(cuts, seed)
    async with serving(app) as address, bad_network(address, weather) as detour:
        program = await asyncio.create_subprocess_exec(
            NODE,
            str(Path(__file__).with_name("chaos.js")),
            str(package),
            f"http://{address}",
            f"http://{detour}",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            waiting = asyncio.create_task(program.wait())
            calm = asyncio.create_task(weather.calm.wait())
            await asyncio.wait({waiting, calm}, return_when=asyncio.FIRST_COMPLETED)
            calm.cancel()
            out, errors = await program.communicate(b"calm\n")
        finally:
            if program.returncode is None:
                program.kill()
    assert program.returncode == 0, errors.decode()
    counted: dict[str, int] = json.loads(out)
    return counted


if __name__ == "__main__":
    counts = asyncio.run(survived(Path("ui-contracts"), int(sys.argv[1]), remembered=50))
    sys.stdout.write(f"{counts}\n")
