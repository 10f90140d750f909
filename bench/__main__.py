"""`python -m bench`: runs the measurements one after the other and prints one table."""

import argparse
import resource
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic

from rich.console import Console

from bench import agents, calls, fanout, frontends, memory, mirror, runs, stalled, startup, streams, tokens
from bench.figures import Result, Scale
from bench.report import print_report, write_json
from bench.store import appending, opening, searching
from bench.subject import CannotMeasure
from salon import journal

FILES = 8192
"""Open files that the measurements with the most sockets need."""

Measure = Callable[[Scale], Result | list[Result]]

MEASUREMENTS: Mapping[str, Measure] = {
    "runs": runs.one_turn,
    "calls": calls.one_call,
    "tokens": tokens.token_to_reader,
    "fanout": fanout.one_at_a_time,
    "bursts": fanout.bursts,
    "streams": streams.eight_agents,
    "stalled": stalled.one_stalled_reader,
    "mirror": mirror.requests_and_tokens,
    "frontends": frontends.streamed_answer,
    "sockets": memory.idle_socket,
    "rooms": memory.idle_room,
    "agents": agents.active_agent,
    "open": opening.open_thread,
    "append": appending.append,
    "search": searching.search,
    "start": startup.start,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; returns 1 when something could not be measured at all."""
    options = _options(arguments)
    console = Console(stderr=True)
    if sys.platform != "linux":
        console.print("The CPU time of other processes is read from Linux; run this there.")
        return 1
    _allow_files()
    journal.configure("warning", "console")
    results: list[Result] = []
    failed = False
    for name in options.only or MEASUREMENTS:
        begin = monotonic()
        console.print(f"{name} …", style="dim", end=" ")
        try:
            found = MEASUREMENTS[name](Scale(quick=options.quick))
        except CannotMeasure as problem:
            console.print(f"could not be measured: {problem}", style="red")
            failed = True
            continue
        console.print(f"{monotonic() - begin:.0f} s", style="dim")
        results += found if isinstance(found, list) else [found]
    print_report(results, Console(width=None if sys.stdout.isatty() else 130))
    if options.json:
        write_json(results, options.json)
    return int(failed)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="What Salon costs, beside others.")
    parser.add_argument("--only", action="append", choices=MEASUREMENTS, metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--quick", action="store_true", help="a tenth of the work: noisy, for a look while working")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    return parser.parse_args(arguments)


def _allow_files() -> None:
    """Raise our own limit, which the measured servers inherit."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed < FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, most), most))


if __name__ == "__main__":
    sys.exit(main())
