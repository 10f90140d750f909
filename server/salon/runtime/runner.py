"""`AgentRunner`: a stored agent answers in a stored thread, with a program's own permissions."""

import re
from inspect import isawaitable

from salon.access.principal import principal_of
from salon.agents.agent import Agent
from salon.agents.alone.home import Auth
from salon.agents.alone.result import RunResult
from salon.agents.skill import Skill
from salon.contracts.types import TextPart
from salon.errors import RequestError, SalonError
from salon.memory.extractor import TextModel
from salon.memory.strategies import MemoryStrategy
from salon.runtime.embedded import responder
from salon.runtime.house import house_of
from salon.runtime.provider import Provider
from salon.runtime.sessions.asking import ask
from salon.settings import Settings
from salon.skills.guardrails import GuardrailsSkill
from salon.store.agents import AgentStore, Record
from salon.store.database import Conn
from salon.store.threads import ThreadRows

AGENTS = 256
"""So many agents are kept as they were made, those that were asked last."""

_UNUSABLE = re.compile(r"[^A-Za-z0-9_-]+")


class NotAllowed(SalonError, PermissionError):
    """The program's own permissions say no."""

    def __init__(self, message: str) -> None:
        SalonError.__init__(self, "forbidden", message)


class AgentRunner:
    """Runs the agents of a database in its threads.

        runner = AgentRunner(conn=conn, auth=auth, provider=get_provider("openai", model="gpt-4o"))
        print(await runner.run(thread["id"], "user_123", "Hello!"))

    Args:
        conn: the database: a URL, or an application's own engine, session or connection.
        provider: the model that answers.
        auth: who may write in which thread; without it, users write in their own and in shared ones.
        memory: how much of a thread is remembered; the last 20 messages by default.
        judge_provider: the model that looks for attempts to take the agent over in what users say; where there are
            any, or it does not answer, `run` raises SalonError with the code `forbidden`.
    """

    def __init__(
        self,
        *,
        conn: Conn,
        provider: Provider,
        auth: Auth | None = None,
        memory: MemoryStrategy | None = None,
        judge_provider: TextModel | None = None,
    ) -> None:
        self._judge = judge_provider
        self._conn = conn
        self._provider = provider
        self._auth = auth
        self._memory = memory
        self._agents = AgentStore(conn)
        self._made: dict[str, tuple[float, Agent]] = {}

    async def run(self, thread_id: str, user_id: str, text: str) -> RunResult:
        """Say something in a thread and get the answer of the agent that it was made for.

        Raises NotAllowed, a PermissionError, when `auth` says so; SalonError: `not_found` for a thread or agent that
        there is not, or why the agent could not answer; RequestError for an empty text, and a thread without an agent.
        """
        if not text.strip():
            raise RequestError("text: it is empty; write something")
        who = principal_of(user_id)
        if self._auth is not None:
            answer = self._auth.has_permission(user_id, "write", "thread", thread_id)
            if not (await answer if isawaitable(answer) else answer):
                raise NotAllowed(f"{user_id} may not write in thread {thread_id}")
        house = house_of(self._conn)
        room = await house.lobby.existing(thread_id, who if self._auth is None else None)
        thread = await ThreadRows(house.database).get(thread_id)
        if thread is None or thread.agent_id is None:
            raise RequestError(f"thread {thread_id} names no agent; make it with ThreadStore.create(agent_id=…)")
        agent = self._agent(await self._agents.get(thread.agent_id))
        chat = responder(agent, Settings.load())
        result = await ask(house, room, who, [TextPart(kind="text", text=text)], agent=agent.name, responder=chat)
        return result.model_copy(update={"session_id": thread_id})

    def _agent(self, record: Record) -> Agent:
        """The agent of a record, made anew only when the record has changed."""
        updated, agent = self._made.pop(record["id"], (None, None))
        if agent is None or updated != record["updated_at"]:
            agent = Agent(
                _UNUSABLE.sub("-", record["name"]).strip("-_")[:64] or "agent",
                record["system_prompt"].strip() or "You are a helpful assistant.",
                model=self._provider.model,
                provider=self._provider.name,
                api_key=self._provider.api_key,
                base_url=self._provider.base_url,
                memory_strategy=self._memory,
                skills=self._skills(),
            )
        self._made[record["id"]] = (record["updated_at"], agent)
        if len(self._made) > AGENTS:
            del self._made[next(iter(self._made))]
        return agent

    def _skills(self) -> dict[str, Skill]:
        if self._judge is None:
            return {}
        return {"guardrails": GuardrailsSkill({"judge": self._judge, "kinds": ["injection"]})}
