"""Draws the `chart` component with bars of characters, whatever its kind: one line for each value."""

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from salon.cli.reading.clean import brief, one_line
from salon.contracts.components import ChartProps, Series

WIDTH = 40
"""Cells of the longest bar."""

POINTS = 40
"""Values of a series that are drawn; the rest is counted."""

_EIGHTHS = " ▏▎▍▌▋▊▉"
_COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")


def chart(props: ChartProps) -> RenderableType:
    """One block of lines per series, all on the same scale, so that bars can be compared."""
    values = [value for series in props.series for value in series.values if value is not None]
    longest = max((abs(value) for value in values), default=0) or 1
    total = sum(values) if props.kind == "pie" and len(props.series) == 1 else 0
    lines: list[RenderableType] = []
    for number, series in enumerate(props.series):
        colour = _COLOURS[number % len(_COLOURS)]
        if len(props.series) > 1:
            lines.append(Text(one_line(series.name), style=f"bold {colour}"))
        lines.extend(_series(props, series, colour, longest, total))
    if props.x_label or props.y_label:
        axes = f"{one_line(props.y_label or '')} by {one_line(props.x_label or '')}"
        lines.append(Text(axes if props.x_label and props.y_label else axes.replace(" by ", ""), style="dim"))
    return Group(*lines)


def _series(props: ChartProps, series: Series, colour: str, longest: float, total: float) -> list[RenderableType]:
    places = series.x if props.kind == "scatter" else props.labels
    labels = [one_line(place, 24) if isinstance(place, str) else brief(place) for place in (places or [])[:POINTS]]
    widest = max((cell_len(label) for label in labels), default=0)
    lines: list[RenderableType] = []
    for label, value in zip(labels, series.values, strict=False):
        line = Text(" " * (widest - cell_len(label)) + label + " ")
        if value is None:
            lines.append(line.append("-", style="dim"))
            continue
        line.append(_bar(abs(value) / longest), style="red" if value < 0 else colour)
        line.append(f" {_number(value)}{_unit(props.unit)}")
        lines.append(line.append(f"  {value / total:.0%}", style="dim") if total else line)
    if len(series.values) > POINTS:
        lines.append(Text(f"… and {len(series.values) - POINTS} more", style="dim"))
    return lines


def _bar(share: float) -> str:
    eighths = round(share * WIDTH * 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}".rstrip("0").rstrip(".")


def _unit(unit: str | None) -> str:
    if not unit:
        return ""
    return unit if unit == "%" else f" {one_line(unit, 12)}"
