"""Runs an application's function as a model: it knows who asks, what it uses is counted, what it gives is told."""

import inspect
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping
from contextlib import aclosing, nullcontext
from typing import Any, cast

from fastapi import HTTPException
from pydantic import BaseModel

from salon.agents.agent import Agent
from salon.agents.alone.result import RunResult
from salon.agents.compiled.toolbox import port_of
from salon.agents.context.context import Context, TurnPort
from salon.agents.context.current import CONTEXT
from salon.agents.tools.calling import called
from salon.billing.pricing import Price
from salon.billing.usage import Usage
from salon.errors import SalonError
from salon.http.custom.request import AgentRequest
from salon.http.errors import code_of
from salon.models.own.function import Answer, Question, Tell
from salon.models.reply import Chunk

Handler = Callable[..., object]
"""What the application wrote: called with the request, and with the path's parameters by name."""

EXPECTED = "a text, a completion, or a stream of texts or chunks"


class OwnBill:
    """A turn's port with a bill of its own, and the path's name: its function may ask an agent that is called alike.

    Args:
        port: the turn's.
        agent: what stands for the function where agents ask each other.
    """

    def __init__(self, port: TurnPort, agent: str) -> None:
        self._port = port
        self.agent = agent
        self.usage = Usage()

    def __getattr__(self, name: str) -> object:
        return getattr(self._port, name)


def answering(handler: Handler, path: str, price: Price, values: Mapping[str, object]) -> Answer:
    """The function as a model's answer.

    Args:
        path: under which it is served.
        price: what a call of it, and a token used in it, costs.
        values: of its parameters.
    """

    async def answer(question: Question, tell: Tell) -> None:
        port = port_of(question.context)
        mine = OwnBill(port, path)
        outer = CONTEXT.get()
        context = Context(cast(TurnPort, mine), owner=outer.agent_object if outer is not None else None)
        request = AgentRequest(port.agent, _messages(question, context), question.tools, question.sampling, context)
        before = CONTEXT.set(context)
        try:
            result = await _called(handler, request, values)
            await _told(result, tell, mine.usage)
        except BaseException as error:
            port.usage.include(mine.usage.total_tokens, mine.usage.charges, output=mine.usage.output_tokens)
            if isinstance(error, HTTPException):
                raise SalonError(code_of(error.status_code), str(error.detail)) from None
            raise
        finally:
            CONTEXT.reset(before)
        _bill(mine.usage, port.usage, price, port.agent)
        used, written = mine.usage.total_tokens, mine.usage.output_tokens
        await tell({"usage": {"prompt_tokens": used - written, "completion_tokens": written, "total_tokens": used}})

    return answer


async def _called(handler: Handler, request: AgentRequest, values: Mapping[str, object]) -> object:
    return (
        handler(request, **values) if inspect.isasyncgenfunction(handler) else await called(handler, request, **values)
    )


async def _told(result: object, tell: Tell, usage: Usage) -> None:
    match result:
        case str():
            await tell(result)
        case RunResult():  # what it used is counted already
            await tell(result.model_dump(mode="json", exclude={"usage"}))
        case AsyncIterable():
            pieces = aiter(result)
            async with aclosing(pieces) if isinstance(pieces, AsyncGenerator) else nullcontext():
                async for piece in pieces:
                    await tell(piece if isinstance(piece, str) else _chunk(piece))
        case _:
            whole = _chunk(result)
            await tell({name: value for name, value in whole.items() if name != "usage"})
            _count(whole.get("usage"), usage)


def _chunk(result: object) -> Chunk:
    """A completion, or a chunk of one, whichever library it comes from. Raises TypeError for anything else."""
    plain = result.model_dump(mode="json") if isinstance(result, BaseModel) else result
    if isinstance(plain, Mapping) and isinstance(plain.get("choices"), list):
        return cast(Chunk, plain)
    raise TypeError(f"an agent's function returned {type(result).__name__}; return {EXPECTED}")


def _count(reported: Any, usage: Usage) -> None:
    """Tokens that some vendor has counted in an answer that the function got by itself."""
    if isinstance(reported, Mapping):
        written = int(reported.get("completion_tokens") or 0)
        usage.add_tokens(int(reported.get("prompt_tokens") or 0) + written, output=written)


def _bill(used: Usage, bill: Usage, price: Price, agent: str) -> None:
    """Put on the run's bill what was used, but not the tokens: they are counted as the model's."""
    own = price.credits_per_token is not None
    bill.include(0, tuple(charge for charge in used.charges if not (own and charge.tokens)))
    if price.credits_per_call:
        bill.add(price.credits_per_call, agent)


def _messages(question: Question, context: Context) -> list[dict[str, Any]]:
    """What was said, without what stands for the function's own prompt."""
    prompt = context.agent_object.system_prompt if isinstance(context.agent_object, Agent) else None
    messages = question.messages
    return messages[1:] if messages and messages[0] == {"role": "system", "content": prompt} else messages
