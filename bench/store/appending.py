"""Something is said, stored and acked: in a long thread beside a new one, and in many rooms at once."""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter

from bench.figures import Line, Result, Scale, middle
from bench.store.bare import BARE, Bare, bare
from bench.store.databases import Meter, Place, databases
from bench.store.filling import AT_ONCE, fill, said
from bench.store.opening import ENTRIES
from salon.contracts.actions import Send
from salon.contracts.runs import Principal
from salon.ids import new_id
from salon.rooms.room import Room
from salon.runtime.house import House

MESSAGES = 300
"""Messages in one repetition, whatever the number of rooms."""

STORED = 5 * AT_ONCE
"""Entries in one repetition, when as many as possible are stored at once."""

ROOMS = (1, 10, 100)
ROW = b"x" * 300
"""About the size of an entry."""

WHO = Principal(user="bench")


@dataclass(frozen=True, slots=True)
class Sample:
    """What one of them took: our CPU and the database's, in ms; and how many came through in a second."""

    cpu: float
    its: float
    rate: float


def append(scale: Scale) -> list[Result]:
    """In this process, without a socket; the ack is what `Room.act` returns."""
    results = []
    with databases() as places:
        for name, place in places.found.items():
            results += asyncio.run(_measure(name, place, scale))
    results[0].missing = places.missing
    return results


async def _measure(name: str, place: Place, scale: Scale) -> list[Result]:
    house = place.house()
    entries, messages, stored = scale.of(ENTRIES), scale.of(MESSAGES), scale.of(STORED)
    long, least = await house.lobby.open("long"), await bare(place)
    await fill(long, entries)
    new_thread, old_thread = "a new thread", f"one of {entries:,} entries"
    acked: dict[str, list[Sample]] = {new_thread: [], old_thread: [], BARE: []}
    batched: dict[str, list[Sample]] = {new_thread: [], old_thread: [], BARE: []}
    crowds: dict[int, list[Sample]] = {count: [] for count in ROOMS}
    for repetition in range(scale.repetitions + 1):  # the first time is for what is only done once
        [new] = await _rooms(house, f"new-{repetition}", 1)
        acked[new_thread].append(await _timed(place, messages, partial(_talk, new, messages)))
        acked[old_thread].append(await _timed(place, messages, partial(_talk, long, messages)))
        acked[BARE].append(await _timed(place, messages, partial(_insert, least, messages, 1)))
        batched[new_thread].append(await _timed(place, stored, partial(fill, new, new.state.seq + stored)))
        batched[old_thread].append(await _timed(place, stored, partial(fill, long, long.state.seq + stored)))
        batched[BARE].append(await _timed(place, stored, partial(_insert, least, stored, AT_ONCE)))
        for count, seen in crowds.items():
            rooms = await _rooms(house, f"of-{count}-{repetition}", count)
            each = max(1, messages // count)
            seen.append(await _timed(place, each * count, partial(_crowd, rooms, each)))
    await least.close()
    await house.close()
    rates = [
        Line(f"{count} rooms at once", middle(s.rate for s in seen[1:]), _context(seen[1:]))
        for count, seen in crowds.items()
    ]
    many = Result(f"messages acked on {name}", "a second", rates, less_is_better=False, goal="more rooms, more of them")
    many.met = rates[0].value < rates[1].value < rates[2].value
    return [
        _flat(f"a message, stored and acked, on {name}", "ms CPU / message", acked, 1),
        _flat(f"a durable entry, of {AT_ONCE:,} at once, on {name}", "µs CPU / entry", batched, 1000),
        many,
    ]


def _flat(what: str, unit: str, samples: Mapping[str, Sequence[Sample]], scale: float) -> Result:
    lines = [Line(who, scale * middle(s.cpu for s in seen[1:]), _context(seen[1:])) for who, seen in samples.items()]
    flat = Result(what, unit, lines, goal="flat, that is within 1.2 x")
    flat.met = lines[1].value <= 1.2 * lines[0].value
    return flat


async def _rooms(house: House, name: str, count: int) -> list[Room]:
    rooms = [await house.lobby.open(f"{name}-{number}") for number in range(count)]
    await _crowd(rooms, 1)  # a thread begins with its first message
    return rooms


async def _timed(place: Place, count: int, work: Callable[[], Awaitable[None]]) -> Sample:
    gc.collect()
    meter, begin = Meter(place), perf_counter()
    await work()
    wall, cost = perf_counter() - begin, meter.read()
    return Sample(cost.ours / count * 1000, cost.its / count * 1000, count / wall)


async def _crowd(rooms: Sequence[Room], times: int) -> None:
    await asyncio.gather(*(_talk(room, times) for room in rooms))


async def _talk(room: Room, times: int) -> None:
    for _ in range(times):
        await room.act(WHO, Send(kind="send", id=new_id("act"), room=room.id, parts=said(times, 1), to=[]))


async def _insert(table: Bare, count: int, together: int) -> None:
    for _ in range(0, count, together):
        await table.insert([ROW] * together)


def _context(samples: Sequence[Sample]) -> str:
    its = middle(s.its for s in samples)
    told = f"{middle(s.cpu for s in samples):.2f} ms CPU each" + (f", {its:.2f} ms in the database" if its else "")
    return f"{told}, {middle(1000 / s.rate for s in samples):.2f} ms wall"
