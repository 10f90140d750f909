"""An exchange as OpenAI's chunks, as plain dicts."""

from collections.abc import AsyncGenerator, Mapping

from salon.clock import SystemClock
from salon.contracts.types import Json, Obj
from salon.ids import new_id
from salon.runtime.sessions.asking import result
from salon.runtime.sessions.exchange import Exchange, Happened, Said


async def chunks_of(exchange: Exchange, agent: str) -> AsyncGenerator[Obj]:
    """The chunks of an answer, the role first and the reason of its end last. Raises RunFailed."""
    head: Mapping[str, Json] = {
        "id": new_id("chatcmpl"),
        "object": "chat.completion.chunk",
        "created": int(SystemClock().time()),
        "model": agent,
    }

    def chunk(delta: Obj, reason: str | None = None, **more: Json) -> Obj:
        return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}], **more}

    begun = ended = False
    written = ""
    async for step in exchange.steps():
        text = ""
        if isinstance(step, Said):
            text, written = step.text, written + step.text
        elif isinstance(step, Happened) and step.name == "message_output_created":
            whole = str(step.item["content"])
            text, written = whole.removeprefix(written) if whole.startswith(written) else "", ""
        if text:
            if not begun:
                yield chunk({"role": "assistant", "content": ""})
            yield chunk({"content": f"\n\n{text}" if ended else text})
            begun, ended = True, False
        if begun and not isinstance(step, Said):
            ended = True  # what is said after a call, or by somebody else, is a message of its own
    answer = result(exchange.text, exchange.result(), agent=agent)
    if not begun:
        yield chunk({"role": "assistant", "content": ""})
    choice = answer.choices[0]
    for index, call in enumerate(choice.message.tool_calls or ()):
        yield chunk({"tool_calls": [{"index": index, **call.model_dump(mode="json")}]})
    yield chunk({}, choice.finish_reason, usage=answer.usage.model_dump(mode="json"))
