"""Salon: rooms in which people and teams of AI agents talk. These are the public names; everything else may move.

They load when they are first used, so that importing one small module does not start the whole house.
"""

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, cast

from salon.agents.alone import home
from salon.agents.around import named_models, surroundings
from salon.agents.tools import registry

if TYPE_CHECKING:
    from salon.agents.agent import Agent as Agent
    from salon.agents.alone.reply import StreamingReply as StreamingReply
    from salon.agents.context.context import Context as Context
    from salon.agents.context.current import CONTEXT as CONTEXT
    from salon.agents.context.current import current_agent_context as current_agent_context
    from salon.agents.context.current import get_server_context as get_server_context
    from salon.agents.definition import AgentDefinition as AgentDefinition
    from salon.agents.handoff import HandoffResult as HandoffResult
    from salon.agents.handoff import handoff as handoff
    from salon.agents.hooks import Refused as Refused
    from salon.agents.hooks import hook as hook
    from salon.agents.prompt import prompt as prompt
    from salon.agents.skill import ModelSkill as ModelSkill
    from salon.agents.skill import ModelSpec as ModelSpec
    from salon.agents.skill import Skill as Skill
    from salon.agents.templates import AgentTemplates as AgentTemplates
    from salon.agents.tools.classes import Tool as Tool
    from salon.agents.tools.classes import ToolDefinition as ToolDefinition
    from salon.agents.tools.classes import register_tool as register_tool
    from salon.agents.tools.registry import clear_tools as clear_tools
    from salon.agents.tools.tool import ToolError as ToolError
    from salon.agents.tools.tool import ToolSpec
    from salon.agents.tools.tool import function_tool as function_tool
    from salon.agents.tools.tool import tool as tool
    from salon.app import AgentServer as AgentServer
    from salon.app import create_app as create_app
    from salon.billing.pricing import pricing as pricing
    from salon.chat.team import Team as Team
    from salon.clients.client import Client as Client
    from salon.contracts.jobs import Job as Job
    from salon.contracts.jobs import JobStatus as JobStatus
    from salon.flows.context import WorkflowContext as WorkflowContext
    from salon.flows.workflow import workflow as workflow
    from salon.http.sessions.agent import create_agent_router as create_agent_router
    from salon.http.sessions.chats import chat_storage_router as chat_storage_router
    from salon.http.sessions.chats import create_chat_storage_router as create_chat_storage_router
    from salon.http.sessions.session import get_session as get_session
    from salon.jobs.backend_redis import QueueRedisConfig as QueueRedisConfig
    from salon.jobs.backend_redis import RedisQueueBackend as RedisQueueBackend
    from salon.jobs.queue import JobQueue as JobQueue
    from salon.memory.extractor import UserMemoryExtractor as UserMemoryExtractor
    from salon.memory.facts import UserMemoryStore as UserMemoryStore
    from salon.memory.strategies import get_memory_strategy as get_memory_strategy
    from salon.memory.vectors import VectorStore as VectorStore
    from salon.runtime.provider import get_provider as get_provider
    from salon.runtime.runner import AgentRunner as AgentRunner
    from salon.runtime.sessions.runner import Runner as Runner
    from salon.runtime.sessions.session import DatabaseSession as DatabaseSession
    from salon.runtime.thread_store import ThreadStore as ThreadStore
    from salon.settings import Settings as Settings
    from salon.skills.database import DatabaseSkill as DatabaseSkill
    from salon.skills.documents import DocumentIndex as DocumentIndex
    from salon.skills.documents import documents as documents
    from salon.skills.google import GoogleSkill as GoogleSkill
    from salon.skills.guardrails import GuardrailsSkill as GuardrailsSkill
    from salon.skills.mcp import MCPSkill as MCPSkill
    from salon.skills.memory.long_term import LongTermMemorySkill as LongTermMemorySkill
    from salon.skills.memory.short_term import ShortTermMemorySkill as ShortTermMemorySkill
    from salon.skills.memory.vector import VectorMemorySkill as VectorMemorySkill
    from salon.skills.models.anthropic import AnthropicSkill as AnthropicSkill
    from salon.skills.models.litellm import LiteLLMSkill as LiteLLMSkill
    from salon.skills.models.ollama import OllamaSkill as OllamaSkill
    from salon.skills.models.openai import OpenAISkill as OpenAISkill
    from salon.skills.models.xai import XAISkill as XAISkill
    from salon.skills.platform.auth import AuthSkill as AuthSkill
    from salon.skills.platform.discovery import DiscoverySkill as DiscoverySkill
    from salon.skills.platform.messages import MessagesSkill as MessagesSkill
    from salon.skills.platform.nli import NLISkill as NLISkill
    from salon.skills.platform.payments import PaymentSkill as PaymentSkill
    from salon.skills.platform.storage import StorageSkill as StorageSkill
    from salon.sources.code import CodeAgents as CodeAgents
    from salon.sources.code import EnvironmentAgents as EnvironmentAgents
    from salon.sources.dynamic import DynamicAgents as DynamicAgents
    from salon.sources.folder import AgentFolder as AgentFolder
    from salon.sources.portal import AgentPortal as AgentPortal
    from salon.sources.stored import StoredAgents as StoredAgents
    from salon.store.agents import AgentStore as AgentStore

