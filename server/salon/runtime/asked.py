"""What a program asks of an agent, taken apart: instructions, what was said before, what is to be answered, tools."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from salon.agents.alone.home import Message
from salon.contracts.runs import Principal
from salon.contracts.types import ClientTool, Obj, Part
from salon.errors import Detail, RequestError
from salon.runtime.sessions.asking import said
from salon.runtime.sessions.items import Given


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
    for message in messages:
        role, content = message.get("role"), message.get("content")
        if role in ("system", "developer") and isinstance(content, str):
            instructions.append(content)
        elif role == "tool" and isinstance(message.get("tool_call_id"), str):
            output = content if isinstance(content, str) else ""
            items.append({"type": "function_call_output", "call_id": message.get("tool_call_id"), "output": output})
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
    """The caller's tools. Raises RequestError for one that is no function, or is named like one of the agent's."""
    found: list[ClientTool] = []
    for index, tool in enumerate(tools):
        function = tool.get("function", tool)
        name = function.get("name") if isinstance(function, Mapping) else None
        if not isinstance(function, Mapping) or not isinstance(name, str) or not name:
            raise _refused(index, 'expected {"type": "function", "function": {"name": …, "parameters": {…}}}')
        if name in taken:
            raise _refused(index, f"{name!r} is a tool of the agent itself; choose another name")
        found.append(
            ClientTool(
                name=name,
                description=cast("str | None", function.get("description")),
                parameters=cast("Obj | None", function.get("parameters")),
            )
        )
    return found


def _calls(message: Message) -> list[Given]:
    items: list[Given] = []
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, Sequence) else ():
        function = call.get("function") if isinstance(call, Mapping) else None
        if isinstance(function, Mapping):
            items.append({"type": "function_call", "call_id": call.get("id"), **function})
    return items


def _refused(index: int, why: str) -> RequestError:
    text = f"tools[{index}]: {why}"
    return RequestError(text, [Detail(f"/tools/{index}", "invalid_value", text)])
