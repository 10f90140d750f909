"""What a person reads at the end, and what a program does: a table and JSON."""

import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.figures import Result

REACHED = {True: "reached", False: "not reached", None: ""}


def machine() -> dict[str, object]:
    """The shape of the machine, without which a figure says nothing."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "unknown"
    )
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": model,
        "load": round(os.getloadavg()[0], 2),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def print_report(results: Sequence[Result], console: Console) -> None:
    """Every figure beside the first one of its group: how many times as much it is; at last, on what machine."""
    for result in results:
        console.print(Text.assemble((result.what, "bold"), f", {result.unit}  ", _goal(result)))
        console.print(_lines_of(result))
    here = machine()
    console.print(
        f"{here['cores']} cores ({here['cpu']}), load {here['load']} at the end, Linux {here['kernel']}, "
        f"Python {here['python']}. Figures are medians, CPU time is the server's own, ratios are to the first line.",
        style="dim",
    )


def write_json(results: Sequence[Result], path: Path) -> None:
    """The same for programs."""
    document = {"machine": machine(), "results": [result.as_json() for result in results]}
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _lines_of(result: Result) -> Table:
    shown = Table(box=None, show_header=False, padding=(0, 1, 0, 2))
    shown.add_column(width=32)
    shown.add_column(justify="right", width=10)
    shown.add_column(justify="right", width=8)
    shown.add_column()
    first = result.lines[0].value
    for line in result.lines:
        ratio = f"x {line.value / first:.2f}" if first else ""
        shown.add_row(line.who, _figure(line.value), ratio, Text(line.context, style="dim"))
    for reason in result.missing:
        shown.add_row("", "", "", Text(f"not measured: {reason}", style="yellow"))
    shown.add_row()
    return shown


def _goal(result: Result) -> Text:
    style = {True: "green", False: "red", None: ""}[result.met]
    told = ": ".join(filter(None, [result.goal, REACHED[result.met]]))
    return Text(f"goal {told}" if told else "", style=style)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.1f}" if abs(value) >= 100 else f"{value:.2f}"


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []
