"""What a tool may ask of people: texts, choices, forms and approvals."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar, cast, overload

from pydantic import BaseModel, ValidationError

from salon.agents.context.call import Call, ToolError
from salon.contracts.events import Resolved
from salon.contracts.types import Json, Obj

M = TypeVar("M", bound=BaseModel)


class NoAnswer(ToolError):
    """The people asked declined, or did not answer in time."""


class Questions(Call):
    """The part of a Context that asks people and waits; for async tools and hooks."""

    @overload
    async def input(
        self, message: str, *, choices: Sequence[str] | None = None, timeout: float | None = None
    ) -> str: ...

    @overload
    async def input(self, message: str, *, schema: type[M], timeout: float | None = None) -> M: ...

    @overload
    async def input(self, message: str, *, schema: Obj, timeout: float | None = None) -> Json: ...

    async def input(
        self,
        message: str,
        *,
        choices: Sequence[str] | None = None,
        schema: type[BaseModel] | Obj | None = None,
        timeout: float | None = None,
    ) -> object:
        """Ask the people in the room and wait.

        Args:
            message: the question.
            choices: the answers to choose from.
            schema: a Pydantic model or JSON Schema that the answer has to satisfy; without it the answer is a text.
            timeout: seconds to wait; None waits until the run is cancelled.

        Returns: the text, the choice, or what `schema` describes.

        Raises NoAnswer when people decline, do not answer in time, or answer something else than was asked.
        """
        model = schema if isinstance(schema, type) else None
        if schema is not None:
            wanted = cast(Obj, model.model_json_schema() if model else schema)
            value = await self._ask("input", message, wanted, timeout)
        else:
            field: Obj = {"type": "string", "title": "Answer"}
            if choices:
                field["enum"] = list(choices)
            wanted = {"type": "object", "properties": {"answer": field}, "required": ["answer"]}
            value = await self._ask("choice" if choices else "input", message, wanted, timeout)
            value = value.get("answer") if isinstance(value, dict) else value
            if not isinstance(value, str) or (choices and value not in choices):
                raise NoAnswer("The answer was none of those asked for.")
        if model is None:
            return value
        try:
            return model.model_validate(value)
        except ValidationError:
            raise NoAnswer("The answer does not have the form asked for.") from None

    async def approve(self, message: str, *, details: str | None = None, timeout: float | None = None) -> bool:
        """Ask the people in the room for a yes or no. No answer within `timeout` seconds is a no."""
        question = f"{message}\n\n{details}" if details else message
        approved, _ = await self.decide(question, timeout=timeout)
        return approved

    async def decide(self, message: str, *, timeout: float | None = None) -> tuple[bool, str]:
        """Like `approve`, with what the person had to say about it (empty when nothing)."""
        wanted: Obj = {
            "type": "object",
            "properties": {
                "approved": {"type": "boolean", "title": "Approve"},
                "comment": {"type": "string", "title": "Comment"},
            },
            "required": ["approved"],
        }
        answer = await self._put_question("approval", message, wanted, timeout)
        if answer.status == "expired":
            return False, "nobody answered in time"
        value = answer.value if answer.status == "resolved" else None
        if isinstance(value, dict):
            return value.get("approved") is True, str(value.get("comment") or "")
        return value is True, ""

    async def _ask(self, reason: str, message: str, schema: Obj, timeout: float | None) -> Json:
        answer = await self._put_question(reason, message, schema, timeout)
        if answer.status == "expired":
            raise NoAnswer("Nobody answered in time.")
        if answer.status == "cancelled":
            raise NoAnswer("The user declined.")
        return answer.value

    async def _put_question(self, reason: str, message: str, schema: Obj, timeout: float | None) -> Resolved:
        with self._patience():
            return await self._port.ask(
                reason=reason, message=message, response_schema=schema, call=self.call, timeout=timeout
            )

    @contextmanager
    def _patience(self) -> Iterator[None]:
        """The call's own time limit stands still while people think."""
        deadline = self._deadline
        if deadline is None or (end := deadline.when()) is None:
            yield
            return
        loop = asyncio.get_running_loop()
        left = end - loop.time()
        deadline.reschedule(None)
        try:
            yield
        finally:
            deadline.reschedule(loop.time() + left)
