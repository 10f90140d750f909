"""Asking an agent in a room and waiting for the whole answer."""

from collections.abc import Sequence

import orjson

from salon.agents.alone.result import RunResult
from salon.clock import SystemClock
from salon.contracts.openai import Answer, CalledFunction, Choice, FinishReason, ReturnedCall, Usage
from salon.contracts.runs import Principal, Responder, RunOutcome
from salon.contracts.types import Json, Part, TextPart
from salon.errors import Detail, RequestError
from salon.ids import new_id
from salon.rooms.room import Room
from salon.runtime.house import House
from salon.runtime.sessions.exchange import Exchange
from salon.runtime.sessions.items import Given, Input, message_of


def said(input: Input, who: Principal, agent: str) -> tuple[list[Given], Sequence[Part]]:
    """What was said before, and what is said now: a user's message. Raises RequestError when there is none."""
    items: Sequence[Given] = [{"role": "user", "content": input}] if isinstance(input, str) else input
    try:
        now = message_of(items[-1] if items else {}, who, agent)
    except ValueError as error:
        raise _unusable(str(error)) from None
    if now.author.role != "user":
        raise _unusable("the last item must be a user's message; it is what the agent answers")
    if not any(part.text.strip() for part in now.parts if isinstance(part, TextPart)):
        raise _unusable("the message is empty; write something")
    return list(items[:-1]), now.parts


async def ask(
    house: House,
    room: Room,
    who: Principal,
    parts: Sequence[Part],
    *,
    agent: str,
    responder: Responder,
    instructions: Sequence[str] = (),
    whole: bool = False,
) -> RunResult:
    """Say something in `room` and wait until `agent` has answered. Raises RunFailed when it cannot."""
    exchange = Exchange(room, house.broker.subscribe, who)
    try:
        await exchange.begin(parts, agent=agent, responder=responder, instructions=instructions, whole=whole)
        outcome = await exchange.finish()
    finally:
        exchange.close()
    return result(exchange.text, outcome, agent=agent)


def result(text: str, outcome: RunOutcome, *, agent: str) -> RunResult:
    """What an exchange came to, as programs get it."""
    calls = [
        ReturnedCall(id=ready.call, function=CalledFunction(name=ready.name, arguments=as_text(ready.args)))
        for ready in outcome.calls
    ]
    reason: FinishReason = "tool_calls" if calls else "length" if outcome.finish_reason == "length" else "stop"
    spent_in, spent_out = outcome.usage.get("input_tokens", 0), outcome.usage.get("output_tokens", 0)
    return RunResult(
        id=new_id("chatcmpl"),
        created=int(SystemClock().time()),
        model=agent,
        choices=[
            Choice(
                message=Answer(content=text or (None if calls else ""), tool_calls=calls or None), finish_reason=reason
            )
        ],
        usage=Usage(prompt_tokens=spent_in, completion_tokens=spent_out, total_tokens=spent_in + spent_out),
    )


def as_text(arguments: Json) -> str:
    """A call's arguments as JSON text; a text that never was JSON stays what the model wrote."""
    return arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()


def _unusable(why: str) -> RequestError:
    return RequestError(f"input: {why}", [Detail("/input", "invalid_value", f"input: {why}")])
