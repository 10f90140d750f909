"""`Runner`: lets an agent answer in a session, in the manner of OpenAI's agents library."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from salon.access.asking import refuse_circles
from salon.access.principal import principal_of
from salon.agents.agent import Agent
from salon.agents.alone.result import RunResult
from salon.agents.context.current import CONTEXT
from salon.runtime.embedded import embedded, responder
from salon.runtime.sessions import conversation
from salon.runtime.sessions.asking import result, said
from salon.runtime.sessions.exchange import Exchange, Step
from salon.runtime.sessions.items import Input
from salon.runtime.sessions.session import DatabaseSession
from salon.settings import Settings


@dataclass(slots=True)
class Streaming:
    """A run that is followed as it goes on: read `stream_events` to its end, then there is a `final_output`."""

    agent: Agent
    input: Input
    session: DatabaseSession | None
    final_output: str | None = None

    async def stream_events(self) -> AsyncGenerator[Step]:
        """What happens, as it happens. Raises SalonError when the agent could not answer."""
        async with _begun(self.agent, self.input, self.session) as exchange:
            async for step in exchange.steps():
                yield step
            exchange.result()
            self.final_output = exchange.text


class Runner:
    """Runs an agent without a server."""

    @staticmethod
    async def run(agent: Agent, input: Input, *, session: DatabaseSession | None = None) -> RunResult:
        """Let the agent answer.

        Args:
            input: a message, or items that end with a user's message.
            session: what it remembers, and where its answer is kept; nothing without one.

        Raises SalonError: `bad_request` for input that cannot be used, or why the agent could not answer.
        """
        async with _begun(agent, input, session) as exchange:
            outcome = await exchange.finish()
            answer = result(exchange.text, outcome, agent=agent.name)
        return answer.model_copy(update={"session_id": session.session_id if session is not None else None})

    @staticmethod
    def run_streamed(agent: Agent, input: Input, *, session: DatabaseSession | None = None) -> Streaming:
        """The same, to be followed: the run begins when `stream_events` is read."""
        return Streaming(agent, input, session)


@asynccontextmanager
async def _begun(agent: Agent, input: Input, session: DatabaseSession | None) -> AsyncIterator[Exchange]:
    settings = Settings.load()
    chat = responder(agent, settings)
    outer = CONTEXT.get()
    asking = outer.asking if outer is not None else ()
    refuse_circles(asking, agent.name)
    who = session.principal if session is not None else outer.principal if outer is not None else principal_of(None)
    before, parts = said(input, who, agent.name)
    house = session.house if session is not None else embedded(settings).house
    room = await session.open() if session is not None else house.lobby.ephemeral(chat)
    exchange = Exchange(room, house.broker.subscribe, who)
    try:
        await conversation.append(room, before, who, agent.name)
        await exchange.begin(
            parts,
            agent=agent.name,
            responder=chat,
            whole=session is None,
            asked_by=asking,
            account=outer.count if outer is not None else None,
        )
        yield exchange
    finally:
        exchange.close()
        if session is None:
            await house.lobby.release(room)
