"""Salon: rooms in which people and teams of AI agents talk. These are the public names; everything else may move.

They load when they are first used, so that importing one small module does not start the whole house.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from salon.agents.alone import home

if TYPE_CHECKING:
    from salon.agents.agent import Agent as Agent
    from salon.agents.context import Context as Context
    from salon.agents.definition import AgentDefinition as AgentDefinition
    from salon.agents.handoff import handoff as handoff
    from salon.agents.tools import ToolError as ToolError
    from salon.agents.tools import tool as tool
    from salon.app import create_app as create_app
    from salon.chat.team import Team as Team
    from salon.contracts.jobs import Job as Job
    from salon.contracts.jobs import JobStatus as JobStatus
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
    from salon.runtime.sessions.runner import Runner as Runner
    from salon.runtime.sessions.session import DatabaseSession as DatabaseSession
    from salon.runtime.thread_store import ThreadStore as ThreadStore
    from salon.settings import Settings as Settings
    from salon.store.agents import AgentStore as AgentStore

_HOMES = {
    "Agent": "salon.agents.agent",
    "AgentDefinition": "salon.agents.definition",
    "AgentStore": "salon.store.agents",
    "Context": "salon.agents.context",
    "DatabaseSession": "salon.runtime.sessions.session",
    "Job": "salon.contracts.jobs",
    "JobQueue": "salon.jobs.queue",
    "JobStatus": "salon.contracts.jobs",
    "QueueRedisConfig": "salon.jobs.backend_redis",
    "RedisQueueBackend": "salon.jobs.backend_redis",
    "Runner": "salon.runtime.sessions.runner",
    "Settings": "salon.settings",
    "Team": "salon.chat.team",
    "ThreadStore": "salon.runtime.thread_store",
    "ToolError": "salon.agents.tools",
    "UserMemoryExtractor": "salon.memory.extractor",
    "UserMemoryStore": "salon.memory.facts",
    "VectorStore": "salon.memory.vectors",
    "chat_storage_router": "salon.http.sessions.chats",
    "create_agent_router": "salon.http.sessions.agent",
    "create_app": "salon.app",
    "create_chat_storage_router": "salon.http.sessions.chats",
    "get_memory_strategy": "salon.memory.strategies",
    "get_session": "salon.http.sessions.session",
    "handoff": "salon.agents.handoff",
    "tool": "salon.agents.tools",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - a list of the keys above


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'salon' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return found


# Agents are far below what they live in: it is loaded when the first one is asked.
home.provide(lambda agent: import_module("salon.runtime.home").AgentHome(agent))
