"""How a subject hears commands: JSON lines on stdin, one answer each; the end of stdin is the end of the process."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping

Do = Callable[..., Awaitable[Mapping[str, object] | None]]


def say(**values: object) -> None:
    """Tell the one who measures."""
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


async def obey(commands: Mapping[str, Do]) -> None:
    """Carry out commands by name, one after the other, until nobody gives any more."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        values = json.loads(line)
        say(**(await commands[values.pop("command")](**values) or {}))


async def paced(rate: float, seconds: float, offset: float, tell: Callable[[], None]) -> None:
    """Call `tell` at `rate` a second, for some seconds, from `offset` seconds on."""
    loop = asyncio.get_running_loop()
    begin = loop.time() + offset
    for number in range(int(rate * seconds)):
        await asyncio.sleep(begin + number / rate - loop.time())
        tell()
