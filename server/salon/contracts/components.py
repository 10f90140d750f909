"""The component catalogue: the surfaces every Salon frontend can show, and the props of each.

Props are data, never HTML; `markdown` and `document` are shown sanitised. What a person does with a surface comes back
as a `ui_action` whose `name` is given here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, cast

from pydantic import Field, ValidationError

from salon.contracts.forms import NAME_PATTERN, FormField, Name, Number
from salon.contracts.problems import problems, summary
from salon.contracts.types import Exact, Id, Label, Obj, Opt, Pos, Text, Wire
from salon.errors import Detail, RequestError

WEB_PATTERN = r"^https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%\[\]-]+$"
IMAGE_PATTERN = r"^(?:https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%\[\]-]+|data:image/(?:png|jpeg|gif|webp|avif);base64,[A-Za-z0-9+/]+=*)$"

WebUrl = Annotated[str, Field(max_length=4096, pattern=WEB_PATTERN)]
ImageUrl = Annotated[str, Field(max_length=131072, pattern=IMAGE_PATTERN)]
Cell = bool | Exact | float | Annotated[str, Field(max_length=4096)] | None
Tone = Literal["neutral", "info", "success", "warning", "danger"]


class TextProps(Wire):
    """`text`: a plain paragraph."""

    text: Text
    tone: Opt[Tone] = None


class MarkdownProps(Wire):
    """`markdown`: formatted text."""

    text: Text


class Button(Wire):
    """Something to press: answers with a `ui_action` of this `name` and `context`."""

    name: Name
    label: Label
    style: Opt[Literal["primary", "secondary", "danger"]] = None
    context: Opt[Obj] = None
    disabled: Opt[bool] = None


class CardProps(Wire):
    """`card`: a framed piece of content. `children` are surfaces shown inside it, in this order."""

    title: Opt[Label] = None
    subtitle: Opt[Label] = None
    text: Opt[Text] = None
    image: Opt[ImageUrl] = None
    link: Opt[WebUrl] = None
    tone: Opt[Tone] = None
    buttons: Opt[Annotated[list[Button], Field(max_length=20)]] = None
    children: Opt[Annotated[list[Id], Field(max_length=50)]] = None


class Item(Wire):
    """One line of a list."""

    text: Annotated[str, Field(max_length=4096)]
    detail: Opt[Annotated[str, Field(max_length=4096)]] = None
    link: Opt[WebUrl] = None
    done: Opt[bool] = None


class ListProps(Wire):
    """`list`: lines, numbered when `ordered`; an item with `done` has a tick box."""

    title: Opt[Label] = None
    items: Annotated[list[Item], Field(max_length=500)]
    ordered: Opt[bool] = None


class Column(Wire):
    """A table column: `key` finds its cell in each row."""

    key: Label
    label: Opt[Label] = None
    align: Opt[Literal["left", "center", "right"]] = None


class TableProps(Wire):
    """`table`: a cell that a row does not have is empty."""

    title: Opt[Label] = None
    columns: Annotated[list[Column], Field(min_length=1, max_length=50)]
    rows: Annotated[list[dict[str, Cell]], Field(max_length=500)]
    caption: Opt[Label] = None


class Series(Wire):
    """Numbers of one name; `null` is a gap. `x` places each value of a scatter chart."""

    name: Label
    values: Annotated[list[Number | None], Field(min_length=1, max_length=1000)]
    x: Opt[Annotated[list[Number], Field(max_length=1000)]] = None


class ChartProps(Wire):
    """`chart`: a `label` for each value of every series; a scatter chart has each series' `x` instead."""

    kind: Literal["line", "bar", "area", "pie", "scatter"]
    series: Annotated[list[Series], Field(min_length=1, max_length=20)]
    labels: Opt[Annotated[list[Label], Field(max_length=1000)]] = None
    title: Opt[Label] = None
    x_label: Opt[Label] = None
    y_label: Opt[Label] = None
    unit: Opt[Label] = None
    stacked: Opt[bool] = None


class FormProps(Wire):
    """`form`: submitting answers with a `ui_action` named `action` ("submit" unless told) and the values by field."""

    title: Opt[Label] = None
    text: Opt[Text] = None
    fields: Annotated[list[FormField], Field(min_length=1, max_length=50)]
    action: Opt[Name] = None
    submit: Opt[Label] = None
    disabled: Opt[bool] = None


class ButtonsProps(Wire):
    """`buttons`: a row of choices."""

    text: Opt[Text] = None
    buttons: Annotated[list[Button], Field(min_length=1, max_length=20)]


class ProgressProps(Wire):
    """`progress`: how far something is, from 0 to 1; without `value` it is not known how far."""

    label: Label
    value: Opt[Annotated[float, Field(ge=0, le=1)]] = None
    status: Opt[Literal["running", "done", "failed"]] = None
    text: Opt[Text] = None


class ImageProps(Wire):
    """`image`: a picture; `alt` says in words what it shows. Width and height are in pixels."""

    url: ImageUrl
    alt: Label
    caption: Opt[Label] = None
    width: Opt[Pos] = None
    height: Opt[Pos] = None


