"""A process that serves until it is killed."""

from __future__ import annotations

import socket

import uvicorn

from salon import Settings, create_app
from salon.ws.fanout import socket_options


def serve(listening: socket.socket, database_url: str) -> None:
    """Serve the demo team, on a listener that outlives this process: clients wait there for the next one."""
    settings = Settings.load(
        None,
        database_url=database_url,
        log_level="error",
        mock_pace=0.01,
        actions_per_second=1e6,
        actions_burst=1_000_000,
        history_page=1000,
    )
    config = uvicorn.Config(create_app(settings), log_config=None, **socket_options(settings.frame_bytes))
    uvicorn.Server(config).run(sockets=[listening])
