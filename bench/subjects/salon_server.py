"""Salon as `salon serve` runs it, with agents on the instant model, and told from within the process what to say."""

import asyncio
import json
import socket
import sys
import tempfile
import time

import uvicorn

from bench.subjects.commands import obey, paced, say
from bench.subjects.instant import TOKEN, InstantConfig
from salon import journal
from salon.agents.agent import Agent
from salon.app import create_app
from salon.chat.team import Team
from salon.contracts.events import MsgDelta, MsgDone, MsgStarted
from salon.contracts.runs import Principal
from salon.contracts.types import Author, Part, TextPart
from salon.ids import new_id
from salon.rooms.room import Room
from salon.runtime import Runtime
from salon.settings import Settings
from salon.ws.fanout import socket_options

SPEAKER = Principal(user="bench")


class Server(uvicorn.Server):
    """Says where it listens, and then does what it is told."""

    def __init__(self, config: uvicorn.Config, runtime: Runtime) -> None:
        super().__init__(config)
        self._lobby = runtime.lobby
        self._heard: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        self._heard = asyncio.create_task(self._obey())
        say(port=(sockets or [])[0].getsockname()[1])

    async def _obey(self) -> None:
        try:
            await obey({"publish": self.publish, "speak": self.speak, "ask": self.ask, "rooms": self.rooms})
        finally:
            self.should_exit = True

    async def publish(self, *, room: str, count: int, text: int, mark: str) -> None:
        """Somebody says `count` things of `text` letters each, in one go; the last one holds `mark`."""
        opened = await self._lobby.open(room)
        for _ in range(count - 1):
            _say(opened, "x" * text)
        _say(opened, mark + "x" * (text - len(mark)))

    async def speak(self, *, room: str, agents: int, rate: float, seconds: float, mark: str, pad: int) -> None:
        """Several agents stream at once, `rate` tokens a second each with `pad` letters more; then `mark` is said."""
        opened = await self._lobby.open(room)
        speakers = [Speaker(opened, f"agent-{number}", "x" * pad) for number in range(agents)]
        await asyncio.gather(
            *(paced(rate, seconds, n / (agents * rate), speaker.token) for n, speaker in enumerate(speakers))
        )
        for speaker in speakers:
            speaker.end()
        _say(opened, mark)

    async def ask(self, *, room: str, text: str) -> None:
        """A program asks in the room and waits for the end of the run."""
        opened = await self._lobby.open(room)
        ordered = await opened.order(SPEAKER, parts=[TextPart(kind="text", text=text)])
        outcome = await opened.outcome(ordered.run)
        assert outcome.outcome == "success", outcome

    async def rooms(self, *, count: int) -> None:
        """Open rooms in which nothing happens."""
        for number in range(count):
            await self._lobby.open(f"idle-{number}")


def _say(room: Room, text: str) -> None:
    room.say(SPEAKER, [TextPart(kind="text", text=text)])


class Speaker:
    """An agent that streams a message, token by token, each with the time at which it is said."""

    def __init__(self, room: Room, name: str, pad: str) -> None:
        self._room = room
        self._pad = pad
        self._message = new_id("msg")
        self._author = Author(id=name, role="agent")
        self._length = 0
        room.append(MsgStarted(event="message.started", message=self._message, author=self._author))

    def token(self) -> None:
        """Say the next one."""
        text = f"{TOKEN}t{time.monotonic_ns()}z{self._pad}"
        self._length += len(text)
        self._room.append(MsgDelta(event="message.delta", message=self._message, text=text, at=self._length))

    def end(self) -> None:
        """That was all."""
        parts: list[Part] = [TextPart(kind="text", text="all of it")]
        self._room.append(MsgDone(event="message.done", message=self._message, author=self._author, parts=parts))


def main(vendor: str = "", settings: str = "{}") -> None:
    """Serve until stdin ends.

    Args:
        vendor: address of the fake vendor behind the agent `vendor`.
        settings: JSON of settings that differ from the defaults.
    """
    with tempfile.TemporaryDirectory(prefix="salon-bench-") as folder:  # rooms are kept in a file, as by default
        # The load is one client on one address: what protects the server from such a one would only measure itself.
        relaxed = {"ping_every": 3600.0, "connect_timeout": 60.0, "database_url": f"sqlite:///{folder}/salon.db"}
        _serve(vendor, Settings.load(None, **{**relaxed, **json.loads(settings)}))


def _serve(vendor: str, house: Settings) -> None:
    team = Team("instant", [Agent("host", "You answer.", model=InstantConfig())])
    agents = (
        [Agent("vendor", "You answer.", model="openai/fake", base_url=vendor, api_key="fk-bench")] if vendor else []
    )
    app = create_app(house, teams=[team], agents=agents)
    journal.configure("warning", "json")
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, timeout_graceful_shutdown=1, **socket_options(house.frame_bytes)
    )
    Server(config, app.state.runtime).run(sockets=[listening])


if __name__ == "__main__":
    main(*sys.argv[1:])