class CodeProps(Wire):
    """`code`: a program text, `language` as in a Markdown fence."""

    code: Text
    language: Opt[Label] = None
    title: Opt[Label] = None


class Step(Wire):
    """A step of a plan and whose it is."""

    id: Id
    text: Annotated[str, Field(min_length=1, max_length=4096)]
    status: Literal["pending", "active", "done", "skipped"]
    agent: Opt[Id] = None


class PlanProps(Wire):
    """`plan`: steps; when `editable`, a change answers with a `ui_action` "edit" and `{"steps": […]}`."""

    title: Label
    steps: Annotated[list[Step], Field(max_length=200)]
    editable: Opt[bool] = None


class DocumentProps(Wire):
    """`document`: a longer Markdown text; when `editable`, a change answers with "edit" and `{"text": …}`."""

    title: Label
    text: Text
    editable: Opt[bool] = None
    status: Opt[Literal["draft", "final"]] = None


class Fact(Wire):
    """A labelled value."""

    label: Label
    value: Annotated[str, Field(max_length=4096)]


class ApprovalProps(Wire):
    """`approval`: what a person is asked to allow. The answer is a `resolve` of `interrupt`, not a `ui_action`."""

    title: Label
    interrupt: Opt[Id] = None
    text: Opt[Text] = None
    facts: Opt[Annotated[list[Fact], Field(max_length=50)]] = None
    approve: Opt[Label] = None
    reject: Opt[Label] = None
    status: Literal["pending", "approved", "rejected", "expired"]


CATALOG: Mapping[str, type[Wire]] = {
    "text": TextProps,
    "markdown": MarkdownProps,
    "card": CardProps,
    "list": ListProps,
    "table": TableProps,
    "chart": ChartProps,
    "form": FormProps,
    "buttons": ButtonsProps,
    "progress": ProgressProps,
    "image": ImageProps,
    "code": CodeProps,
    "plan": PlanProps,
    "document": DocumentProps,
    "approval": ApprovalProps,
}

MOST_NAMES = 100
"""So many components, and catalogues, of its own a client may name."""

_CUSTOM = re.compile(NAME_PATTERN)
_SHAPES = {
    NAME_PATTERN: "must begin with a letter and hold only letters, digits and . _ : / -.",
    WEB_PATTERN: "must be an http:// or https:// address, percent-encoded.",
    IMAGE_PATTERN: "must be an http:// or https:// address, percent-encoded, or a base64 data:image/… of a bitmap.",
}


@dataclass(frozen=True, slots=True)
class Screen:
    """What one client can draw beyond CATALOG: components of its application's own, and whole catalogues of them."""

    components: frozenset[str] = frozenset()
    catalogs: frozenset[str] = frozenset()

    @classmethod
    def of(cls, components: Iterable[str] | None, catalogs: Iterable[str] | None) -> "Screen":
        """What a client says it can draw; what cannot be a name, or is too much, is passed over."""
        return cls(_names(name for name in components or () if name not in CATALOG), _names(catalogs or ()))

    def draws(self, component: str, catalog: str | None) -> bool:
        """Whether it can draw a component, of `catalog` if that is told."""
        return component in CATALOG or component in self.components or catalog in self.catalogs


STANDARD = Screen()
"""A client that can draw CATALOG, and nothing beyond."""


def _names(told: Iterable[str]) -> frozenset[str]:
    return frozenset([name for name in told if len(name) <= 100 and _CUSTOM.fullmatch(name)][:MOST_NAMES])


def check_props(component: str, props: Obj) -> Obj:
    """The props as they go on the wire: checked for a component of the catalogue, untouched for a custom one.

    Raises RequestError that names the field.
    """
    model = CATALOG.get(component)
    if model is None:
        if len(component) > 100 or not _CUSTOM.fullmatch(component):
            hint = "`component` must begin with a letter and hold at most 100 letters, digits and . _ : / -."
            raise RequestError(hint, [Detail("/component", "component", hint)])
        return props
    try:
        checked = model.model_validate(props)
    except ValidationError as error:
        found = problems(error, props, within="/props", shapes=_SHAPES)
    else:
        found = _inconsistent(checked)
        if not found:
            return cast(Obj, checked.model_dump(mode="json"))
    raise RequestError(f"Props of {component}: {summary(found)}", found)


def _inconsistent(props: Wire) -> list[Detail]:
    """What a JSON Schema cannot say."""
    match props:
        case ChartProps(kind="scatter"):
            wrong = [n for n, series in enumerate(props.series) if len(series.x or ()) != len(series.values)]
            return [_uneven(n, "x") for n in wrong]
        case ChartProps():
            wrong = [n for n, series in enumerate(props.series) if len(props.labels or ()) != len(series.values)]
            return [_uneven(n, "labels") for n in wrong]
        case _:
            return []


def _uneven(series: int, other: str) -> Detail:
    hint = f"`series[{series}].values` must be as many as `{other}`."
    return Detail(f"/props/series/{series}/values", "length", hint)
