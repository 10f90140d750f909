"""The writer: texts, forms and mail. Mail is simulated: it goes to the room's outbox, after a person agreed."""

from typing import Annotated, Literal, cast

from pydantic import Field

from salon.agents.agent import Agent
from salon.agents.context.context import Context, ToolError
from salon.agents.definition import AgentDefinition
from salon.agents.tools.tool import tool
from salon.contracts.types import Json, Obj

OUTBOX = "outbox"
"""Where the room's shared state keeps what was "sent"."""
LATEST = "document"
"""Where it holds the id of the document that was written last."""

_CONTACT: list[Obj] = [
    {"type": "text", "name": "name", "label": "Your name", "required": True, "max_length": 200},
    {"type": "email", "name": "email", "label": "Your email address", "required": True},
    {"type": "multiline", "name": "message", "label": "What is it about?", "required": True, "max_length": 4000},
]
_FEEDBACK: list[Obj] = [
    {
        "type": "choice",
        "name": "rating",
        "label": "How was it?",
        "required": True,
        "options": [
            {"value": "5", "label": "Delightful"},
            {"value": "4", "label": "Good"},
            {"value": "3", "label": "Fine"},
            {"value": "2", "label": "Not so good"},
            {"value": "1", "label": "Bad"},
        ],
    },
    {"type": "multiline", "name": "comment", "label": "What should we know?", "max_length": 4000},
    {"type": "boolean", "name": "reply", "label": "I would like an answer"},
]


@tool
def write_document(context: Context, title: str, body: Annotated[str, Field(min_length=1, max_length=30_000)]) -> str:
    """Write a document: a letter, an article, a story, a poem or lines of text, shown where the person can edit it.

    Args:
        title: its heading
        body: the whole text, in Markdown
    """
    surface = context.put("document", {"title": title[:200], "text": body, "editable": True, "status": "draft"})
    context.patch_state([{"op": "add", "path": f"/{LATEST}", "value": surface}])
    return f'The draft "{title}" is on the screen ({len(body.split())} words).'


@tool
def keep_edit(context: Context) -> str:
    """Keep a person's edit of a document: a ui_action "edit" with its new text."""
    values, surface = _submitted(context, "document")
    text = values.get("text")
    if not isinstance(text, str):
        raise ToolError("the edit holds no text.")
    context.patch(surface, [{"op": "replace", "path": "/text", "value": text}])
    return f"The document is as you edited it ({len(text.split())} words)."


@tool
def show_form(context: Context, purpose: Literal["feedback", "contact"] = "feedback") -> str:
    """Show a form to fill in: to give feedback, rate something, or leave contact details.

    Args:
        purpose: which form
    """
    feedback = purpose == "feedback"
    context.put(
        "form",
        {
            "title": "Your feedback" if feedback else "Get in touch",
            "text": "Two questions, one minute." if feedback else "Leave a message; the fields with a star are needed.",
            "fields": cast(Json, _FEEDBACK if feedback else _CONTACT),
            "submit": "Send feedback" if feedback else "Send",
        },
    )
    return f"The {purpose} form is on the screen, ready to be filled in."


@tool
def receive_form(context: Context) -> str:
    """Receive a form that a person submitted: a ui_action "submit" with the values of its fields."""
    values, surface = _submitted(context, "form")
    context.patch(surface, [{"op": "add", "path": "/disabled", "value": True}])
    given = [f"{name}: {value}" for name, value in values.items() if value not in (None, "")]
    text = "\n".join(given)[:4000] or "(left empty)"
    context.put("card", {"title": "Thank you", "text": text, "tone": "success"})
    return (
        f"Received, thank you: {'; '.join(given)[:500] or 'nothing was filled in'}. In this demo it stays in this room."
    )


@tool
async def send_email(
    context: Context,
    to: Annotated[str, Field(pattern=r"^\S+@\S+\.\S+$", max_length=254)],
    heading: str | None = None,
    body: str | None = None,
) -> str:
    """Send an email to someone's address: the document written last, or another text. The person is asked to approve it
    first. Sending is simulated: the email goes to the room's outbox.

    Args:
        to: the recipient's email address
        heading: the email's subject line; the document's title by default
        body: the text of the email; the document's text by default
    """
    written = _latest(context)
    subject = heading or str(written.get("title") or "A message for you")
    text = (body or str(written.get("text") or "Hello! This note was written in a Salon room."))[:4000]
    question = f"Send this email to {to}? (A simulation: nothing leaves this computer.)"
    if not await context.approve(question, details=f"Subject: {subject}\n\n{text}"):
        return "The person declined, so the email was not sent."
    mail: Obj = {"to": to, "subject": subject[:200], "body": text}
    shared = context.state
    kept = isinstance(shared, dict) and OUTBOX in shared
    path, value = (f"/{OUTBOX}/-", cast(Json, mail)) if kept else (f"/{OUTBOX}", [cast(Json, mail)])
    context.patch_state([{"op": "add", "path": path, "value": value}])
    title = f"To {to}: {subject}"[:200]
    context.put("card", {"title": title, "subtitle": "Simulated: in the outbox", "text": text, "tone": "info"})
    return f'Simulated sending: the email "{subject}" to {to} is in this room\'s outbox. Nothing left this computer.'


def _submitted(context: Context, component: str) -> tuple[Obj, str]:
    """What a person entered into a surface of this kind, and the surface."""
    action = context.action or {}
    surface, values = action.get("surface"), action.get("context")
    shown = context.surface(surface) if isinstance(surface, str) else None
    if shown is None or shown.component != component or not isinstance(values, dict):
        raise ToolError(f"nothing was done with a {component} just now.")
    return values, shown.surface


def _latest(context: Context) -> Obj:
    """The document written last in this room; empty when there is none."""
    shared = context.state
    latest = shared.get(LATEST) if isinstance(shared, dict) else None
    shown = context.surface(latest) if isinstance(latest, str) else None
    return shown.props if shown else {}


WRITER = Agent(
    "writer",
    definition=AgentDefinition(
        role="You are a warm writer who finds the fitting words for any occasion.",
        goal="Give people texts they can use as they are.",
        personality={"tone": "warm", "style": "plain words, short sentences, no clichés"},
        constraints=[
            "Ask at most one question before writing; make a sensible assumption instead",
            "Never claim that a mail was really sent: sending is simulated here, and you say so",
            "What is neither a text, a form nor a mail is not yours: hand it back to the host",
        ],
        tool_instructions=(
            "write_document for every text; send_email when the person wants it sent, which asks them for approval by "
            "itself; show_form for feedback or contact. What a person does with a surface comes as a ui_action: call "
            "receive_form for a submitted form, keep_edit for an edited document."
        ),
    ),
    description="Writes texts: letters, articles, stories, poems; sends email after approval; shows forms for feedback "
    "and contact.",
    intents=["write or draft a text", "send an email to an address", "give feedback or contact by a form"],
    model=None,
    tools=[write_document, keep_edit, show_form, receive_form, send_email],
)
