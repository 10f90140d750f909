"""Something is said, stored and acked: in a long thread beside a new one, and in many rooms at once."""

import asyncio
import gc
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from bench.figures import Line, Result, Scale, middle
from bench.store.databases import Meter, Place, databases
from bench.store.filling import fill, said
from bench.store.opening import ENTRIES
from salon.contracts.actions import Send
from salon.contracts.runs import Principal
from salon.ids import new_id
from salon.rooms.room import Room
from salon.runtime.house import House

MESSAGES = 300
"""Messages in one repetition, whatever the number of rooms."""

AT_ONCE = (1, 10, 100)
WHO = Principal(user="bench")


@dataclass(frozen=True, slots=True)
class Sample:
    """What a message took: our CPU and the database's, in ms; and how many came through in a second."""

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
    entries, messages = scale.of(ENTRIES), scale.of(MESSAGES)
    long = await house.lobby.open("long")
    await fill(long, entries)
    alone: dict[str, list[Sample]] = {"a new thread": [], f"one of {entries:,} entries": []}
    crowds: dict[int, list[Sample]] = {count: [] for count in AT_ONCE}
    for repetition in range(scale.repetitions + 1):  # the first time is for what is only done once
        new = await _rooms(house, f"new-{repetition}", 1)
        for seen, rooms in zip(alone.values(), (new, [long]), strict=True):
            seen.append(await _say(place, rooms, messages))
        for count, seen in crowds.items():
            rooms = await _rooms(house, f"of-{count}-{repetition}", count)
            seen.append(await _say(place, rooms, messages))
    await house.close()
    lines = [Line(who, middle(s.cpu for s in seen[1:]), _context(seen[1:])) for who, seen in alone.items()]
    one = Result(
        f"a message, stored and acked, on {name}", "ms CPU / message", lines, goal="flat, that is within 1.2 x"
    )
    one.met = lines[1].value <= 1.2 * lines[0].value
    rates = [
        Line(f"{count} rooms at once", middle(s.rate for s in seen[1:]), _context(seen[1:]))
        for count, seen in crowds.items()
    ]
    many = Result(f"messages acked on {name}", "a second", rates, less_is_better=False, goal="more rooms, more of them")
    many.met = rates[0].value < rates[1].value < rates[2].value
    return [one, many]


async def _rooms(house: House, name: str, count: int) -> list[Room]:
    rooms = [await house.lobby.open(f"{name}-{number}") for number in range(count)]
    await asyncio.gather(*(_talk(room, 1) for room in rooms))  # a thread begins with its first message
    return rooms


async def _say(place: Place, rooms: Sequence[Room], messages: int) -> Sample:
    each = max(1, messages // len(rooms))
    gc.collect()
    meter, begin = Meter(place), perf_counter()
    await asyncio.gather(*(_talk(room, each) for room in rooms))
    wall, cost, count = perf_counter() - begin, meter.read(), each * len(rooms)
    return Sample(cost.ours / count * 1000, cost.its / count * 1000, count / wall)


async def _talk(room: Room, times: int) -> None:
    for _ in range(times):
        await room.act(WHO, Send(kind="send", id=new_id("act"), room=room.id, parts=said(times, 1), to=[]))


def _context(samples: Sequence[Sample]) -> str:
    its = middle(s.its for s in samples)
    told = f"{middle(s.cpu for s in samples):.2f} ms CPU each" + (f", {its:.2f} ms in the database" if its else "")
    return f"{told}, {middle(1000 / s.rate for s in samples):.2f} ms wall"
