"""Reads lines from a pipe or file and takes turns: the next line is said when the last one has been answered."""

import asyncio
import signal
import threading
from collections.abc import Callable
from typing import TextIO

from salon.cli.terminal.chat import Chat


async def converse(chat: Chat, lines: TextIO) -> int:
    """Say every line of `lines`, wait for the last answer, and return the exit code.

    It is 1 when the input ends while a question waits for an answer that only a person could give.
    """
    loop = asyncio.get_running_loop()
    typed: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        for line in lines:
            loop.call_soon_threadsafe(typed.put_nowait, line)
        loop.call_soon_threadsafe(typed.put_nowait, None)

    # A thread nobody waits for: reading from a terminal or pipe cannot be cancelled.
    threading.Thread(target=read, name="stdin", daemon=True).start()

    def stop() -> None:
        chat.stop()
        if chat.left:
            typed.put_nowait(None)

    interruptible = _on_interrupt(loop, stop)
    try:
        await chat.settled()
        while not chat.left and (line := await typed.get()) is not None:
            chat.enter(line)
            await chat.settled()
    finally:
        if interruptible:
            loop.remove_signal_handler(signal.SIGINT)
    if chat.question() is not None and not chat.left:
        chat.screen.note("the input ended, but a question waits for an answer: salon chat in a terminal", "warn")
        return 1
    return 0


def _on_interrupt(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> bool:
    try:
        loop.add_signal_handler(signal.SIGINT, stop)
    except NotImplementedError:  # Windows: Ctrl-C then ends the program
        return False
    return True
