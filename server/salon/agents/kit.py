"""What an agent can do: its tools, hooks, hand-offs and prompts, wherever they come from, under names that differ."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar, cast

from ag2.tools.tool import Tool as ForeignTool

from salon.access.scopes import scopes_of
from salon.agents.handoff import HandoffMark, handoff_mark
from salon.agents.hooks import Hook, hooks_of
from salon.agents.prompt import Prompt, prompt_of
from salon.agents.skill import Skill
from salon.agents.tools.classes import Tool, spec_of
from salon.agents.tools.tool import ToolSpec, is_tool, tool_of

AnyTool = str | Callable[..., object] | ToolSpec | Tool | ForeignTool
"""A tool as agents are given it: a registered name, a function, an object, or a tool of AG2's."""


T = TypeVar("T", ToolSpec, Hook, Prompt)


class Kit:
    """Everything an agent can do. It grows while skills get ready and never shrinks."""

    def __init__(self) -> None:
        self.tools: dict[str, ToolSpec] = {}
        self.foreign: list[ForeignTool] = []
        self.hooks: dict[str, list[Hook]] = {}
        self.prompts: list[Prompt] = []
        self._origins: dict[str, str] = {}

    def add_skill(self, key: str, skill: Skill) -> None:
        """Add all that a skill brings."""
        within = scopes_of(skill.scope)
        for member in skill.members():
            self.add(member, f"skill {key!r}", within)

    def add(self, member: object, origin: str, within: frozenset[str] = frozenset()) -> None:
        """Add a function by what its decorators say it is, or anything else that an agent takes as a tool.

        Args:
            member: what to add.
            origin: who brings it, in words.
            within: who may use it, on top of its own scopes.

        Raises TypeError for what no agent can use, and ValueError for a tool whose name is taken, naming both.
        """
        hooks, prompt, handoff = hooks_of(member), prompt_of(member), handoff_mark(member)
        for hook in hooks:
            self._add_hook(hook, within)
        if prompt is not None:
            self.prompts.append(_within(prompt, within))
            self.prompts.sort(key=lambda prompt: prompt.priority)
        if handoff is not None:
            self._add_tool(_handoff_tool(cast(Callable[..., object], member), handoff), origin, within)
        elif is_tool(member) or not (hooks or prompt):
            self._add_tool(member, origin, within)

    def _add_tool(self, member: object, origin: str, within: frozenset[str]) -> None:
        tool = member if isinstance(member, ForeignTool) else spec_of(member)
        if tool.name in self._origins:
            brought = self._origins[tool.name]
            both = f"two of {origin}" if brought == origin else f"one of {brought} and one of {origin}"
            raise ValueError(f'tools: two tools are named {tool.name!r}, {both}. Rename one: @tool(name="…").')
        self._origins[tool.name] = origin
        if isinstance(tool, ToolSpec):
            self.tools[tool.name] = _within(tool, within)
        else:
            self.foreign.append(tool)

    def _add_hook(self, hook: Hook, within: frozenset[str]) -> None:
        listening = self.hooks.setdefault(hook.event, [])
        listening.append(_within(hook, within))
        listening.sort(key=lambda hook: hook.priority)  # a stable sort: equals stay in order


def kit_of(skills: Mapping[str, Skill], tools: Iterable[AnyTool]) -> Kit:
    """The kit of an agent with these skills and tools. Raises as `Kit.add` does, and TypeError for one tool alone."""
    if isinstance(cast(object, tools), str) or callable(tools):
        raise TypeError("tools: expected a list. Put the tool into one: tools=[…].")
    kit = Kit()
    for key, skill in skills.items():
        kit.add_skill(key, skill)
    for tool in tools:
        kit.add(tool, "tools=[…]")
    return kit


def _within(member: T, scopes: frozenset[str]) -> T:
    return replace(member, within=scopes) if scopes else member


def _handoff_tool(function: Callable[..., object], mark: HandoffMark) -> ToolSpec:
    spec = tool_of(function, name=mark.name, description=mark.description, scope=mark.scope)
    return replace(spec, handoff=mark.kind)
