"""Opening a room that has been away: how much longer its history makes that."""

import asyncio
import gc
from time import perf_counter, process_time

from bench.figures import Line, Result, Scale, middle
from bench.store.databases import Place, databases
from bench.store.filling import fill
from salon.rooms.log.log_sql import SNAPSHOT_EVERY

ENTRIES = 100_000
FEW = 100
OPENED = 15
"""Times that each room is opened, each time by a house that has just started."""


def open_thread(scale: Scale) -> list[Result]:
    """Until its snapshot could be sent. Wall time, since that is what somebody waits for."""
    with databases() as places:
        results = [asyncio.run(_measure(name, place, scale)) for name, place in places.found.items()]
    results[0].missing = places.missing
    return results


async def _measure(name: str, place: Place, scale: Scale) -> Result:
    entries = scale.of(ENTRIES)
    house = place.house()
    await fill(await house.lobby.open("short"), FEW)
    long = await house.lobby.open("long")
    await fill(long, entries)
    await house.lobby.fork(long, "crashed", entries, None)
    await house.close()
    house = place.house()
    await fill(await house.lobby.open("crashed"), entries + SNAPSHOT_EVERY - 1)
    await house.database.close()  # and no more: as after a crash, the log has not ended in order

    rooms = {
        "short": f"{FEW} entries",
        "long": f"{entries:,} entries",
        "crashed": f"{entries + SNAPSHOT_EVERY - 1:,}, after a crash",
    }
    samples: dict[str, list[tuple[float, float]]] = {room: [] for room in rooms}
    for _ in range(OPENED):
        house = place.house()
        await house.threads.list(None)  # connects
        for room, seen in samples.items():
            gc.collect()
            wall, cpu = perf_counter(), process_time()
            (await house.lobby.existing(room)).snapshot()
            seen.append(((perf_counter() - wall) * 1000, (process_time() - cpu) * 1000))
        await house.database.close()
    lines = [
        Line(label, middle(wall for wall, _ in samples[room]), f"{middle(cpu for _, cpu in samples[room]):.1f} ms CPU")
        for room, label in rooms.items()
    ]
    result = Result(
        f"opening a thread on {name}", "ms until it can be shown", lines, goal="< 50 ms more than a short one"
    )
    result.met = all(line.value - lines[0].value < 50 for line in lines)
    return result
