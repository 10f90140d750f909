"""A house for chores: threads in lists, a model that answers as told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from salon.contracts.events import RoomSummarised
from salon.errors import SalonError
from salon.store.log.rows import MessageRow
from salon.store.threads import ThreadInfo


@dataclass
class House:
    """What the chores read and write."""

    said: dict[str, list[MessageRow]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    summaries: dict[str, RoomSummarised] = field(default_factory=dict)

    def says(self, thread: str, *lines: str) -> None:
        """Adds `author: words`; agents are those called planner or writer. Between two messages other things happen."""
        rows = self.said.setdefault(thread, [])
        for line in lines:
            author, _, text = line.partition(": ")
            agent = author in ("planner", "writer")
            seq = 3 * len(rows) + 3
            rows.append(
                MessageRow(
                    message_id=f"msg_{seq}",
                    seq=seq,
                    kind="message",
                    role="agent" if agent else "user",
                    user_id=None if agent else author,
                    agent=author if agent else None,
                    text=text,
                    data=b"{}",
                    created_at=float(seq),
                )
            )

    async def get(self, thread: str, user: str | None) -> ThreadInfo:
        assert user is None, "chores act for the house"
        if thread not in self.said:
            raise SalonError("not_found", f"there is no thread {thread!r}")
        return replace(THREAD, id=thread, title=self.titles.get(thread))

    async def rename(self, thread: str, title: str, user: str | None) -> ThreadInfo:
        self.titles[thread] = title
        return await self.get(thread, user)

    async def messages(
        self, thread: str, user: str | None, *, after: int = 0, limit: int = 100
    ) -> Sequence[MessageRow]:
        assert limit <= 200, "the store gives no larger pages"
        await self.get(thread, user)
        return [row for row in self.said[thread] if row.seq > after][:limit]

    async def read(self, thread: str) -> RoomSummarised | None:
        return self.summaries.get(thread)

    async def write(self, thread: str, summary: RoomSummarised) -> None:
        self.summaries[thread] = summary


THREAD = ThreadInfo(
    id="room",
    user_id="ada",
    agent_id=None,
    title=None,
    shared=False,
    created_at=0.0,
    updated_at=0.0,
    archived=False,
    message_count=0,
    forked_from=None,
)


class Model:
    """Answers one after the other, the last one for ever; remembers what it was asked."""

    def __init__(self, *answers: str, source: Literal["model", "mock"] = "model") -> None:
        self._answers = list(answers)
        self.source = source
        self.asked: list[str] = []

    async def __call__(self, prompt: str, /) -> str:
        self.asked.append(prompt)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


MOCK = Model("I am a mock and would say anything.", source="mock")


@dataclass
class Finder:
    """Finds a fact in each message of the user."""

    read: list[tuple[str, list[Mapping[str, object]], str | None]] = field(default_factory=list)

    async def extract_and_save(
        self, user: str, messages: Sequence[Mapping[str, object]], *, source_thread: str | None = None
    ) -> Sequence[object]:
        self.read.append((user, list(messages), source_thread))
        return [message for message in messages if message["role"] == "user"]


def quiet(progress: float, message: str | None = None) -> None:
    """A report that nobody reads."""
