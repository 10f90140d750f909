"""Asking an agent in a room and waiting for the whole answer."""

from collections.abc import Sequence

from salon.agents.alone.result import RunResult
from salon.contracts.openai import Answer, Choice, Usage
from salon.contracts.runs import Principal, Responder, RunOutcome
from salon.ids import new_id
from salon.rooms.room import Room
from salon.runtime.house import House
from salon.runtime.sessions.exchange import Exchange
from salon.runtime.sessions.items import Item, message_of


async def ask(
    house: House,
    room: Room,
    who: Principal,
    now: Item,
    *,
    agent: str,
    responder: Responder,
    instructions: Sequence[str] = (),
) -> RunResult:
    """Say `now`, a user's message, in `room` and wait until `agent` has answered. Raises SalonError when it cannot."""
    exchange = Exchange(room, house.broker.subscribe, who)
    try:
        await exchange.begin(
            message_of(now, who, agent).parts, agent=agent, responder=responder, instructions=instructions
        )
        outcome = await exchange.finish()
    finally:
        exchange.close()
    return result(exchange.text, outcome, agent=agent, at=house.clock.time())


def result(text: str, outcome: RunOutcome, *, agent: str, at: float) -> RunResult:
    """What an exchange came to, as programs get it."""
    spent_in, spent_out = outcome.usage.get("input_tokens", 0), outcome.usage.get("output_tokens", 0)
    return RunResult(
        id=new_id("chatcmpl"),
        created=int(at),
        model=agent,
        choices=[
            Choice(
                message=Answer(content=text),
                finish_reason="length" if outcome.finish_reason == "length" else "stop",
            )
        ],
        usage=Usage(prompt_tokens=spent_in, completion_tokens=spent_out, total_tokens=spent_in + spent_out),
    )
