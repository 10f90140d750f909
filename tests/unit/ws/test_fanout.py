"""uvicorn is as this package's extension of it assumes: a release that changes shape fails here, and not in a room."""

import inspect
import re
from importlib.metadata import version

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from salon.ws.fanout import FanoutProtocol, socket_options

USED = {
    "transport",
    "conn",
    "queue",
    "scope",
    "close_sent",
    "close_timer",
    "read_paused",
    "loop",
}
"""What `FanoutProtocol` reads or writes of its parent."""

OVERRIDDEN = ["run_asgi", "pause_writing", "resume_writing", "connection_lost", "shutdown"]


def test_the_parent_still_has_everything_that_is_used_of_it() -> None:
    source = inspect.getsource(WebSocketsSansIOProtocol)
    assert {name for name in USED if not re.search(rf"self\.{name}\b", source)} == set()
    for name in OVERRIDDEN:
        ours, theirs = getattr(FanoutProtocol, name), getattr(WebSocketsSansIOProtocol, name)
        assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)
        assert inspect.iscoroutinefunction(ours) == inspect.iscoroutinefunction(theirs)


def test_nothing_of_the_parent_is_hidden_by_accident() -> None:
    ours = {name for name in vars(FanoutProtocol) if not name.startswith("__")}
    assert {name for name in ours if hasattr(WebSocketsSansIOProtocol, name)} == set(OVERRIDDEN)
    source = inspect.getsource(WebSocketsSansIOProtocol)
    assert {name for name in ours - set(OVERRIDDEN) if re.search(rf"self\.{name}\b", source)} == set()


def test_uvicorn_is_the_release_that_this_was_written_for() -> None:
    assert version("uvicorn").startswith("0.54.")


def test_the_options_are_uvicorns() -> None:
    config = uvicorn.Config(lambda: None, log_config=None, **socket_options(1000))
    config.load()
    assert config.ws_protocol_class is FanoutProtocol
    assert (config.ws_max_size, config.ws_ping_interval, config.ws_per_message_deflate) == (4000, None, False)
