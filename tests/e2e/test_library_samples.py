"""Document 002's samples of memory and jobs: its own code, only its imports are changed."""

import ast
import asyncio
import inspect
import json
from typing import Any

import pytest

from salon import Job
from salon.store.database import Database
from tests.queues import eventually

STRATEGIES = """
from salon import Agent, get_memory_strategy

# Last N messages (default)
agent = Agent(..., memory_strategy="last_n", memory_params={"n": 20})

# First K + Last N (preserves initial context)
agent = Agent(..., memory_strategy="first_last", memory_params={"first": 2, "last": 10})

# Token window (fit as much as possible)
agent = Agent(..., memory_strategy="token_window", memory_params={"max_tokens": 100000})
"""

USER_MEMORY = """
from salon import UserMemoryStore, UserMemoryExtractor

memory = UserMemoryStore(conn)

# Store facts
await memory.set("user_123", "name", "Phil")
await memory.set("user_123", "timezone", "Europe/London")
await memory.set("user_123", "style", "concise", category="preferences")

# Retrieve
name = await memory.get("user_123", "name")
all_facts = await memory.get_all("user_123")

# Format for system prompt
context = memory.format_for_prompt(all_facts)

# Auto-extract from conversations
extractor = UserMemoryExtractor(provider, memory)
await extractor.extract_and_save("user_123", messages)
"""

QUEUE = """
from salon import JobQueue

# In-memory (default)
queue = JobQueue()
"""

REDIS_QUEUE = """
from salon import JobQueue, RedisQueueBackend
from salon import QueueRedisConfig

redis_config = QueueRedisConfig(url="redis://localhost:6379/0")
backend = RedisQueueBackend(redis_config, queue_name="ai_agents")

queue = JobQueue(backend=backend)
# Jobs persist across restarts, shared across workers
"""

JOBS = """
# Register handlers
@queue.handler("summarize_thread")
async def handle_summarize(payload):
    thread_id = payload["thread_id"]
    # ... do summarization
    return {"summary": "..."}

@queue.handler("generate_title")
async def handle_title(payload):
    # ...
    return {"title": "..."}

# Enqueue jobs
job_id = await queue.enqueue("summarize_thread", {"thread_id": "abc"})

# Check status
job = await queue.get_status(job_id)
print(job.status)  # pending, processing, completed, failed

# Start background worker
await queue.start_worker()

# Stop worker
await queue.stop_worker()
"""


async def run_code(*blocks: str, **names: Any) -> dict[str, Any]:
    """Runs the document's blocks one after the other, with `await` at their top; gives their names."""
    async with asyncio.timeout(10):
        for block in blocks:
            ran = eval(compile(block, "document 002", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
            if inspect.isawaitable(ran):
                await ran
    return names


@pytest.mark.requirement("S2-23", "S2-24", "S2-25")
async def test_agents_take_the_strategies_of_the_document() -> None:
    names = await run_code(STRATEGIES.replace("...", '"helper", "You help."'))
    assert names["agent"].name == "helper"
    assert names["get_memory_strategy"]("first_last", first=2, last=10).last == 10


@pytest.mark.requirement("S2-32", "S2-33", "S2-34", "S2-35", "S2-36", "S2-37")
async def test_facts_are_kept_told_and_extracted_as_the_document_shows(sqlite_database_url: str) -> None:
    async def provider(prompt: str) -> str:
        return json.dumps({"facts": [{"key": "pet", "value": "a cat", "category": "general"}]})

    messages = [{"role": "user", "content": "My cat wakes me every morning."}]
    names = await run_code(USER_MEMORY, conn=sqlite_database_url, provider=provider, messages=messages)
    assert names["name"] == "Phil"
    assert {fact["key"] for fact in names["all_facts"]} == {"name", "timezone", "style"}
    assert all(text in names["context"] for text in ("Phil", "Europe/London", "[preferences]", "concise"))
    assert await names["memory"].get("user_123", "pet") == "a cat"
    await Database.of(sqlite_database_url).close()


@pytest.mark.requirement("S2-51", "S2-52", "S2-53", "S2-54", "S2-55", "S2-56", "S2-57")
@pytest.mark.parametrize("kept", ["in memory", "in Redis"])
async def test_jobs_are_done_as_the_document_shows(
    kept: str, redis_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = QUEUE if kept == "in memory" else REDIS_QUEUE.replace("redis://localhost:6379/0", redis_url)
    names = await run_code(made, JOBS)
    assert capsys.readouterr().out == "pending\n"
    queue = names["queue"]
    await queue.start_worker()

    async def finished() -> Job | None:
        job: Job = await queue.get_status(names["job_id"])
        return job if job.status.finished else None

    assert (await eventually(finished)).result == {"summary": "..."}
    await queue.close()
