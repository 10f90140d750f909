"""What a program asks of an agent, taken apart: instructions, what was said before, what is to be answered, tools."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from salon.agents.alone.home import Message
from salon.contracts.runs import Principal
from salon.contracts.types import ClientTool, Part
from salon.errors import Detail, RequestError
from salon.runtime.sessions.asking import said
from salon.runtime.sessions.items import Given, text_of


@dataclass(frozen=True, slots=True)
class Asked:
    """Messages in OpenAI's shape, by what they are for.

    Args:
        instructions: for this answer.
        before: what was said before, as items.
        parts: what is said now; None when it is results.
        results: what came of calls that the program was asked to make, as items.
    """

    instructions: list[str]
    before: list[Given]
    parts: Sequence[Part] | None
    results: list[Given]


def asked(messages: Sequence[Message], who: Principal, agent: str) -> Asked:
    """Take messages apart. Raises RequestError when there is nothing to answer."""
    instructions: list[str] = []
    items: list[Given] = []
    for index, message in enumerate(_each("messages", messages)):
        if not isinstance(message, Mapping):
            raise _refused("messages", index, 'expected {"role": "user", "content": "…"}')
        role, content = message.get("role"), message.get("content")
        text = text_of(content) if isinstance(content, str | list) else ""
        if role in ("system", "developer") and text:
            instructions.append(text)
        elif role == "tool" and isinstance(message.get("tool_call_id"), str):
            items.append({"type": "function_call_output", "call_id": message.get("tool_call_id"), "output": text})
        else:
            if content or not message.get("tool_calls"):
                items.append({name: value for name, value in message.items() if name != "tool_calls"})
            items += _calls(message)
    last = len(items)
    while last and items[last - 1].get("type") == "function_call_output":
        last -= 1
    if last < len(items):
        return Asked(instructions, items[:last], None, items[last:])
    before, parts = said(items, who, agent)
    return Asked(instructions, before, parts, [])


def callers_tools(tools: Sequence[Mapping[str, object]], taken: Container[str]) -> list[ClientTool]:
    """The caller's tools. Raises RequestError for one that is no function, or whose name is taken."""
    found: list[ClientTool] = []
    for index, tool in enumerate(_each("tools", tools)):
        function = tool.get("function", tool) if isinstance(tool, Mapping) else None
        name = function.get("name") if isinstance(function, Mapping) else None
        if not isinstance(function, Mapping) or not isinstance(name, str) or not name:
            raise _refused("tools", index, 'expected {"type": "function", "function": {"name": …, "parameters": {…}}}')
        if name in taken:
            raise _refused("tools", index, f"{name!r} is a tool of the agent itself; choose another name")
        if any(name == other.name for other in found):
            raise _refused("tools", index, f"there are two named {name!r}; rename one")
        fields = {field: function.get(field) for field in ("name", "description", "parameters")}
        try:
            found.append(ClientTool.model_validate(fields))
        except ValidationError as problem:
            issue = problem.errors()[0]
            raise _refused("tools", index, f"{issue['loc'][0]}: {issue['msg']}") from None
    return found


def _calls(message: Message) -> list[Given]:
    items: list[Given] = []
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, Sequence) else ():
        function = call.get("function") if isinstance(call, Mapping) else None
        if isinstance(function, Mapping):
            items.append({"type": "function_call", "call_id": call.get("id"), **function})
    return items


def _each(field: str, given: object) -> Iterable[object]:
    if isinstance(given, Iterable) and not isinstance(given, str | Mapping):
        return given
    text = f"{field}: expected a list, got {type(given).__name__}; put it into a list"
    raise RequestError(text, [Detail(f"/{field}", "invalid_type", text)])


def _refused(field: str, index: int, why: str) -> RequestError:
    text = f"{field}[{index}]: {why}"
    return RequestError(text, [Detail(f"/{field}/{index}", "invalid_value", text)])
