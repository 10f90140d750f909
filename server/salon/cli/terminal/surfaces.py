"""Draws surfaces for a terminal: the component catalogue readably, an application's own components as a tree.

It may not know where a surface came from. Props of a known component are read by its contract; whatever does not fit
is drawn as the data that it is.
"""

from collections.abc import Callable, Mapping

from pydantic import ValidationError
from rich import box
from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from salon.cli.reading.clean import brief, clean
from salon.cli.terminal.bars import chart
from salon.contracts.components import (
    CATALOG,
    ApprovalProps,
    Button,
    ButtonsProps,
    CardProps,
    ChartProps,
    CodeProps,
    DocumentProps,
    FormProps,
    ImageProps,
    ListProps,
    MarkdownProps,
    PlanProps,
    ProgressProps,
    TableProps,
    TextProps,
)
from salon.contracts.events import UiPut
from salon.contracts.forms import BooleanField, ChoiceField, ChoicesField, FormField
from salon.contracts.types import Json, Obj, Wire

ROWS = 40
"""Lines of a table or list that are drawn; a screen holds no more, and the rest is counted."""

_TONES = {"success": "green", "warning": "yellow", "danger": "red", "info": "cyan"}
_STEPS = {"pending": "○", "active": "◐", "done": "●", "skipped": "-"}
_STATUS = {
    "approved": "✓ approved",
    "rejected": "✗ rejected",
    "expired": "! expired",
    "pending": "? waits for an answer",
}


def draw(surface: UiPut, *, changed: bool = False) -> RenderableType:
    """The surface in a frame that says what it is and whose."""
    title, content = _content(surface)
    heading = Text(f"{clean(title)} " if title else "", style="bold")
    heading.append(f"{surface.component} by {surface.owner}{', changed' if changed else ''}", style="not bold dim")
    # All of it in the title: a frame grows with its title, but not with its subtitle.
    return Panel(content, title=heading, title_align="left", box=box.ROUNDED, border_style="dim", expand=False)


def _content(surface: UiPut) -> tuple[str | None, RenderableType]:
    model = CATALOG.get(surface.component)
    try:
        props = model.model_validate(surface.props) if model else None
    except ValidationError:
        props = None
    title = surface.props.get("title")
    if props is None:
        return (title if isinstance(title, str) else None), _tree(surface.props)
    return (title if isinstance(title, str) else None), _DRAWN[type(props)](props)


def _text(props: TextProps) -> RenderableType:
    return Text(clean(props.text), style=_TONES.get(props.tone or "", ""))


def _markdown(props: MarkdownProps) -> RenderableType:
    return _rich(props.text)


def _card(props: CardProps) -> RenderableType:
    lines: list[RenderableType] = []
    if props.subtitle:
        lines.append(Text(clean(props.subtitle), style="italic"))
    if props.text:
        lines.append(Text(clean(props.text), style=_TONES.get(props.tone or "", "")))
    lines.extend(Text(clean(link), style="dim") for link in (props.link, props.image and "[picture]") if link)
    if props.buttons:
        lines.append(_row(props.buttons))
    if props.children:
        lines.append(Text(f"with {', '.join(props.children)}", style="dim"))
    return Group(*lines)


def _list(props: ListProps) -> RenderableType:
    lines = _hanging()
    for number, item in enumerate(props.items[:ROWS], 1):
        tick = "" if item.done is None else ("☑" if item.done else "☐")
        line = Text(clean(item.text))
        for more in (item.detail, item.link):
            if more:
                line.append(f"  {clean(more)}", style="dim")
        lines.add_row(f"{number}." if props.ordered else (tick or "•"), line)
    return Group(lines, *_left_out(len(props.items)))


def _table(props: TableProps) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in props.columns:
        numbers = all(isinstance(row.get(column.key), int | float | None) for row in props.rows)
        table.add_column(
            Text(clean(column.label or column.key)), justify=column.align or ("right" if numbers else "left")
        )
    for row in props.rows[:ROWS]:
        cells = [row.get(column.key) for column in props.columns]
        table.add_row(*(Text("" if cell is None else brief(cell, 200)) for cell in cells))
    caption = [Text(clean(props.caption), style="dim")] if props.caption else []
    return Group(table, *caption, *_left_out(len(props.rows)))


def _form(props: FormProps) -> RenderableType:
    lines: list[RenderableType] = [Text(clean(props.text))] if props.text else []
    lines.extend(_field(field) for field in props.fields)
    if not props.disabled:
        lines.append(Text("fill it in from a browser", style="dim"))
    return Group(*lines)


