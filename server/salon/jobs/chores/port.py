"""What the built-in jobs work with: threads, a model, and what is remembered of users. Others provide it."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from salon.contracts.events import RoomSummarised
from salon.flows.workflow import Workflow
from salon.store.log.rows import MessageRow
from salon.store.threads import ThreadInfo


class TextModel(Protocol):
    """Answers a prompt with a text. Raises whatever goes wrong on the way to the model."""

    @property
    def source(self) -> Literal["model", "mock"]:
        """A mock knows nothing of titles and summaries: then the jobs find the words themselves."""
        ...

    async def __call__(self, prompt: str, /) -> str:
        """The answer."""
        ...


class Threads(Protocol):
    """Threads by their id; for `user` None without a check. Raises SalonError `not_found` for one that is gone."""

    async def get(self, thread: str, user: str | None) -> ThreadInfo:
        """Its record."""
        ...

    async def rename(self, thread: str, title: str, user: str | None) -> ThreadInfo:
        """Give it a title."""
        ...

    async def messages(
        self, thread: str, user: str | None, *, after: int = 0, limit: int = 100
    ) -> Sequence[MessageRow]:
        """The first `limit` messages after the seq `after`; up to 200."""
        ...


class Summaries(Protocol):
    """What models are told of the part of a thread that they no longer see."""

    async def read(self, thread: str) -> RoomSummarised | None:
        """The summary that holds now."""
        ...

    async def write(self, thread: str, summary: RoomSummarised) -> None:
        """Put a newer one in its place."""
        ...


class FactFinder(Protocol):
    """Reads what a user said for facts about them, and keeps those."""

    async def extract_and_save(
        self, user: str, messages: Sequence[Mapping[str, object]], *, source_thread: str | None = None
    ) -> Sequence[object]:
        """The facts found. All messages of role `user` are this user's."""
        ...


class Purge(Protocol):
    """Removes what nobody needs any more, such as what deleted threads left behind."""

    async def __call__(self, before: float, /) -> int:
        """What was given up before that time, in seconds since 1970; how much there was."""
        ...


class Workflows(Protocol):
    """The workflows of agents."""

    async def find(self, agent: str, workflow: str) -> tuple[Workflow, Mapping[str, object]]:
        """An agent's workflow, and what the agent has of dependencies. Raises SalonError `not_found`."""
        ...
