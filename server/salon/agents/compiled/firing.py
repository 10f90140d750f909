"""Calls an agent's hooks during one turn: in order, for those they are meant for, and safely."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import structlog

from salon.agents.agent import Agent
from salon.agents.context.context import Context, TurnPort
from salon.agents.context.current import CONTEXT
from salon.agents.hooks import Hook
from salon.agents.tools.calling import called
from salon.errors import SalonError
from salon.ids import new_id

log = structlog.get_logger(__name__)

Data = dict[str, object]

FAREWELL = 5.0
"""Seconds that a hook has when a turn has failed or a run is over."""


class Firing:
    """An agent's hooks in one turn.

    Args:
        agent: whose hooks they are.
        port: the turn's door to the room.
    """

    def __init__(self, agent: Agent, port: TurnPort) -> None:
        self._agent = agent
        self._port = port
        self._written: list[str] | None = None
        self._rest = ""
        self._refusal: SalonError | None = None

    def listens(self, event: str) -> bool:
        """Whether there is a hook on `event` at all."""
        return event in self._agent.kit.hooks

    async def fire(self, event: str, data: Data) -> Data:
        """Call the hooks on `event`, each with what the last one left of `data`; returns what is left.

        Raises SalonError when one refuses. What else goes wrong is in the log, and the turn goes on; but nobody gets in
        past a hook on `on_connection` that failed.
        """
        with self._serving(data) as context:
            for hook in self._hooks(event):
                await self._call(hook, context)
        return context.data if isinstance(cast(object, context.data), dict) else data

    async def farewell(self, event: str, data: Data) -> None:
        """Call the hooks on `event` when it is over: each of them, whatever the others do. Raises nothing."""
        for hook in self._hooks(event):
            try:
                with self._serving(dict(data)) as context:
                    async with asyncio.timeout(FAREWELL):
                        await self._call(hook, context)
            except (SalonError, TimeoutError) as error:
                log.warning("hook.failed", agent=self._agent.name, hook=event, exc_info=error)

    async def chunk(self, text: str) -> str:
        """A piece of the answer as the hooks on it leave it. A refusal silences the rest; `rethrow` raises it."""
        if self._rest and text == self._rest:  # what the hooks on the whole answer left
            self._rest = ""
            return text
        if self._refusal is not None:  # raised here it would look like a failure of the vendor's
            return ""
        if self.listens("on_chunk"):
            try:
                text = str((await self.fire("on_chunk", {"text": text})).get("text") or "")
            except SalonError as refusal:
                self._refusal = refusal
                return ""
        if self._written is None:
            self._written = []
        self._written.append(text)
        return text

    async def edited(self, text: str) -> str:
        """The whole of an answer, `text`, as the hooks on its pieces left it; one that came at once is the piece."""
        if self._written is None:
            text = await self.chunk(text)
            self._written = None
            self.rethrow()
            return text
        return "".join(self._written)

    def unsaid(self, text: str) -> str:
        """What has not been told yet of an answer that was told in pieces, if `text` is the whole of it."""
        told = "".join(self._written) if self._written is not None else text
        self._written = None
        self._rest = text[len(told) :] if text.startswith(told) else ""
        return self._rest

    def rethrow(self) -> None:
        """Raises what a hook refused while the model was writing."""
        if self._refusal is not None:
            raise self._refusal

    async def prompts(self) -> Sequence[str]:
        """What the agent's prompts add to its instructions in this turn."""
        texts: list[str] = []
        with self._serving({}) as context:
            for prompt in self._agent.kit.prompts:
                if prompt.open_to(self._port.principal.scopes):
                    try:
                        text = await called(prompt.function, context)
                    except SalonError:
                        raise
                    except Exception as error:
                        log.error("prompt.failed", agent=self._agent.name, incident=new_id("err"), exc_info=error)
                        continue
                    if text:
                        texts.append(str(text))
        return texts

    def _hooks(self, event: str) -> list[Hook]:
        scopes = self._port.principal.scopes
        return [hook for hook in self._agent.kit.hooks.get(event, ()) if hook.open_to(scopes)]

    @contextmanager
    def _serving(self, data: Data) -> Iterator[Context]:
        context = Context(self._port, owner=self._agent, data=data)
        before = CONTEXT.set(context)
        try:
            yield context
        finally:
            CONTEXT.reset(before)

    async def _call(self, hook: Hook, context: Context) -> None:
        try:
            await called(hook.function, context)
        except SalonError:
            raise
        except Exception as error:
            incident = new_id("err")
            log.error("hook.failed", agent=self._agent.name, hook=hook.event, incident=incident, exc_info=error)
            if hook.event == "on_connection":
                text = f"{self._agent.name} could not be reached; the server's log has it as {incident}"
                raise SalonError("agent_error", text) from None
