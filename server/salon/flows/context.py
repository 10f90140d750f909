"""What a workflow works with: its dependencies, a way to say how far it is, and steps that are not taken twice."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from salon.contracts.types import Json
from salon.flows.dependency import Dependency, is_async
from salon.flows.steps import Steps


@dataclass(frozen=True, slots=True)
class Logged:
    """The workflow says something about itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Progressed:
    """The workflow says how far it is, from 0 to 1, and perhaps what it does now."""

    progress: float
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Stepped:
    """A step is taken; or `recalled`: its result is known from before the workflow was interrupted."""

    name: str
    recalled: bool


Told: TypeAlias = Logged | Progressed | Stepped
Tell: TypeAlias = Callable[[Told], None]
"""Is told what a workflow does, in order; must neither wait nor raise."""


class WorkflowContext:
    """What a workflow is given. To try a workflow by hand, make one with stand-ins for its dependencies.

    A workflow whose process died is run again from its beginning, but each step that is known is recalled instead of
    taken: a call of the same name with the same arguments gives what it gave. What differs from run to run, such as
    the time or chance, belongs into a step of its own; else the steps that depend on it are taken again.

    Args:
        dependencies: what `get_dependency` gives.
        steps: what is known, and where more becomes known; nothing and nowhere by default.
        id: of the run.
    """

    def __init__(
        self,
        dependencies: Mapping[str, object] | None = None,
        *,
        steps: Steps | None = None,
        tell: Tell | None = None,
        id: str = "by-hand",
    ) -> None:
        self.id = id
        self._dependencies = dependencies or {}
        self._tell = tell or _nobody
        self._steps = steps or Steps()
        self._steps.watch(lambda name, recalled: self._tell(Stepped(name, recalled)))

    def get_dependency(self, name: str) -> Any:
        """What the workflow depends on. Each call of one of its methods that is awaited is a step.

        Raises LookupError for a name that is not among the workflow's dependencies.
        """
        if name not in self._dependencies:
            known = ", ".join(self._dependencies) or "none"
            raise LookupError(f"{name!r} is not among the dependencies of @workflow(dependencies=[…]): {known}")
        return Dependency(name, self._dependencies[name], self._steps)

    async def step(
        self, name: str, function: Callable[..., Awaitable[Json] | Json], /, *args: object, **kwargs: object
    ) -> Json:
        """Call a function as a step: `await context.step("now", time.time)`.

        A function that is not asynchronous runs in a thread. Gives its result as JSON keeps it: a model becomes a dict,
        a tuple a list. A step that was begun when the process died, and whose result is not known, is taken again.

        Raises what the function raises, and TypeError for a result that has no JSON form.
        """
        call = partial(function, *args, **kwargs)
        taken = call if is_async(function) else partial(asyncio.to_thread, call)
        return await self._steps.take(name, (args, kwargs), taken)

    def log(self, text: str) -> None:
        """Say what the workflow is at. While known steps are recalled this was said before, and is not told again."""
        if not self._steps.recalling:
            self._tell(Logged(str(text)))

    def progress(self, fraction: float, text: str | None = None) -> None:
        """Say how far the workflow is, from 0 to 1."""
        self._tell(Progressed(min(1.0, max(0.0, fraction)), text))


def _nobody(_: Told) -> None:
    """Nobody is told."""
