import asyncio
import errno
import io
import socket
import sys
from types import ModuleType

import pytest
import uvicorn
from rich.console import Console

from salon import Agent, Settings, create_app
from salon.cli.application import CannotStart, load, runtime_of
from salon.cli.greeting import Address, greet
from salon.cli.serve import Server, bind


def greeting(settings: Settings, address: Address) -> str:
    out = io.StringIO()
    greet(Console(file=out, width=100), address, runtime_of(create_app(settings)))
    return out.getvalue()


def test_a_port_that_the_system_chooses_is_bound() -> None:
    with bind("127.0.0.1", 0) as listening:
        assert listening.getsockname()[1] > 0


def test_a_port_in_use_says_so_and_names_the_next_step() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"port {port} is in use already: .* --port"):
            bind("127.0.0.1", port)


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "choose one from 1024 on"),
        (OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address"), "Cannot assign requested address"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "no address of this machine"),
    ],
)
def test_an_address_that_cannot_be_listened_on_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, problem: OSError, words: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(socket, "create_server", refuse)
    with pytest.raises(CannotStart, match=words):
        bind("127.0.0.1", 80)


@pytest.mark.requirement("S4-33")
def test_the_first_screen_says_where_the_server_is_and_that_its_models_are_mocks(settings: Settings) -> None:
    shown = greeting(settings, Address("0.0.0.0", 8000, usual=True))
    assert "ws://localhost:8000/ws/agent" in shown
    assert "http://localhost:8000/v1" in shown
    assert "http://localhost:8000/docs" in shown
    assert "kept in" in shown
    assert "MOCK" in shown
    assert "no API key is set" in shown
    assert "OPENAI_API_KEY=" in shown
    assert "salon chat " in shown


def test_the_first_screen_gives_the_address_when_clients_cannot_guess_it(settings: Settings) -> None:
    assert "salon chat --url ws://127.0.0.1:8123" in greeting(settings, Address("127.0.0.1", 8123, usual=False))
    assert "ws://[::1]:8123/ws/agent" in greeting(settings, Address("::1", 8123, usual=False))


def test_the_first_screen_says_live_and_which_model_when_there_is_a_key(settings: Settings) -> None:
    live = Settings(openai_api_key="sk-0123456789abcdef0123", openai_model="gpt-4o")  # type: ignore[arg-type]
    shown = greeting(live, Address("127.0.0.1", 8000, usual=True))
    assert "LIVE" in shown
    assert "gpt-4o" in shown
    assert "MOCK" not in shown


def test_an_application_of_ones_own_is_found_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = ModuleType("shop")
    monkeypatch.setattr(shop, "app", create_app(agents=[Agent("clerk", "You sell.")]), raising=False)
    monkeypatch.setitem(sys.modules, "shop", shop)
    runtime = runtime_of(load("shop:app"))
    assert runtime is not None
    assert list(runtime.catalog.agents) == ["clerk"]


def test_an_application_that_cannot_be_found_says_what_was_looked_for() -> None:
    with pytest.raises(CannotStart, match='--app nowhere:app: Could not import module "nowhere"'):
        load("nowhere:app")


def test_other_applications_have_no_runtime() -> None:
    assert runtime_of(object()) is None


async def test_a_server_without_its_database_says_so_and_does_not_start(
    settings: Settings, capsys: pytest.CaptureFixture[str], closed_port: int
) -> None:
    nowhere = settings.model_copy(update={"database_url": f"postgresql://salon:hush@127.0.0.1:{closed_port}/rooms"})
    server = Server(uvicorn.Config(create_app(nowhere)), nowhere, Address("127.0.0.1", 0, usual=True))
    async with asyncio.timeout(20):
        await server.startup()
    told = capsys.readouterr().err
    assert server.should_exit
    assert not server.started
    assert "The database of DATABASE_URL (PostgreSQL, 127.0.0.1/rooms) cannot be used" in told
    assert "hush" not in told


@pytest.fixture
def closed_port() -> int:
    """A port at which nobody listens."""
    with bind("127.0.0.1", 0) as listening:
        port: int = listening.getsockname()[1]
    return port
