"""What a client gets of a response: the whole of it at once, or the events that build it up. Both tell the same."""

from collections.abc import Iterable
from itertools import count

import orjson

from salon.contracts.events import Entry
from salon.contracts.runs import RunOutcome
from salon.contracts.types import Obj
from salon.errors import SalonError
from salon.http.dialects.responses.projection import Projection
from salon.http.dialects.responses.request import ResponseRequest
from salon.http.errors import error_info

_CUT_SHORT = {"length": "max_output_tokens", "content_filter": "content_filter"}


class Reply:
    """One response while it is made; a Teller of its run.

    Args:
        created: seconds since the epoch.
        host: who speaks first in a private conversation; None in a live room.
    """

    def __init__(self, asked: ResponseRequest, *, id: str, created: float, model: str, host: str | None) -> None:
        self._said = Projection(host)
        self._head = _head(asked, id, created, model)
        self._numbers = count()

    def read(self, entries: Iterable[Entry]) -> None:
        """Add entries without telling of them."""
        for entry in entries:
            self._said.take(entry)

    def closed(self, outcome: RunOutcome) -> Obj:
        """The response when its run has ended."""
        self._said.break_off()
        cut = _CUT_SHORT.get(outcome.finish_reason or "") if not self._said.calls else None
        return self._now("incomplete" if cut else "completed", incomplete_details={"reason": cut} if cut else None)

    def broken(self, status: str, error: SalonError | None = None) -> Obj:
        """The response when its run was cancelled or failed, or is on."""
        info = error_info(error) if error is not None else None
        told: Obj | None = {"code": info.code, "message": info.message} if info is not None else None
        return self._now(status, error=told)

    def opening(self) -> bytes:
        """See Teller."""
        begun = self._now("in_progress")
        return self._frames([{"type": f"response.{kind}", "response": begun} for kind in ("created", "in_progress")])

    def take(self, entry: Entry) -> bytes:
        """See Teller."""
        return self._frames(self._said.take(entry))

    def paused(self) -> bool:
        """See Teller. A response never waits for people."""
        return False

    def beat(self) -> bytes:
        """See Teller. A whole event, since clients' timeouts do not see comments."""
        return self._frames([{"type": "response.in_progress", "response": {**self._now("in_progress"), "output": []}}])

    def pause(self) -> bytes:
        """See Teller."""
        return b""

    def end(self, outcome: RunOutcome) -> bytes:
        """See Teller."""
        events = self._said.break_off()
        response = self.closed(outcome)
        return self._frames([*events, {"type": f"response.{response['status']}", "response": response}])

    def failure(self, error: SalonError) -> bytes:
        """See Teller."""
        events = self._said.break_off()
        return self._frames([*events, {"type": "response.failed", "response": self.broken("failed", error)}])

    def _now(self, status: str, **more: Obj | None) -> Obj:
        done = status != "in_progress"
        usage = self._said.usage if done else None
        return {**self._head, "status": status, "output": self._said.output, "usage": usage, **more}

    def _frames(self, events: Iterable[Obj]) -> bytes:
        return b"".join(
            b"event: %s\ndata: %s\n\n"
            % (str(event["type"]).encode(), orjson.dumps({**event, "sequence_number": next(self._numbers)}))
            for event in events
        )


def _head(asked: ResponseRequest, id: str, created: float, model: str) -> Obj:
    """What does not change while a response is made. Some clients want every one of these."""
    choice = asked.tool_choice
    return {
        "id": id,
        "object": "response",
        "created_at": created,
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": asked.instructions,
        "max_output_tokens": asked.max_output_tokens,
        "max_tool_calls": None,
        "model": model,
        "output": [],
        "parallel_tool_calls": asked.parallel_tool_calls is not False,
        "previous_response_id": asked.previous_response_id,
        "reasoning": {"effort": asked.reasoning.effort if asked.reasoning else None, "summary": None},
        "service_tier": "default",
        "store": asked.store is not False,
        "temperature": 1.0 if asked.temperature is None else asked.temperature,
        "text": {"format": asked.format},
        "tool_choice": "auto" if choice is None else choice,
        "tools": [
            _offered(tool.name or "", tool.description, tool.parameters, tool.strict) for tool in asked.tools or ()
        ],
        "top_p": 1.0 if asked.top_p is None else asked.top_p,
        "top_logprobs": 0,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        "truncation": "disabled",
        "usage": None,
        "user": asked.user,
        "metadata": dict(asked.metadata or {}),
    }


def _offered(name: str, description: str | None, parameters: Obj | None, strict: bool | None) -> Obj:
    return {
        "type": "function",
        "name": name,
        "description": description,
        "parameters": parameters,
        "strict": strict is not False,
    }
