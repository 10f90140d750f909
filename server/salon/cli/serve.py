"""`salon serve`: binds the port, starts uvicorn with the fan-out protocol, and says where everything is."""

import gc
import logging
import math
import socket
from contextlib import suppress

import uvicorn
from rich.console import Console
from starlette.types import ASGIApp
from uvicorn.importer import import_from_string
from uvicorn.supervisors import ChangeReload

from salon import journal
from salon.cli.application import BUILT_IN, CannotStart, load, runtime_of
from salon.cli.greeting import Address, greet
from salon.errors import SalonError
from salon.settings import Settings
from salon.store.database import Database
from salon.ws.fanout import socket_options

BACKLOG = 2048
"""Connections that may wait to be accepted: a restart brings all clients back at once."""


def serve(
    settings: Settings,
    *,
    app: str | None = None,
    made: ASGIApp | None = None,
    reload: bool = False,
    usual: bool = True,
) -> int:
    """Run a server until it is told to stop; returns the exit code.

    Args:
        app: `MODULE:ATTRIBUTE` of the application; Salon's own with the demo team when None.
        made: an application that is there already.
        reload: start again whenever a file changes.
        usual: the address is the one of the environment, which clients on this machine find by themselves.

    Raises:
        CannotStart: says why in words.
    """
    listening = bind(settings.host, settings.port)
    with listening:
        port = listening.getsockname()[1]
        config = uvicorn.Config(
            (app or BUILT_IN) if reload else made or load(app, settings),
            host=settings.host,
            port=port,
            reload=reload,
            log_config=None,
            access_log=False,
            backlog=BACKLOG,
            timeout_graceful_shutdown=math.ceil(settings.drain_seconds),
            **socket_options(settings.frame_bytes),
        )
        server = Server(config, settings, Address(settings.host, port, usual and port == settings.port))
        with suppress(KeyboardInterrupt):  # uvicorn has stopped in good order and repeats the signal
            if reload:
                ChangeReload(config, target=server.run, sockets=[listening]).run()
                return 0
            server.run(sockets=[listening])
        return 0 if server.started else 1


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; `port` 0 lets the system choose. Raises CannotStart."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except PermissionError:
        raise CannotStart(f"port {port} may not be opened by this user: choose one from 1024 on, with --port") from None
    except socket.gaierror:
        raise CannotStart(f"{host!r} is no address of this machine: --host 0.0.0.0 listens on all of them") from None
    except OSError as problem:
        if problem.errno is not None and "in use" in (problem.strerror or ""):
            remedy = f"stop what uses it, or choose another: salon serve --port {port + 1 if port < 65535 else 0}"
            raise CannotStart(f"port {port} is in use already: {remedy}") from None
        raise CannotStart(f"cannot listen on {host}:{port}: {problem.strerror}") from None
    listening.set_inheritable(True)  # the reloader's child takes it over
    return listening


class Server(uvicorn.Server):
    """uvicorn, with our log and our first screen, also when it runs as the reloader's child."""

    def __init__(self, config: uvicorn.Config, settings: Settings, address: Address) -> None:
        super().__init__(config)
        self._settings = settings
        self._address = address

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until told to stop."""
        journal.configure(self._settings.log_level, self._settings.log_format)
        if self._settings.log_level != "debug":
            # What it says on its way up and down is on the first screen.
            logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        super().run(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so; without a database say that, and end."""
        app = self.config.app
        runtime = runtime_of(import_from_string(app) if isinstance(app, str) else app)
        if runtime is not None and (problem := await _unopened(runtime.house.database)) is not None:
            Console(stderr=True).print(problem, style="red", soft_wrap=True)
            self.should_exit = True
            return
        await super().startup(sockets)
        gc.enable()
        greet(Console(), self._address, runtime)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say so, then stop."""
        Console().print("Stopping: clients are told to come back, what runs is ended.", style="dim")
        await super().shutdown(sockets)


async def _unopened(database: Database) -> str | None:
    """Why the database cannot be used, in words; None when it can."""
    try:
        await database.open()
    except SalonError as problem:
        return f"The database of DATABASE_URL ({database.place}) cannot be used: {problem.message}"
    return None
