"""What a tool may know and do while it runs: who asked, what the room shows, questions to people.

It knows the room only through its `TurnPort`.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal, TypeVar, cast, overload

from pydantic import BaseModel, TypeAdapter, ValidationError

from salon.agents.loop import HomeLoop
from salon.agents.port import TurnPort
from salon.contracts.components import Cell, check_props
from salon.contracts.events import Resolved, UiPut
from salon.contracts.runs import Principal
from salon.contracts.types import DataPart, Json, Obj, Patch, PatchOp, TextPart

__all__ = ["Context", "NoAnswer", "ToolError", "TurnPort"]

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
D = TypeVar("D")

ACTION = "ui_action"
"""The name of the data part that tells what a person did with a surface."""

_PATCH: TypeAdapter[list[PatchOp]] = TypeAdapter(Patch)


class ToolError(Exception):
    """Raise it in a tool to tell the model what went wrong: its message, unlike any other exception's, is passed on."""


class NoAnswer(ToolError):
    """The people asked declined, or did not answer in time."""


class Context:
    """The room, the person and the run, as a tool sees them.

    A tool gets it by a parameter annotated `Context`. Its plain methods may be called from sync tools too, which run
    in a thread; the three that wait for people are for async tools.

    Args:
        port: the turn's door to the room.
        call: id of the tool call.
    """

    def __init__(self, port: TurnPort, *, call: str | None = None) -> None:
        self._port = port
        self.call = call
        self._home = HomeLoop()
        self._deadline: asyncio.Timeout | None = None
        self._over = False

    @property
    def room(self) -> str:
        """The room's id."""
        return self._port.room

    @property
    def run(self) -> str:
        """The run's id."""
        return self._port.run

    @property
    def agent(self) -> str:
        """The agent whose tool this is."""
        return self._port.agent

    @property
    def principal(self) -> Principal:
        """Who is being answered."""
        return self._port.principal

    @property
    def user(self) -> str:
        """The id of who is being answered."""
        return self._port.principal.user

    @property
    def peer_user_id(self) -> str:
        """The same as `user`."""
        return self._port.principal.user

    @property
    def message(self) -> str:
        """What people said that is being answered, in their words."""
        return "\n".join(part.text for part in self._do(self._port.asked) if isinstance(part, TextPart))

    @property
    def action(self) -> Obj | None:
        """What a person did with a surface, when that is being answered: `surface`, `name` and `context`."""
        done = [part.data for part in self._do(self._port.asked) if isinstance(part, DataPart) and part.name == ACTION]
        return done[-1] if done and isinstance(done[-1], dict) else None

    @overload
    def get(self, key: str) -> object | None: ...

    @overload
    def get(self, key: str, default: D) -> object | D: ...

    def get(self, key: str, default: object = None) -> object:
        """What a tool noted under `key` earlier in this run."""
        return self._port.values.get(key, default)

    def set(self, key: str, value: object) -> None:
        """Note something for the tools that run later in this run."""
        self._port.values[key] = value

    def put(self, component: str, props: Obj, surface: str | None = None) -> str:
        """Show a surface, or replace the one with the id `surface`; returns its id.

        `component` is one of the catalogue (`salon.contracts.components`), whose props are checked, or a name of your
        own. Raises RequestError that names the prop which does not fit.
        """
        checked = check_props(component, props)
        return self._do(lambda: self._port.put(component, checked, surface=surface))

    def chart(
        self,
        title: str,
        labels: Sequence[str],
        series: Mapping[str, Sequence[float | None]],
        *,
        kind: Literal["line", "bar", "area", "pie"] = "bar",
        unit: str | None = None,
        surface: str | None = None,
    ) -> str:
        """Show numbers as a chart: each series has a value for each label, None where there is none."""
        props: Obj = {
            "kind": kind,
            "title": title,
            "labels": list(labels),
            "series": [{"name": name, "values": list(values)} for name, values in series.items()],
        }
        if unit is not None:
            props["unit"] = unit
        return self.put("chart", props, surface)

    def table(
        self, title: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]], *, surface: str | None = None
    ) -> str:
        """Show rows of cells under the names of their columns."""
        keys = [f"c{number}" for number in range(len(columns))]
        props: Obj = {
            "title": title,
            "columns": [{"key": key, "label": label} for key, label in zip(keys, columns, strict=True)],
            "rows": [dict(zip(keys, row, strict=True)) for row in rows],
        }
        return self.put("table", props, surface)

    def patch(self, surface: str, ops: Sequence[PatchOp | Obj]) -> None:
        """Change a surface's props by JSON Patch operations, such as `{"op": "replace", "path": "/title", "value": …}`.

        Raises SalonError when there is no such surface or the patch does not apply.
        """
        patch = _operations(ops)
        self._do(lambda: self._port.patch(surface, patch))

    def remove(self, surface: str) -> None:
        """Take a surface away."""
        self._do(lambda: self._port.remove(surface))

    def surface(self, surface: str) -> UiPut | None:
        """A surface as it is now, None when there is none of that id."""
        return self._do(lambda: self._port.surface(surface))

    @property
    def state(self) -> Json:
        """The room's shared state; change it with `patch_state`, never in place."""
        return self._do(self._port.state)

    def patch_state(self, ops: Sequence[PatchOp | Obj]) -> None:
        """Change the room's shared state by JSON Patch operations."""
        patch = _operations(ops)
        self._do(lambda: self._port.patch_state(patch))

    def emit(self, name: str, value: Json) -> None:
        """Tell everyone in the room something of the application's own."""
        self._do(lambda: self._port.custom(name, value))

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

    def _do(self, act: Callable[[], T]) -> T:
        """Run `act` in the event loop, where the room lives, from whatever thread the tool is in."""
        return self._home.run(lambda: self._checked(act))

    def _checked(self, act: Callable[[], T]) -> T:
        if self._over:
            raise ToolError("This call is over: its time was up, or its turn was stopped.")
        return act()

    @contextmanager
    def within(self, deadline: asyncio.Timeout | None) -> Iterator[None]:
        """For who runs the tool: the call's time limit, and its end: a thread left behind can do no more here."""
        self._deadline = deadline
        try:
            yield
        except BaseException:
            self._over = True
            raise


def _operations(ops: Sequence[PatchOp | Obj]) -> list[PatchOp]:
    return _PATCH.validate_python([op if isinstance(op, BaseModel) else dict(op) for op in ops])
