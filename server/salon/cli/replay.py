"""`salon replay`: serves a recording, as it was or with mocks that say what was said."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog
from fastapi import FastAPI

from salon import demo
from salon.app import AgentServer
from salon.cli.application import CannotStart
from salon.cli.serve import serve
from salon.errors import SalonError
from salon.runtime.recorded import file as recordings
from salon.runtime.recorded.cast import cast
from salon.runtime.recorded.file import Recording
from salon.runtime.recorded.player import Player
from salon.settings import Settings

log = structlog.get_logger(__name__)

ALONE = {
    "database_url": "sqlite:///:memory:",
    "redis_url": None,
    "room_idle_seconds": 1e9,
    "background_jobs": False,
}
"""What is played leaves no trace, stays as long as the server runs, and nothing of the server's own comes between."""


def replay(settings: Settings, file: Path, *, speed: float = 1.0, as_mock: bool = False, usual: bool = True) -> int:
    """Serve the recording in `file` until told to stop; returns the exit code.

    Args:
        speed: how many times as fast as it was; 0 tells everything at once.
        as_mock: agents answer anew, with what they said in the recording.

    Raises CannotStart: says why in words.
    """
    recording = opened(file)
    server = mocks(settings, recording) if as_mock else player(settings, recording, speed=speed)
    return serve(settings, made=server, usual=usual)


def opened(file: Path) -> Recording:
    """The recording in a file. Raises CannotStart."""
    try:
        with file.open("rb") as lines:
            return recordings.read(lines)
    except OSError as problem:
        raise CannotStart(f"{file} cannot be read: {problem.strerror}") from None
    except SalonError as problem:
        raise CannotStart(f"{file}: {problem.message}") from None


def player(settings: Settings, recording: Recording, *, speed: float) -> AgentServer:
    """A server in which the recording is told again once somebody watches its room."""

    @asynccontextmanager
    async def playing(app: FastAPI) -> AsyncIterator[None]:
        play = asyncio.create_task(_play(Player(app.state.runtime, recording, speed=speed)), name="replay")
        try:
            yield
        finally:
            play.cancel()
            with suppress(asyncio.CancelledError):
                await play

    return AgentServer(teams=[demo.team()], settings=settings.model_copy(update=ALONE), lifespan=playing)


def mocks(settings: Settings, recording: Recording) -> AgentServer:
    """A server whose agents are those of the recording. Raises CannotStart when there are none in it."""
    try:
        return AgentServer(teams=[cast(recording)], settings=settings.model_copy(update=ALONE))
    except ValueError as problem:
        raise CannotStart(f"the recording cannot be played by mocks: {problem}") from None


async def _play(told: Player) -> None:
    try:
        await told.play()
    except SalonError as problem:
        log.error("replay_stopped", seq=told.room.state.seq + 1, reason=problem.message)
