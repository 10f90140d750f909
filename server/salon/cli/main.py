"""The command `salon`: its options and exit codes. Each command imports what it needs when it runs, and no sooner."""

# ruff: noqa: PLC0415 - `salon chat` and `salon --help` must not wait for the whole server to be imported

import gc
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from salon.settings import DOTENV, Settings, SettingsError

app = typer.Typer(
    name="salon",
    help="Rooms in which people and teams of AI agents talk: one WebSocket, one OpenAI-compatible route.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

App = Annotated[
    str | None, typer.Option("--app", metavar="MODULE:ATTRIBUTE", help="Your application; the demo team without it.")
]


def main() -> None:
    """Run the command line."""
    app()


@app.callback(invoke_without_command=True)
def _salon(
    show_version: Annotated[bool, typer.Option("--version", help="Show the version and leave.")] = False,
) -> None:
    if show_version:
        typer.echo(f"salon {version('salon')}")
        raise typer.Exit


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (else HOST, else 0.0.0.0).")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port (else PORT, else 8000); 0 lets the system choose.")
    ] = None,
    reload: Annotated[bool, typer.Option("--reload", help="Start again whenever a file changes.")] = False,
    log_level: Annotated[
        str | None, typer.Option(help="debug, info, warning, error or critical (else LOG_LEVEL).")
    ] = None,
    application: App = None,
) -> None:
    """Start the server. Settings come from the environment and .env; see .env.example."""
    gc.disable()  # imports make much that lives and little garbage; the server turns it on again when it is up
    try:
        from salon.cli.serve import serve as run

        settings = _settings({"host": host, "port": port, "log_level": log_level})
        usual = port is None or port == _settings().port
        code = _told(lambda: run(settings, app=application, reload=reload, usual=usual))
    finally:
        gc.enable()
    raise typer.Exit(code)


@app.command()
def chat(
    room: Annotated[str, typer.Option(help="The room to talk in.")] = "default",
    url: Annotated[str | None, typer.Option(help="The server: ws://HOST:PORT (else this machine, at PORT).")] = None,
    name: Annotated[str | None, typer.Option(help="How the others in the room see you.")] = None,
) -> None:
    """Talk in a room, live, from this terminal; lines piped in are said one after the other."""
    from salon.cli.chat import chat as run
    from salon.contracts.types import Id

    try:
        TypeAdapter(Id).validate_python(room)
    except ValidationError:
        form = "a room id has 1-128 letters, digits or . _ : @ / - and starts with a letter or digit"
        _fail(f"--room {room[:128]}: {form}")
        raise typer.Exit(1) from None
    raise typer.Exit(run(url or f"ws://127.0.0.1:{_settings().port}", room, name=name))


@app.command()
def record(
    room: Annotated[str, typer.Argument(help="The room, such as default.")],
    url: Annotated[str | None, typer.Option(help="The server: http://HOST:PORT (else this machine, at PORT).")] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what happens, until Ctrl-C.")] = False,
) -> None:
    """Write what happened in a room, entry by entry: `salon record ROOM > FILE`."""
    from salon.cli.record import CannotRecord
    from salon.cli.record import record as run

    try:
        run(url or f"http://127.0.0.1:{_settings().port}", room, sys.stdout.buffer, follow=follow)
    except CannotRecord as problem:
        _fail(str(problem))
        raise typer.Exit(1) from None


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="A recording.")],
    speed: Annotated[float, typer.Option(min=0, help="How many times as fast; 0 tells all at once.")] = 1.0,
    as_mock: Annotated[bool, typer.Option("--as-mock", help="Let mocks answer you with what was said.")] = False,
    host: Annotated[str | None, typer.Option(help="Address to listen on (else HOST, else 0.0.0.0).")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port (else PORT, else 8000).")] = None,
) -> None:
    """Play a recording: a server with that room in it, offline, with the same entries under the same numbers."""
    from salon.cli.replay import replay as run

    settings = _settings({"host": host, "port": port})
    usual = port is None or port == _settings().port
    raise typer.Exit(_told(lambda: run(settings, file, speed=speed, as_mock=as_mock, usual=usual)))


@app.command()
def agents(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False, application: App = None
) -> None:
    """List who answers, with which model and tools, without starting a server."""
    from salon.cli.agents import agents as run

    def listed() -> int:
        run(Console(), app=application, as_json=as_json)
        return 0

    raise typer.Exit(_told(listed))


@app.command()
def migrate() -> None:
    """Bring the tables of DATABASE_URL up to date; a server does so itself when it starts."""
    from salon.cli.migrate import migrate as run

    def migrated() -> int:
        run(Console(), _settings())
        return 0

    raise typer.Exit(_told(migrated))


@app.command()
def contracts(
    out: Annotated[Path, typer.Option(help="The folder of the npm package.")] = Path("ui-contracts"),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail when they are out of date.")] = False,
) -> None:
    """Write the JSON Schemas, the AsyncAPI document and the TypeScript types of the wire."""
    from salon.cli.contracts import contracts as run

    raise typer.Exit(run(Console(), out, check=check))


def _settings(options: Mapping[str, object] = {}) -> Settings:
    """The settings; options that were given on the command line win over the environment."""
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings.load(DOTENV, **given)
    except SettingsError as problem:
        _fail(str(problem))
        raise typer.Exit(1) from None


def _told(command: Callable[[], int]) -> int:
    """The command's exit code; 1, and the reason in words, when it cannot do what was asked."""
    from salon.cli.application import CannotStart

    try:
        return command()
    except CannotStart as problem:
        _fail(str(problem))
        return 1


def _fail(reason: str) -> None:
    Console(stderr=True).print(f"✗ {reason}", style="bold red", markup=False, highlight=False, soft_wrap=True)
