"""The first screen of a server: where it is, who answers, whether that is real, and how to try it."""

from dataclasses import dataclass

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from salon.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens. `usual` says that clients on this machine find it there without being told."""

    host: str
    port: int
    usual: bool

    @property
    def authority(self) -> str:
        """Host and port as a client on this machine writes them."""
        host = "localhost" if self.host in {"0.0.0.0", "::", ""} else self.host  # noqa: S104 - read, not bound
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"


def greet(console: Console, address: Address, runtime: Runtime | None) -> None:
    """Write the first screen; `runtime` is None for an application that is not Salon's own."""
    lines = Table.grid(padding=(0, 2))
    lines.add_column(style="bold")
    lines.add_column()
    at = address.authority
    lines.add_row("WebSocket", f"ws://{at}/ws/agent")
    lines.add_row("OpenAI base URL", f"http://{at}/v1")
    lines.add_row("Docs", f"http://{at}/docs")
    if runtime is not None:
        for team in runtime.catalog.teams.values():
            first = f"; {team.host} speaks first" if len(team.agents) > 1 else ""
            lines.add_row(f"Team {team.name}", ", ".join(team.agents) + first)
        lines.add_row("Rooms", f"kept in {runtime.house.database.place}")
        lines.add_row("Models", _models(runtime))
    lines.add_row("Try it", Text(f"salon chat{'' if address.usual else f' --url ws://{at}'}", style="cyan"))
    lines.add_row("", Text("Ctrl-C stops the server", style="dim"))
    console.print(Panel(lines, title=Text("Salon", style="bold"), title_align="left", expand=False))


def _models(runtime: Runtime) -> Text:
    mocks = runtime.catalog.mocks()
    live = {runtime.catalog.built(name).model for name in runtime.catalog.agents if name not in mocks}
    if not mocks:
        return Text(f"LIVE: {', '.join(sorted(live))}", style="green")
    whose = f" for {', '.join(mocks)}; LIVE for the others: {', '.join(sorted(live))}" if live else ""
    return Text(f"MOCK{whose}", style="bold yellow").append(f"\n{_reason(runtime)}", style="not bold yellow")


def _reason(runtime: Runtime) -> str:
    if runtime.settings.mock_mode:
        return "MOCK_MODE is true, so answers are simulated\nto go live: MOCK_MODE= in .env"
    return "no API key is set, so answers are simulated\nto go live: OPENAI_API_KEY=… in .env, or an agent's api_key"
