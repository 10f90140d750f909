"""Changes to a plan's steps, from an edit of its surface or from words. Pure."""

import re
from typing import Literal, TypedDict, cast

from pydantic import TypeAdapter, ValidationError

from salon.agents.tools.tool import ToolError
from salon.contracts.components import Step as ShownStep
from salon.contracts.types import Obj


class Step(TypedDict):
    """A step as the plan's surface shows it."""

    id: str
    text: str
    status: Literal["pending", "active", "done", "skipped"]


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


_STEPS = TypeAdapter(list[ShownStep])
_NUMBER = r"(?:steps?|items?|points?|number|no\.?|#)\s*(\d+)"
_TICK = _words(rf"\b(?:tick|check|mark|finish\w*|complet\w*|done|did)\b.*?{_NUMBER}|{_NUMBER}\b.*?\b(?:is )?done\b")
_REMOVE = _words(rf"\b(?:remove|delete|drop|take out)\b.*?{_NUMBER}")
_SKIP = _words(rf"\bskip\b.*?{_NUMBER}")
_MOVE = _words(rf"\bmove\b.*?{_NUMBER}.*?\b(up|down|first|last|top|end)\b")
_ADD = _words(
    r"\b(?:add|append|insert)\b(?:\s+(?:another|one more|an?|the)\b)?(?:\s+(?:step|item|point)\b)?\s*[:-]?\s*(.+)"
)


def edited(steps: list[Step], action: Obj) -> tuple[list[Step], str]:
    """The steps after a person edited the plan's surface, and what differs in a sentence.

    Raises ToolError when the ui_action does not hold steps.
    """
    context = action.get("context")
    try:
        shown = _STEPS.validate_python(context["steps"] if isinstance(context, dict) else None)
    except (KeyError, ValidationError):
        raise ToolError("the edit holds no steps with id, text and status.") from None
    if len({step.id for step in shown}) != len(shown):
        raise ToolError("two steps of the edit have the same id.")
    after = [cast(Step, step.model_dump(mode="json")) for step in shown]
    return after, _difference(steps, after)


def changed(steps: list[Step], request: str) -> tuple[list[Step], str]:
    """The steps after a change, and the change in a sentence.

    Args:
        steps: the steps now.
        request: words such as "tick step 2".

    Raises ToolError when the change cannot be understood or made.
    """
    if found := _MOVE.search(request):
        return _moved(steps, _position(steps, found[1]), found[2].lower())
    if found := _REMOVE.search(request):
        position = _position(steps, found[1])
        return [step for index, step in enumerate(steps) if index != position], f"Step {found[1]} is gone."
    if found := _SKIP.search(request):
        return _marked(steps, _position(steps, found[1]), "skipped"), f"Step {found[1]} is skipped."
    if found := _TICK.search(request):
        number = found[1] or found[2]
        return _marked(steps, _position(steps, number), "done"), f"Step {number} is done."
    if found := _ADD.search(request):
        text = found[1].strip().strip("\"'“”.").strip()
        if text:
            return [*steps, {"id": _fresh(steps), "text": text[:4096], "status": "pending"}], f'Added "{text}".'
    raise ToolError('say what to change, such as "tick step 2", "add a step: …", "remove step 3" or "move step 4 up".')


def _difference(before: list[Step], after: list[Step]) -> str:
    old = {step["id"]: step for step in before}
    new = {step["id"]: step for step in after}
    said: list[str] = []
    for step in after:
        if step["id"] not in old:
            said.append(f'added "{step["text"]}"')
        elif step["status"] != old[step["id"]]["status"]:
            said.append(f'"{step["text"]}" is {step["status"]}')
        elif step["text"] != old[step["id"]]["text"]:
            said.append(f'reworded "{step["text"]}"')
    said += [f'removed "{step["text"]}"' for step in before if step["id"] not in new]
    if not said and list(old) != list(new):
        said = ["the order is new"]
    if not said:
        return "Nothing changed."
    shown = "; ".join(said[:4]) + (f"; and {len(said) - 4} more" if len(said) > 4 else "")
    return f"{shown[0].upper()}{shown[1:]}."


def _position(steps: list[Step], number: str) -> int:
    position = int(number) - 1
    if not 0 <= position < len(steps):
        raise ToolError(f"there is no step {number}; the plan has steps 1 to {len(steps)}.")
    return position


def _marked(steps: list[Step], position: int, status: Literal["done", "skipped"]) -> list[Step]:
    return [{**step, "status": status} if index == position else step for index, step in enumerate(steps)]


def _moved(steps: list[Step], position: int, where: str) -> tuple[list[Step], str]:
    rest = [step for index, step in enumerate(steps) if index != position]
    goal = {"up": position - 1, "down": position + 1, "first": 0, "top": 0, "last": len(rest), "end": len(rest)}[where]
    goal = min(max(goal, 0), len(rest))
    return [*rest[:goal], steps[position], *rest[goal:]], f"Step {position + 1} is number {goal + 1} now."


def _fresh(steps: list[Step]) -> str:
    taken = {step["id"] for step in steps}
    return next(name for number in range(1, len(steps) + 2) if (name := f"s{number}") not in taken)
