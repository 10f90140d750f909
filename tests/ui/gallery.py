"""An agent that shows every component of the catalogue at once, one that the page does not know, and asks questions."""

from salon.agents.agent import Agent
from salon.agents.context.context import Context
from salon.agents.tools.tool import tool
from salon.chat.team import Team
from salon.contracts.types import Json, Obj

DOT = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MARKDOWN = (
    "**Bold**, `code`\n\n1. one\n2. two\n\n| a | b |\n|---|--:|\n| x | 1 |\n\n> quoted\n\n<script>alert(1)</script>"
)
SERIES: list[Json] = [{"name": "North", "values": [3, 5, None, -2]}, {"name": "South", "values": [1, 2, 3, 4.5]}]
MONTHS: list[Json] = ["Jan", "Feb", "Mar", "Apr"]
FIELDS: list[Json] = [
    {"type": "text", "name": "name", "label": "Name", "required": True, "help": "As on the door"},
    {"type": "email", "name": "mail", "label": "Mail"},
    {"type": "integer", "name": "many", "label": "How many", "minimum": 1, "maximum": 9},
    {"type": "date", "name": "day", "label": "When"},
    {"type": "boolean", "name": "agreed", "label": "I agree"},
    {
        "type": "choice",
        "name": "fruit",
        "label": "Pick one",
        "options": [{"value": "a", "label": "Apple"}, {"value": "b"}],
    },
    {"type": "choices", "name": "some", "label": "Pick some", "options": [{"value": "x"}, {"value": "y"}]},
    {"type": "multiline", "name": "words", "label": "In your words"},
]
STEPS: list[Json] = [
    {"id": "a", "text": "First", "status": "done", "agent": "artist"},
    {"id": "b", "text": "Second", "status": "active"},
    {"id": "c", "text": "Third", "status": "skipped"},
]
BUTTONS: list[Json] = [
    {"name": "yes", "label": "Yes", "style": "primary"},
    {"name": "no", "label": "No", "style": "danger"},
]

CUPS: list[Json] = [{"name": "cups", "values": [5, 3, 1, 0]}]
DOTS: list[Json] = [{"name": "dots", "values": [1, 4, 9], "x": [1, 2, 3]}]
SIZES: Obj = {
    "title": "Sizes",
    "columns": [{"key": "n", "label": "Name"}, {"key": "v"}],
    "rows": [{"n": "b", "v": 2}, {"n": "a", "v": 10}],
}


def _chart(kind: str, series: list[Json] = SERIES, labels: Json = MONTHS) -> tuple[str, Obj]:
    props: Obj = {"kind": kind, "title": f"As {kind}", "series": series}
    return "chart", {**props, "labels": labels} if labels else props


SHOWN: list[tuple[str, Obj]] = [
    ("text", {"text": "A plain note.", "tone": "info"}),
    ("markdown", {"text": MARKDOWN}),
    ("list", {"title": "Packing", "items": [{"text": "Lamp", "done": True}, {"text": "Bulb", "done": False}]}),
    ("list", {"title": "Order", "ordered": True, "items": [{"text": "First", "link": "https://example.com"}]}),
    ("table", SIZES),
    _chart("line"),
    _chart("bar"),
    _chart("area"),
    _chart("pie", CUPS),
    _chart("scatter", DOTS, None),
    ("form", {"title": "All fields", "fields": FIELDS}),
    ("buttons", {"text": "Which?", "buttons": BUTTONS}),
    ("progress", {"label": "Reading", "value": 0.4, "text": "page 4 of 10"}),
    ("image", {"url": DOT, "alt": "a dot", "caption": "A dot"}),
    ("image", {"url": "https://example.com/far.png", "alt": "far away"}),
    ("code", {"code": "print(1)", "language": "python"}),
    ("plan", {"title": "A fixed plan", "steps": STEPS}),
    ("document", {"title": "A document", "text": "# Heading\n\nWords.", "status": "final"}),
    ("approval", {"title": "May I?", "facts": [{"label": "To", "value": "Ana"}], "status": "approved"}),
    ("acme:gauge", {"value": 42, "range": {"low": 0, "high": 100}}),
]


@tool
def show_everything(context: Context) -> str:
    """Show everything: a gallery of all components."""
    for component, props in SHOWN:
        context.put(component, props)
    inside = context.put("text", {"text": "Inside the card"})
    context.put("card", {"title": "A card", "tone": "warning", "children": [inside], "buttons": BUTTONS})
    return "All is shown."


def gallery() -> Team:
    """A team of one."""
    artist = Agent("artist", "You show things.", tools=[show_everything], description="Shows a gallery of everything.")
    return Team("gallery", [artist], description="One who shows everything")
