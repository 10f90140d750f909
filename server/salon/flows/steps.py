"""The steps of one run: each known one is recalled once for every time it was taken, each other one taken and kept.

It may not know where they are kept.
"""

import inspect
import json
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import cast

from pydantic_core import PydanticSerializationError, from_json, to_json

from salon.contracts.types import Json
from salon.errors import SalonError
from salon.store.workflows.rows import StepRow

STEP_BYTES = 1_048_576
"""The largest result of a step, or of a whole workflow, as JSON."""

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
        self._number = 0
        for row in known:
            self._known[row.name, row.digest].append(row.result)
            self._number = max(self._number, row.number)
        self.left = sum(map(len, self._known.values()))
        """How many known steps have not been asked for."""
        self.recalling = self.left > 0
        """Whether nothing new has happened yet."""
        self._keep = keep
        self._lost: SalonError | None = None
        self._watch: Watch | None = None

    def watch(self, watch: Watch) -> None:
        """Tell `watch` of each step from now on."""
        self._watch = watch

    async def take(self, name: str, arguments: object, call: Callable[[], object]) -> Json:
        """The result of a step: recalled, or of `call`, which may be asynchronous.

        Raises what `call` raises, and is then no step; TypeError for a result that has no JSON form; SalonError
        `too_large`, `limit_exceeded`, or that of whatever keeps steps. Once that said `conflict`, no step is taken any
        more, also when the workflow goes on as if nothing had happened: the run is somebody else's.
        """
        if not 1 <= len(name) <= NAME_LENGTH:
            raise ValueError(f"name: a step's name has 1 to {NAME_LENGTH} characters, got {name[:40]!r}.")
        if self._lost is not None:
            raise self._lost
        digest = _digest(name, arguments)
        known = self._known.get((name, digest))
        if self._watch is not None:
            self._watch(name, bool(known))
        if known:
            result = known.popleft()
            self.left -= 1
            self.recalling = self.recalling and self.left > 0
            return cast(Json, from_json(result))
        if self._number >= STEPS:
            raise SalonError("limit_exceeded", f"a workflow has at most {STEPS} steps: do more in each of them")
        self.recalling = False
        value = call()
        while inspect.isawaitable(value):
            value = await value
        result = kept_form(f"the result of step {name}", value)
        self._number += 1
        if self._keep is not None:
            try:
                await self._keep(StepRow(number=self._number, name=name, digest=digest, result=result))
            except SalonError as problem:
                self._lost = problem if problem.code == "conflict" else None
                raise
        return cast(Json, from_json(result))


def json_form(value: object) -> bytes:
    """A value as JSON keeps it. Raises TypeError when there is no such form."""
    try:
        return to_json(value, inf_nan_mode="null")
    except PydanticSerializationError:
        raise TypeError(f"{type(value).__name__} has no JSON form") from None


def kept_form(what: str, value: object) -> bytes:
    """The same for what is kept. Raises TypeError, and SalonError `too_large`, which say `what` it is."""
    try:
        result = json_form(value)
    except TypeError as error:
        message = f"{what} cannot be kept: {error}. Return texts, numbers, lists, dicts or models."
        raise TypeError(message) from None
    if len(result) > STEP_BYTES:
        message = f"{what} is larger than {STEP_BYTES} bytes: store it elsewhere and return its name"
        raise SalonError("too_large", message)
    return result


def _digest(name: str, arguments: object) -> bytes:
    """The same for the same arguments, also in another process; what has no JSON form counts as its type."""
    try:
        plain = from_json(
            to_json(
                _comparable(arguments),
                fallback=lambda value: type(value).__qualname__,
                inf_nan_mode="strings",
                bytes_mode="base64",
            )
        )
    except (ValueError, RecursionError):
        raise TypeError(f"the arguments of step {name} cannot be told from others: they have no JSON form") from None
    return sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).digest()


def _comparable(value: object) -> object:
    """The value for `to_json`, which would use up iterators before the step gets them, and keeps sets in any order."""
    match value:
        case Mapping():
            return {key: _comparable(each) for key, each in value.items()}
        case list() | tuple():
            return [_comparable(each) for each in value]
        case set() | frozenset():
            return sorted(to_json(each, fallback=lambda other: type(other).__qualname__) for each in value)
        case Iterator():
            return type(value).__qualname__
    return value
