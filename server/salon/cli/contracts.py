"""`salon contracts`: writes the documents of the wire, or checks that the written ones are up to date."""

from pathlib import Path

from rich.console import Console

from salon.contracts import export


def contracts(console: Console, out: Path, *, check: bool = False) -> int:
    """Write into `out`, or with `check` only compare; returns the exit code."""
    if not check:
        for path in export.write(out):
            console.print(f"wrote {path}", highlight=False, soft_wrap=True)
        return 0
    problems = export.check(out)
    for problem in problems:
        console.print(problem, style="red", highlight=False, soft_wrap=True)
    if problems:
        console.print(f"{out} is out of date: run `salon contracts`", style="bold red", soft_wrap=True)
    return 1 if problems else 0
