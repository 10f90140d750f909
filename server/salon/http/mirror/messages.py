"""From OpenAI messages to what a room needs: the events of what was said before, and what is said now. Pure."""

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace

import orjson

from salon.contracts.events import MsgDone, RoomEvent, ToolDone, ToolReady
from salon.contracts.openai import ChatRequest, Message
from salon.contracts.runs import ANONYMOUS, CLAIMED, Principal
from salon.contracts.types import Author, Json, Part, TextPart
from salon.http.errors import refused
from salon.ids import new_id

PART_LENGTH = 32_768
MAX_PARTS = 64

_WIRE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/-]{0,127}")
_UNFIT = re.compile(r"[^A-Za-z0-9._@-]+")
_BY = "__"  # in a call's id, before the agent that made it: allowed in ids by every vendor


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the caller says now: a message, or the results of calls; and what it asks for beside it.

    `seat` is the agent that made the calls, when that is not the one who speaks first anyway; `message` the id that the
    message has with the caller already, if any.
    """

    parts: list[Part] | None = None
    instructions: tuple[str, ...] = ()
    results: tuple[tuple[str, str], ...] = ()
    seat: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A program's whole conversation: `primer` is what was said before."""

    primer: tuple[RoomEvent, ...]
    spoken: Spoken


def asker(request: ChatRequest, trusted: Principal) -> Principal:
    """Who speaks: whom the headers tell, else whom the request claims; a claim opens nothing."""
    if trusted.user != ANONYMOUS:
        return trusted
    name = next((m.name for m in reversed(request.messages) if m.role == "user"), None) or request.user
    if not name or not name.strip():
        return trusted
    return replace(trusted, user=_author_id(name), name=name[:200])


def returned_id(ready: ToolReady, host: str) -> str:
    """The id of a call as its caller gets it: it tells who called, since the next request knows nothing of this one."""
    return ready.call if ready.agent in (None, host) else f"{ready.call}{_BY}{ready.agent}"


def plain_id(asked: str, known: Container[str]) -> str:
    """The id that a call has in a room that remembers it, from the one that its caller got."""
    return asked if asked in known else asked.rpartition(_BY)[0] or asked


def conversation(request: ChatRequest, who: Principal, roster: Sequence[str], host: str) -> Conversation:
    """A conversation that starts anew with each request.

    Args:
        roster: the agents that may have spoken before; the words of the assistant are `host`'s.

    Raises SalonError for calls without results, results without calls and texts beyond the wire's limits.
    """
    instructions = _instructions(request.messages)
    said = [(i, m) for i, m in enumerate(request.messages) if m.role not in ("system", "developer")]
    if not said:  # some clients send nothing but a system message: it is what they want answered
        index = len(request.messages) - 1
        return Conversation((), Spoken(_parts(instructions[-1], index), instructions[:-1]))
    now = said[-1][1] if said[-1][1].role == "user" else None
    past = _Past(who, roster, host)
    for index, message in said[:-1] if now else said:
        past.take(index, message)
    past.finish()
    parts = _parts(now.words, said[-1][0]) if now else None
    seat = past.seat if said[-1][1].role == "tool" and past.seat != host else None
    return Conversation(tuple(past.events), Spoken(parts, instructions, seat=seat))


def spoken_now(request: ChatRequest) -> Spoken:
    """What is said into a live room, which remembers the rest: the last message, or the results at the end."""
    instructions = _instructions(request.messages)
    said = [(i, m) for i, m in enumerate(request.messages) if m.role not in ("system", "developer")]
    if not said or said[-1][1].role == "assistant":
        text = "must end with a user's message or a tool's result to speak into a live room"
        raise refused("messages", "invalid_value", f"messages: {text}")
    index, last = said[-1]
    if last.role == "user":
        return Spoken(_parts(last.words, index), instructions)
    results: list[tuple[str, str]] = []
    for _, message in reversed(said):
        if message.role != "tool":
            break
        results.insert(0, (str(message.tool_call_id), message.words))
    return Spoken(None, instructions, tuple(results))


@dataclass(slots=True)
class _Past:
    """What was said before, as the events that a room would hold of it."""

    who: Principal
    roster: Sequence[str]
    host: str
    events: list[RoomEvent] = field(default_factory=list)
    seat: str | None = None
    _open: dict[str, tuple[str, int]] = field(default_factory=dict)

    def take(self, index: int, message: Message) -> None:
        if message.role == "tool":
            self._result(index, message)
            return
        self.finish()
        calls = [(call, *self._caller(call.id)) for call in message.tool_calls or ()]
        agent = calls[0][2] if calls else self.host
        if message.words or not calls:
            author = self._person(message) if message.role == "user" else Author(id=agent, role="agent")
            parts = _parts(message.words, index)
            self.events.append(MsgDone(event="message.done", message=new_id("msg"), author=author, parts=parts))
        for call, known, caller in calls:
            if call.id in self._open:
                text = f"messages[{index}].tool_calls: two calls have the id '{call.id}'; ids must differ"
                raise refused(f"messages/{index}/tool_calls", "invalid_value", text)
            self._open[call.id] = (known, index)
            self.seat = caller
            self.events.append(
                ToolReady(
                    event="tool.ready",
                    call=known,
                    name=call.function.name,
                    args=_parsed(call.function.arguments),
                    where="client",
                    agent=caller,
                )
            )

    def finish(self) -> None:
        for asked, (_, index) in self._open.items():
            text = (
                f"messages[{index}].tool_calls: the call '{asked}' must be followed by a tool message with its result"
            )
            raise refused(f"messages/{index}/tool_calls", "missing_result", text)

    def _result(self, index: int, message: Message) -> None:
        known, _ = self._open.pop(message.tool_call_id or "", (None, 0))
        if known is None:
            text = f"messages[{index}].tool_call_id: no call before it has the id '{message.tool_call_id}'"
            raise refused(f"messages/{index}/tool_call_id", "unknown_call", text)
        self.events.append(ToolDone(event="tool.done", call=known, ok=True, output=message.words))

    def _caller(self, asked: str) -> tuple[str, str]:
        """The id of a call in the room, and who made it."""
        call, _, agent = asked.rpartition(_BY)
        if not call or agent not in self.roster:
            call, agent = asked, self.host
        return (call if _WIRE_ID.fullmatch(call) else new_id("call")), agent

    def _person(self, message: Message) -> Author:
        if message.name and message.name.strip():
            return Author(id=_author_id(message.name), role="user", name=message.name[:200])
        return Author(id=self.who.user, role="user", name=self.who.name)


def _author_id(name: str) -> str:
    return f"{CLAIMED}{_UNFIT.sub('-', name)[:100]}"


def _instructions(messages: Sequence[Message]) -> tuple[str, ...]:
    return tuple(m.words for m in messages if m.role in ("system", "developer") and m.words.strip())


def _parts(text: str, index: int) -> list[Part]:
    pieces = [text[i : i + PART_LENGTH] for i in range(0, len(text), PART_LENGTH)] or [""]
    if len(pieces) > MAX_PARTS:
        limit = PART_LENGTH * MAX_PARTS
        message = f"messages[{index}].content: longer than {limit} characters; shorten it or split it into messages"
        raise refused(f"messages/{index}/content", "too_long", message, error="too_large")
    return [TextPart(kind="text", text=piece) for piece in pieces]


def _parsed(arguments: str) -> Json:
    """Arguments as the caller got them; what is not JSON was a model's mistake, and stays the text that it was."""
    try:
        parsed: Json = orjson.loads(arguments) if arguments else {}
    except orjson.JSONDecodeError:
        return arguments
    return parsed
