"""Many users' messages, put into the tables in bulk: what a server has after years."""

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]

from bench.store.databases import Place

USERS = 1000
THREADS = 10
"""Of each user."""

HEAVY = "user-0"
"""Has written a tenth of all, the others have the rest."""

WORDS = 20_000
_SENTENCES = 50_000

_THREADS = "number, id, user_id, shared, created_at, updated_at, epoch, title"
_MESSAGES = "number, thread_id, owner, message_id, seq, kind, role, user_id, text, data, created_at"

ThreadLine = tuple[int, str, str, bool, float, float, str, str]
MessageLine = tuple[int, str, str, str, int, str, str, str, str, bytes, float]


def user_of(number: int) -> str:
    """Who wrote the message of that number."""
    return HEAVY if number % 10 == 0 else f"user-{number % USERS}"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words of which few are common and many are rare, and sentences made of them."""

    words: list[str]
    sentences: list[str]

    def said(self, number: int) -> str:
        """The message of that number: about twenty words."""
        return f"{self.sentences[number % _SENTENCES]} {self.sentences[number * 7919 % (_SENTENCES - 1)]}"


def vocabulary() -> Vocabulary:
    """Always the same."""
    chance = random.Random(1)
    letters = "bcdfghklmnprstvz"
    words = [
        "".join(chance.choice(letters) + chance.choice("aeiou") for _ in range(chance.randint(2, 4))) + str(number % 7)
        for number in range(WORDS)
    ]
    weights = [*accumulate(1 / (rank + 1) for rank in range(WORDS))]  # as in languages
    said = chance.choices(words, cum_weights=weights, k=10 * _SENTENCES)
    return Vocabulary(words, [" ".join(said[start : start + 10]) for start in range(0, len(said), 10)])


async def crowd(place: Place, words: Vocabulary, messages: int) -> None:
    """Fill the migrated database of `place`. The index of words is made at the end, which is quicker than by and by."""
    if place.url.startswith("sqlite"):
        await asyncio.to_thread(_into_sqlite, Path(place.url.removeprefix("sqlite:///")), words, messages)
    else:
        await _into_postgresql(place.url.replace("+asyncpg", ""), words, messages)


def _threads(words: Vocabulary) -> Iterator[ThreadLine]:
    for number in range(USERS * THREADS):
        user = f"user-{number % USERS}"
        yield number + 1, f"thread-{number}", user, False, 1.0, float(number), "epoch", words.sentences[number][:60]


def _messages(words: Vocabulary, messages: int) -> Iterator[MessageLine]:
    for number in range(messages):
        user = user_of(number)
        thread = f"thread-{int(user.removeprefix('user-')) + USERS * (number // USERS % THREADS)}"
        text = words.said(number)
        yield number + 1, thread, user, f"msg-{number}", number + 1, "message", "user", user, text, b"{}", 1.0


def _into_sqlite(file: Path, words: Vocabulary, messages: int) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    connection.execute("BEGIN")
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    for table, columns, rows in (
        ("salon_threads", _THREADS, _threads(words)),
        ("salon_messages", _MESSAGES, _messages(words, messages)),
    ):
        marks = ", ".join("?" * len(columns.split(",")))
        connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
        connection.execute(f"INSERT INTO {table}_words ({table}_words) VALUES ('rebuild')")
    for _, made in triggers:
        connection.execute(made)
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.close()


async def _into_postgresql(url: str, words: Vocabulary, messages: int) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("SET synchronous_commit = off; SET maintenance_work_mem = '256MB'")
    made = await connection.fetchval("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_salon_messages_words'")
    await connection.execute("DROP INDEX ix_salon_messages_words")
    for table, columns, rows in (
        ("salon_threads", _THREADS, _threads(words)),
        ("salon_messages", _MESSAGES, _messages(words, messages)),
    ):
        await connection.copy_records_to_table(table, records=rows, columns=columns.split(", "))
    await connection.execute(made)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
