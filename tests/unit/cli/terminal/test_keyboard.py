import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from prompt_toolkit.application import create_app_session, get_app
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output
from rich.console import Console

from salon.cli.terminal import keyboard
from salon.cli.terminal.chat import Chat
from salon.cli.terminal.screen import Screen
from tests.unit.clients.server import Desk, House


class Seen(io.StringIO):
    """What is drawn, to be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn = asyncio.Event()

    def write(self, text: str) -> int:
        self.drawn.set()
        return super().write(text)


class Person:
    """Somebody at a terminal."""

    def __init__(self, chat: Chat, keys: PipeInput, seen: Seen, desk: Desk, talk: asyncio.Task[int]) -> None:
        self.chat = chat
        self.keys = keys
        self.desk = desk
        self.talk = talk
        self._seen = seen

    def saw(self) -> str:
        return self._seen.getvalue()

    async def has_typed(self, text: str) -> None:
        """Wait until the line that is being typed is `text`."""
        async with asyncio.timeout(5):
            while get_app().current_buffer.text != text:
                self._seen.drawn.clear()
                await self._seen.drawn.wait()

    async def leaves(self) -> int:
        async with asyncio.timeout(5):
            return await self.talk


@asynccontextmanager
async def sitting() -> AsyncIterator[Person]:
    seen = Seen()
    output = Vt100_Output(seen, lambda: Size(rows=30, columns=80), term="xterm")
    async with House.opened() as house:
        with create_pipe_input() as keys, create_app_session(input=keys, output=output):
            above = keyboard.Above()
            chat = Chat(house.url, "lab", Screen(Console(file=above, width=80), live=True))  # type: ignore[arg-type]
            link = asyncio.create_task(chat.link.run())
            desk = await house.next_client()
            await desk.lets_in()
            await chat.settled()
            talk = asyncio.create_task(keyboard.converse(chat, above))
            try:
                yield Person(chat, keys, seen, desk, talk)
            finally:
                for task in (talk, link):
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task


async def test_a_typed_line_is_sent_and_stands_above_the_prompt() -> None:
    async with sitting() as person:
        person.keys.send_text("hello\r")
        assert (await person.desk.hears("send"))["parts"][0]["text"] == "hello"
        person.keys.send_text("\x04")
        assert await person.leaves() == 0
        assert "hello" in person.saw()
        assert "room lab" in person.saw()


async def test_tab_completes_agents_and_commands() -> None:
    async with sitting() as person:
        person.keys.send_text("@anal\t")
        await person.has_typed("@analyst")
        person.keys.send_text(" you\r")
        assert (await person.desk.hears("send"))["parts"][0]["text"] == "@analyst you"
        person.keys.send_text("/qu\t")
        await person.has_typed("/quit")
        person.keys.send_text("\r")
        assert await person.leaves() == 0


async def test_ctrl_c_clears_what_is_half_typed_and_then_leaves() -> None:
    async with sitting() as person:
        person.keys.send_text("not this\x03")
        person.keys.send_text("but this\r")
        assert (await person.desk.hears("send"))["parts"][0]["text"] == "but this"
        person.keys.send_text("\x03\x03")
        assert await person.leaves() == 0