_HOMES = {
    "Agent": "salon.agents.agent",
    "AgentDefinition": "salon.agents.definition",
    "AgentFolder": "salon.sources.folder",
    "AgentPortal": "salon.sources.portal",
    "AgentRunner": "salon.runtime.runner",
    "AgentServer": "salon.app",
    "AgentStore": "salon.store.agents",
    "AgentTemplates": "salon.agents.templates",
    "AnthropicSkill": "salon.skills.models.anthropic",
    "AuthSkill": "salon.skills.platform.auth",
    "CONTEXT": "salon.agents.context.current",
    "Client": "salon.clients.client",
    "CodeAgents": "salon.sources.code",
    "Context": "salon.agents.context.context",
    "DatabaseSession": "salon.runtime.sessions.session",
    "DatabaseSkill": "salon.skills.database",
    "DiscoverySkill": "salon.skills.platform.discovery",
    "DocumentIndex": "salon.skills.documents",
    "DynamicAgents": "salon.sources.dynamic",
    "EnvironmentAgents": "salon.sources.code",
    "GoogleSkill": "salon.skills.google",
    "GuardrailsSkill": "salon.skills.guardrails",
    "HandoffResult": "salon.agents.handoff",
    "Job": "salon.contracts.jobs",
    "JobQueue": "salon.jobs.queue",
    "JobStatus": "salon.contracts.jobs",
    "LiteLLMSkill": "salon.skills.models.litellm",
    "LongTermMemorySkill": "salon.skills.memory.long_term",
    "MCPSkill": "salon.skills.mcp",
    "MessagesSkill": "salon.skills.platform.messages",
    "ModelSkill": "salon.agents.skill",
    "ModelSpec": "salon.agents.skill",
    "NLISkill": "salon.skills.platform.nli",
    "OllamaSkill": "salon.skills.models.ollama",
    "OpenAISkill": "salon.skills.models.openai",
    "PaymentSkill": "salon.skills.platform.payments",
    "QueueRedisConfig": "salon.jobs.backend_redis",
    "RedisQueueBackend": "salon.jobs.backend_redis",
    "Refused": "salon.agents.hooks",
    "Runner": "salon.runtime.sessions.runner",
    "Settings": "salon.settings",
    "ShortTermMemorySkill": "salon.skills.memory.short_term",
    "Skill": "salon.agents.skill",
    "StorageSkill": "salon.skills.platform.storage",
    "StoredAgents": "salon.sources.stored",
    "StreamingReply": "salon.agents.alone.reply",
    "Team": "salon.chat.team",
    "ThreadStore": "salon.runtime.thread_store",
    "Tool": "salon.agents.tools.classes",
    "ToolDefinition": "salon.agents.tools.classes",
    "ToolError": "salon.agents.tools.tool",
    "UserMemoryExtractor": "salon.memory.extractor",
    "UserMemoryStore": "salon.memory.facts",
    "VectorMemorySkill": "salon.skills.memory.vector",
    "VectorStore": "salon.memory.vectors",
    "WorkflowContext": "salon.flows.context",
    "XAISkill": "salon.skills.models.xai",
    "chat_storage_router": "salon.http.sessions.chats",
    "clear_tools": "salon.agents.tools.registry",
    "create_agent_router": "salon.http.sessions.agent",
    "create_app": "salon.app",
    "create_chat_storage_router": "salon.http.sessions.chats",
    "current_agent_context": "salon.agents.context.current",
    "documents": "salon.skills.documents",
    "function_tool": "salon.agents.tools.tool",
    "get_memory_strategy": "salon.memory.strategies",
    "get_provider": "salon.runtime.provider",
    "get_server_context": "salon.agents.context.current",
    "get_session": "salon.http.sessions.session",
    "handoff": "salon.agents.handoff",
    "hook": "salon.agents.hooks",
    "pricing": "salon.billing.pricing",
    "prompt": "salon.agents.prompt",
    "register_tool": "salon.agents.tools.classes",
    "tool": "salon.agents.tools.tool",
    "workflow": "salon.flows.workflow",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - a list of the keys above


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'salon' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return found


def _built_in(name: str) -> "ToolSpec":
    return cast("ToolSpec", import_module("salon.skills.builtin").built_in(name))


# Tools that come with the house are known by name; what they need is loaded when an agent asks for one.
registry.provide(
    {
        name: partial(_built_in, name)
        for name in ("calculate", "fetch_url", "render_ui", "search_documents", "web_search")
    }
)

# Agents are far below what they live in: it is loaded when the first one is asked.
home.provide(lambda agent: import_module("salon.runtime.home").AgentHome(agent))
surroundings.provide(lambda agent: import_module("salon.runtime.around.alone").place_of(agent))
named_models.provide(lambda spec: import_module("salon.skills.models.making").skill_of(spec))
