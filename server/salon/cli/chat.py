"""`salon chat`: a conversation in a room from a terminal, or from a pipe."""

import asyncio
import sys
from contextlib import suppress
from typing import TextIO, cast

from rich.console import Console

from salon.cli.terminal import keyboard, pipe
from salon.cli.terminal.chat import Chat
from salon.cli.terminal.screen import Screen
from salon.clients.errors import ClientError, Unreachable


def chat(url: str, room: str, *, name: str | None = None) -> int:
    """Talk in `room` at `url` until the person leaves or the input ends; returns the exit code."""
    with suppress(KeyboardInterrupt):
        return asyncio.run(_chat(url, room, name))
    return 130


async def _chat(url: str, room: str, name: str | None) -> int:
    if sys.stdin.isatty() and sys.stdout.isatty():
        above = keyboard.Above()
        console = Console(file=cast(TextIO, above))
        here = Chat(url, room, Screen(console, live=True), name=name)
        talk = asyncio.create_task(keyboard.converse(here, above))
    else:
        above = None
        here = Chat(url, room, Screen(Console(), live=False), name=name)
        talk = asyncio.create_task(pipe.converse(here, sys.stdin))
    link = asyncio.create_task(here.link.run())
    await asyncio.wait({talk, link}, return_when=asyncio.FIRST_COMPLETED)
    if talk.done():
        link.cancel()
        await asyncio.wait({link})
        return talk.result()
    talk.cancel()
    await asyncio.wait({talk})
    refused = link.exception()
    if not isinstance(refused, ClientError):
        link.result()
    here.screen.note(f"{refused}, or give --url" if isinstance(refused, Unreachable) else str(refused), "bad")
    if above is not None:
        await above.drained()
    return 1
