"""The steps of one run: each known one is recalled once for every time it was taken, each other one taken and kept.

It may not know where they are kept.
"""

import inspect
import json
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable
from hashlib import sha256
from itertools import count
from typing import cast

from pydantic_core import PydanticSerializationError, from_json, to_json

from salon.contracts.types import Json
from salon.errors import SalonError
from salon.store.workflows.rows import StepRow

STEP_BYTES = 1_048_576
"""The largest result of a step, as JSON."""

STEPS = 10_000
"""More steps than that no run has."""

NAME_LENGTH = 200

Keep = Callable[[StepRow], Awaitable[None]]
"""Keeps a step, so that it is there after a crash; raises when it may not be kept."""

Watch = Callable[[str, bool], None]
"""Is told each step's name when it is begun, and whether it is recalled."""


class Steps:
    """What is known of a run's steps.

    A step is found again by its name and a digest of its arguments. Several of the same are found in the order in
    which they ended. So steps may be taken side by side, and their order may change.

    Args:
        known: the steps that were taken before, in order.
        keep: keeps those that are taken now; without it they are forgotten with the run.
    """

    def __init__(self, known: Iterable[StepRow] = (), keep: Keep | None = None) -> None:
        self._known: dict[tuple[str, bytes], deque[bytes]] = defaultdict(deque)
        number = 0
        for row in known:
            self._known[row.name, row.digest].append(row.result)
            number = max(number, row.number)
        self.left = sum(map(len, self._known.values()))
        """How many known steps have not been asked for."""
        self.recalling = self.left > 0
        """Whether nothing new has happened yet."""
        self._numbers = count(number + 1)
        self._keep = keep
        self._watch: Watch | None = None

    def watch(self, watch: Watch) -> None:
        """Tell `watch` of each step from now on."""
        self._watch = watch

    async def take(self, name: str, arguments: object, call: Callable[[], object]) -> Json:
        """The result of a step: recalled, or of `call`, which may be asynchronous.

        Raises what `call` raises, and is then no step; TypeError for a result that has no JSON form; SalonError
        `too_large`, `limit_exceeded`, or that of whatever keeps steps.
        """
        if not 1 <= len(name) <= NAME_LENGTH:
            raise ValueError(f"name: a step's name has 1 to {NAME_LENGTH} characters, got {name[:40]!r}.")
        digest = _digest(arguments)
        known = self._known.get((name, digest))
        if self._watch is not None:
            self._watch(name, bool(known))
        if known:
            result = known.popleft()
            self.left -= 1
            self.recalling = self.recalling and self.left > 0
            return cast(Json, from_json(result))
        self.recalling = False
        value = call()
        if inspect.isawaitable(value):
            value = await value
        result = _result(name, value)
        number = next(self._numbers)
        if number > STEPS:
            raise SalonError("limit_exceeded", f"a workflow has at most {STEPS} steps: do more in each of them")
        if self._keep is not None:
            await self._keep(StepRow(number=number, name=name, digest=digest, result=result))
        return cast(Json, from_json(result))


def json_form(value: object) -> bytes:
    """A value as JSON keeps it. Raises TypeError when there is no such form."""
    try:
        return to_json(value, inf_nan_mode="null")
    except PydanticSerializationError:
        raise TypeError(f"{type(value).__name__} has no JSON form") from None


def _result(name: str, value: object) -> bytes:
    try:
        result = json_form(value)
    except TypeError as error:
        message = f"the result of step {name} cannot be kept: {error}. Return texts, numbers, lists, dicts or models."
        raise TypeError(message) from None
    if len(result) > STEP_BYTES:
        message = f"the result of step {name} is larger than {STEP_BYTES} bytes: store it elsewhere and return its name"
        raise SalonError("too_large", message)
    return result


def _digest(arguments: object) -> bytes:
    """The same for the same arguments, also in another process; what has no JSON form counts as its type."""
    plain = from_json(to_json(arguments, fallback=lambda value: type(value).__qualname__, inf_nan_mode="strings"))
    return sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).digest()