def _field(field: FormField) -> Text:
    line = Text(f"{clean(field.label)}{'*' if field.required else ''}: ", style="bold")
    match field:
        case BooleanField():
            value = "☑" if field.value else "☐"
        case ChoiceField() | ChoicesField():
            chosen = field.value if isinstance(field.value, list) else [field.value]
            value = "  ".join(
                f"{'◉' if option.value in chosen else '○'} {clean(option.label or option.value)}"
                for option in field.options
            )
        case _:
            value = brief(field.value, 200) if field.value is not None else "________"
    line.append(value, style="not bold")
    if field.help:
        line.append(f"  {clean(field.help)}", style="not bold dim")
    return line


def _buttons(props: ButtonsProps) -> RenderableType:
    words = [Text(clean(props.text))] if props.text else []
    return Group(*words, _row(props.buttons))


def _row(buttons: list[Button]) -> Text:
    return Text("  ").join(Text(f"[ {clean(b.label)} ]", style="dim" if b.disabled else "bold") for b in buttons)


def _progress(props: ProgressProps) -> RenderableType:
    status = {"done": "✓ ", "failed": "✗ "}.get(props.status or "", "")
    line = Text(f"{status}{clean(props.label)} ")
    if props.value is not None:
        full = round(props.value * 24)
        line.append("█" * full, style="green").append("░" * (24 - full), style="dim").append(f" {props.value:.0%}")
    return Group(line, *([Text(clean(props.text), style="dim")] if props.text else []))


def _image(props: ImageProps) -> RenderableType:
    words = Text(f"[picture: {clean(props.alt)}]")
    if not props.url.startswith("data:"):
        words.append(f"\n{clean(props.url)}", style="dim")
    return words.append(f"\n{clean(props.caption)}", style="italic") if props.caption else words


def _code(props: CodeProps) -> RenderableType:
    return Syntax(clean(props.code), props.language or "text", theme="ansi_dark", background_color="default")


def _plan(props: PlanProps) -> RenderableType:
    lines = _hanging()
    for number, step in enumerate(props.steps[:ROWS], 1):
        line = Text(clean(step.text))
        if step.status in {"done", "skipped"}:
            line.stylize("dim")
        if step.agent:
            line.append(f"  {step.agent}", style="cyan")
        lines.add_row(f"{_STEPS[step.status]} {number}.", line)
    return Group(lines, *_left_out(len(props.steps)))


def _document(props: DocumentProps) -> RenderableType:
    status = [Text(props.status, style="dim italic")] if props.status else []
    return Group(*status, _rich(props.text))


def _approval(props: ApprovalProps) -> RenderableType:
    lines: list[RenderableType] = [Text(clean(props.text))] if props.text else []
    lines.extend(
        Text(f"{clean(fact.label)}: ", style="bold").append(clean(fact.value), style="not bold")
        for fact in props.facts or ()
    )
    return Group(*lines, Text(_STATUS[props.status], style="dim"))


def _rich(markdown: str) -> Markdown:
    return Markdown(clean(markdown), hyperlinks=False)


def _hanging() -> Table:
    """Lines with a mark before each; what does not fit goes on below the words, not below the mark."""
    lines = Table.grid(padding=(0, 1, 0, 0))
    lines.add_column(no_wrap=True)
    lines.add_column()
    return lines


def _left_out(count: int) -> list[Text]:
    return [Text(f"… and {count - ROWS} more", style="dim")] if count > ROWS else []


def _tree(props: Obj, depth: int = 0) -> RenderableType:
    lines: list[RenderableType] = []
    for key, value in props.items():
        lines.extend(_branch(clean(key), value, depth))
    return Group(*lines) if lines else Text("(empty)", style="dim")


def _branch(key: str, value: Json, depth: int) -> list[RenderableType]:
    indent = "  " * depth
    nested = isinstance(value, dict | list) and any(isinstance(v, dict | list) for v in _values(value))
    if not nested or depth >= 4:  # deeper than this nobody reads it in a terminal
        return [Text(f"{indent}{key}: ", style="bold").append(brief(value, 200), style="not bold")]
    inner = value.items() if isinstance(value, dict) else enumerate(_values(value), 1)
    below = [line for name, item in inner for line in _branch(clean(str(name)), item, depth + 1)]
    return [Text(f"{indent}{key}:", style="bold"), *below]


def _values(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


_DRAWN: Mapping[type[Wire], Callable[..., RenderableType]] = {
    TextProps: _text,
    MarkdownProps: _markdown,
    CardProps: _card,
    ListProps: _list,
    TableProps: _table,
    ChartProps: chart,
    FormProps: _form,
    ButtonsProps: _buttons,
    ProgressProps: _progress,
    ImageProps: _image,
    CodeProps: _code,
    PlanProps: _plan,
    DocumentProps: _document,
    ApprovalProps: _approval,
}
