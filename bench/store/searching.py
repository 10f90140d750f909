"""Looking for words in the messages of many users: how long an answer takes, and that it is nobody else's."""

import asyncio
import random
from collections.abc import Iterator
from itertools import islice
from time import perf_counter

from bench.figures import Line, Result, Scale, middle, share
from bench.store.crowding import HEAVY, Vocabulary, crowd, user_of, vocabulary
from bench.store.databases import Meter, Place, databases
from bench.subject import CannotMeasure
from salon.runtime.house import House

MESSAGES = 1_000_000
QUERIES = 200
WARM = 20
"""Queries before those that count: a database that has just started knows nothing by heart."""

Asked = tuple[str, str | None]
"""What is looked for, and by whom."""


def search(scale: Scale) -> list[Result]:
    """Through `Threads.search`, as sockets and HTTP do. Wall time, since that is what somebody waits for."""
    words = vocabulary()
    with databases() as places:
        results = [asyncio.run(_measure(name, place, words, scale)) for name, place in places.found.items()]
    results[-1].missing = places.missing
    return results


async def _measure(name: str, place: Place, words: Vocabulary, scale: Scale) -> Result:
    messages, queries = scale.of(MESSAGES), scale.of(QUERIES)
    house = place.house()
    await house.database.open()
    begin = perf_counter()
    await crowd(place, words, messages)
    filled = perf_counter() - begin
    lines = [Line(label, *await _answered(house, place, asked, queries)) for label, asked in _kinds(words, messages)]
    await house.close()
    result = Result(
        f"search in {messages:,} messages on {name}, filled in {filled:.0f} s",
        "ms within which 99 % are answered",
        lines,
        goal="< 100 ms for what people usually look for",
    )
    result.met = all(line.value < 100 for line in lines[: len(ORDINARY)])
    return result


async def _answered(house: House, place: Place, asked: Iterator[Asked], queries: int) -> tuple[float, str]:
    """The wall time in ms within which 99 of 100 queries are answered; and what else there is to tell."""
    for query, user in islice(asked, WARM):
        await house.threads.search(query, user)
    waited = []
    meter = Meter(place)
    for query, user in islice(asked, queries):
        begin = perf_counter()
        found = await house.threads.search(query, user)
        waited.append((perf_counter() - begin) * 1000)
        if user is not None and any(each.thread.user_id != user for each in found):
            raise CannotMeasure(f"{user} found a thread of somebody else's")
    cost = meter.read()
    its = f", {cost.its / queries * 1000:.1f} in the database" if cost.its else ""
    return share(waited, 0.99), f"half within {middle(waited):.1f} ms; {cost.ours / queries * 1000:.1f} ms CPU{its}"


ORDINARY = ("two words", "a rare word", "three words in a row", "a word or another")


def _kinds(words: Vocabulary, messages: int) -> list[tuple[str, Iterator[Asked]]]:
    """By label, what is looked for, on and on: first what people do, of what they have said themselves."""
    chance = random.Random(2)
    rank = {word: number for number, word in enumerate(words.words)}

    def ordinary(form: str) -> Iterator[Asked]:
        while True:
            number = chance.randrange(messages // 10) * 10 + 1  # one that is not of the heaviest user
            said = words.said(number).split()
            rare = sorted(said, key=rank.__getitem__, reverse=True)
            start = chance.randrange(7)
            query = {
                ORDINARY[0]: " ".join(chance.sample(said, 2)),
                ORDINARY[1]: rare[0],
                ORDINARY[2]: f'"{" ".join(said[start : start + 3])}"',
                ORDINARY[3]: f"{rare[0]} OR {rare[1]}",
            }[form]
            yield query, user_of(number)

    def common(user: str | None) -> Iterator[Asked]:
        while True:
            yield words.words[chance.randrange(3)], user

    return [
        *((label, ordinary(label)) for label in ORDINARY),
        ("the commonest words", common("user-1")),
        ("the same, of the heaviest user", common(HEAVY)),
        ("the same, in everybody's", common(None)),
    ]
