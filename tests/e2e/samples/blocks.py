"""The code blocks of the documents as they are printed, and the few changes with which they are run.

A block is named by its document and its place in it: `000_01` is the first block of `seeds/000.md`. What is changed in
one is said where it is run, and every change must be one that the block has a place for.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import salon

SEEDS = Path(__file__).parent / "seeds"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)

Names = dict[str, Any]


def printed(name: str) -> str:
    """A block as it is printed: `printed("000_01")`."""
    document, _, number = name.partition("_")
    text = (SEEDS / f"{document}.md").read_text(encoding="utf-8")
    return _BLOCK.findall(text)[int(number) - 1][1]  # type: ignore[no-any-return]


IMPORTS = {
    "from agents import function_tool": "from salon import function_tool",
    "from ai_agents import Agent": "from salon import Agent",
    "from ai_agents import Agent, AgentDefinition": "from salon import Agent, AgentDefinition",
    "from ai_agents import Agent, AgentTemplates": "from salon import Agent, AgentTemplates",
    "from ai_agents import Agent, get_memory_strategy": "from salon import Agent, get_memory_strategy",
    "from ai_agents import AgentRunner, get_provider, get_memory_strategy": (
        "from salon import AgentRunner, get_provider, get_memory_strategy"
    ),
    "from ai_agents import JobQueue": "from salon import JobQueue",
    "from ai_agents import JobQueue, RedisQueueBackend": "from salon import JobQueue, RedisQueueBackend",
    "from ai_agents import RateLimiter, RedisBackend": "from salon import RateLimiter, RedisBackend",
    "from ai_agents import RateLimiter, get_rate_limiter": "from salon import RateLimiter, get_rate_limiter",
    "from ai_agents import Tool, register_tool, ToolDefinition": (
        "from salon import Tool, register_tool, ToolDefinition"
    ),
    "from ai_agents import tool, Agent": "from salon import tool, Agent",
    "from ai_agents.store import AgentStore, ThreadStore": "from salon import AgentStore, ThreadStore",
    "from ai_agents.store import ThreadStore": "from salon import ThreadStore",
    "from ai_agents.store import UserMemoryStore, UserMemoryExtractor": (
        "from salon import UserMemoryStore, UserMemoryExtractor"
    ),
    "from processing.queue import QueueRedisConfig": "from salon import QueueRedisConfig",
    "from robutler.agent import RobutlerAgent": "from salon import Agent as RobutlerAgent",
    "from robutler.agents.core.base_agent import BaseAgent": "from salon import Agent as BaseAgent",
    "from robutler.agents.skills.anthropic import AnthropicSkill": "from salon import AnthropicSkill",
    "from robutler.agents.skills.base import Skill": "from salon import Skill",
    "from robutler.agents.skills.database import DatabaseSkill": "from salon import DatabaseSkill",
    "from robutler.agents.skills.discovery import DiscoverySkill": "from salon import DiscoverySkill",
    "from robutler.agents.skills.google import GoogleSkill": "from salon import GoogleSkill",
    "from robutler.agents.skills.guardrails import GuardrailsSkill": "from salon import GuardrailsSkill",
    "from robutler.agents.skills.litellm import LiteLLMSkill": "from salon import LiteLLMSkill",
    "from robutler.agents.skills.long_term_memory import LongTermMemorySkill": "from salon import LongTermMemorySkill",
    "from robutler.agents.skills.nli import NLISkill": "from salon import NLISkill",
    "from robutler.agents.skills.openai import OpenAISkill": "from salon import OpenAISkill",
    "from robutler.agents.skills.payments import PaymentSkill": "from salon import PaymentSkill",
    "from robutler.agents.skills.short_term_memory import ShortTermMemorySkill": (
        "from salon import ShortTermMemorySkill"
    ),
    "from robutler.agents.skills.storage import StorageSkill": "from salon import StorageSkill",
    "from robutler.agents.skills.vector_memory import VectorMemorySkill": "from salon import VectorMemorySkill",
    "from robutler.agents.tools.decorators import tool": "from salon import tool",
    "from robutler.agents.workflows.context import WorkflowContext": "from salon import WorkflowContext",
    "from robutler.agents.workflows.decorators import workflow": "from salon import workflow",
    "from robutler.server import RobutlerServer": "from salon import AgentServer as RobutlerServer",
    "from robutler.server import get_server_context": "from salon import get_server_context",
    "from robutler.server import pricing": "from salon import pricing",
    "from robutler.server.context.context_vars import CONTEXT": "from salon import CONTEXT",
}
"""All import lines of the documents that are changed, and what they become; the others are of other libraries."""


def imported(source: str) -> str:
    """The block with Salon's import lines in place of the printed ones."""
    lines = [IMPORTS.get(line.partition("#")[0].rstrip(), line) for line in source.splitlines()]
    return "\n".join(lines) + "\n"


def sample(name: str) -> str:
    """A block with its import lines changed, and nothing else."""
    return imported(printed(name))


def supplied(*names: str, **aliases: str) -> Names:
    """Names of Salon that a block takes for granted, some under names of its own."""
    return {alias: getattr(salon, name) for alias, name in {**dict(zip(names, names, strict=True)), **aliases}.items()}


def corrected(source: str, corrections: Mapping[str, str]) -> str:
    """The block with passages replaced that cannot be run as they are printed; each is there once."""
    for passage, instead in corrections.items():
        assert source.count(passage) == 1, f"{source.count(passage)} times: {passage}"
        source = source.replace(passage, instead)
    return source


def defined_first(source: str, *classes: str) -> str:
    """The block with these classes before all else but its imports: it is printed with their use before them."""
    lines = source.splitlines(keepends=True)
    tree = ast.parse(source).body
    found = {node.name: node for node in tree if isinstance(node, ast.ClassDef)}
    moved = [lines[found[name].lineno - 1 : found[name].end_lineno] for name in classes]
    for name in sorted(classes, key=lambda name: -found[name].lineno):
        del lines[found[name].lineno - 1 : found[name].end_lineno]
    after = max((node.end_lineno or 0 for node in tree if isinstance(node, ast.Import | ast.ImportFrom)), default=0)
    lines[after:after] = [line for each in moved for line in [*each, "\n"]]
    return "".join(lines)


async def run(source: str, names: Mapping[str, Any] | None = None) -> Names:
    """Run a block where it may await, with the names that its document takes for granted; gives all names after it."""
    scope: Names = {"__name__": "sample", **(names or {})}
    code = compile(source, "<sample>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(code, scope)
    if inspect.isawaitable(result):
        await result
    return scope
