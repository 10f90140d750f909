"""An agent as a router: POST {prefix}/run, POST {prefix}/stream and GET {prefix}/info, with memory in a session.

A run goes on when its client leaves; its answer is then found in the session. Chats are managed under /chats.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from salon.agents.agent import Agent
from salon.contracts.runs import Principal
from salon.http.identity import GetUser, identified, settings_of
from salon.http.sessions.answering import REFUSALS, SessionRoute
from salon.http.sessions.asking import Asked, asking
from salon.http.sessions.bodies import Endpoints, Info, RunAnswer, RunRequest, SessionConfig
from salon.http.sessions.place import GetSession, Place, leaving, own_database
from salon.http.sessions.stream import events
from salon.runtime.embedded import company
from salon.settings import Settings
from salon.store.database import Conn, Database

KINDS: dict[str, Literal["PostgreSQL", "SQLite"]] = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


def create_agent_router(
    agent: Agent,
    prefix: str = "",
    agent_name: str | None = None,
    get_db_session: GetSession | None = None,
    *,
    get_user: GetUser | None = None,
) -> APIRouter:
    """A router for any FastAPI application, in which `agent` answers and remembers.

    Args:
        agent: who answers, with all agents that it hands over to.
        prefix: where it is found, such as "/dnd-assistant".
        agent_name: how /info and the documentation call it; its own name by default.
        get_db_session: a FastAPI dependency that gives an SQLAlchemy session, which says in which database chats are
            kept; by default the server's own, or the one that DATABASE_URL names.
        get_user: a FastAPI dependency that tells who asks: a user's id, or None. By default the header that
            USER_HEADER names, which a trusted proxy sets.

    Raises ValueError: a hand-off to an agent that is known by name only.
    """
    company(agent)
    name = agent_name or agent.title
    session_of = get_db_session or own_database
    who_asks = identified(get_user)
    router = APIRouter(prefix=prefix, tags=[name], route_class=SessionRoute, responses=REFUSALS, lifespan=leaving)

    async def asked(
        request: Request,
        body: RunRequest,
        conn: Annotated[Conn, Depends(session_of)],
        who: Annotated[Principal, Depends(who_asks)],
    ) -> AsyncIterator[Asked]:
        async with asking(agent, Place.of(request), body, conn, who) as begun:
            yield begun

    @router.post("/run")
    async def run(begun: Annotated[Asked, Depends(asked)]) -> RunAnswer:
        """Ask, and wait for the whole answer."""
        await begun.exchange.finish()
        return RunAnswer(final_output=begun.exchange.text, session_id=begun.session_id)

    @router.post("/stream", response_class=EventSourceResponse)
    async def stream(begun: Annotated[Asked, Depends(asked)]) -> AsyncGenerator[ServerSentEvent]:
        """Ask, and follow the answer as it comes."""
        async for event in events(begun.exchange, begun.session_id):
            yield event

    @router.get("/info")
    async def info(request: Request, conn: Annotated[Conn, Depends(session_of)]) -> Info:
        """What the agent is, where it is asked, and how conversations are kept."""
        kind = KINDS[Database.of(conn).kind]
        base = request.url.path.removesuffix("/info")
        return Info(
            name=agent.title,
            agent_name=name,
            instructions=agent.system_prompt,
            model=model_of(agent, settings_of(request)),
            tools_count=len(agent.tools),
            handoffs_count=len(agent.handoffs),
            endpoints=Endpoints(run=f"{base}/run", stream=f"{base}/stream", info=f"{base}/info"),
            session_config=SessionConfig(
                session_type=kind, description=f"Sessions are enabled by default with {kind} storage"
            ),
        )

    return router


def model_of(agent: Agent, settings: Settings) -> str:
    """The model that an agent names, or the one that it gets by default."""
    if agent.model is None:
        return settings.openai_model
    if isinstance(agent.model, str):
        return agent.model
    return ", ".join(agent.model) if isinstance(agent.model, Sequence) else type(agent.model).__name__
