"""A reader that stops reading: what the others notice of it, what the server holds for it, and what becomes of it."""

import json
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from bench.figures import Line, Result, Scale, middle, share
from bench.peers import ROOM, salon_server
from bench.readers import CHUNK, Readers, connected, cut, frames, salon
from bench.subject import Subject

ROOMS = (100, 200)
RATE = 150.0
PAD = 8000
"""A token of so many letters, so often a second: what the kernel holds unread (some MB) is full within seconds."""

ALONE, FIRST_STALL, SECOND_STALL = 4, 4, 8
"""Seconds that are spoken while everybody reads, and while one does not; each second is a repetition."""

GRACE = 3.5
"""Seconds that the server waits for it, from when it needs a resync."""

WINDOW = 4096
"""Bytes that the kernel takes for it unread, on its own side."""

SETTINGS = json.dumps({"slow_grace": GRACE})
MEMORY = 16.0
"""MB that one stalled reader may cost: its outbox, bounded by 1 MB, and what the allocator makes of it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the live readers noticed in one second: how late 99 % came, in ms, and how many entries a second."""

    late: float
    rate: float


def one_stalled_reader(scale: Scale) -> list[Result]:
    """Speaks at one pace: all read; one does not; it reads and gets its resync; it stops again and is sent away."""
    late: list[Line] = []
    kept: list[Line] = []
    memory: list[Line] = []
    fates: list[str] = []
    good = True
    for count in ROOMS[:1] if scale.quick else ROOMS:
        with salon_server(settings=SETTINGS) as subject, Readers(subject.port, count - 1, salon(ROOM)) as readers:
            _speak(subject, readers, 1)
            alone = _speak(subject, readers, ALONE)
            held = subject.peak_memory()
            sleeper = connected(subject.port, salon(ROOM), window=WINDOW)
            stalls = _speak(subject, readers, FIRST_STALL)
            resynced = b'"kind":"resync"' in _read_on(sleeper)
            stalls += _speak(subject, readers, SECOND_STALL)
            code = _close_code(_read_on(sleeper))
            cut(sleeper)
            grown = (subject.peak_memory() - held) / 1e6
        rate = middle(each.rate for each in stalls) / middle(each.rate for each in alone)
        late += [
            Line(f"room of {count}, all read", middle(each.late for each in alone)),
            Line(f"room of {count}, one stalled", middle(each.late for each in stalls)),
        ]
        kept.append(Line(f"room of {count}", rate * 100))
        fate = f"{'resync' if resynced else 'no resync'}, then {code or 'nothing'}"
        memory.append(Line(f"room of {count}", grown, fate))
        fates.append(fate)
        good = good and resynced and code == 4003
    return [
        Result("one stalled reader: 99 % of the others' deliveries within", "ms", late, goal="does not move"),
        Result(
            "one stalled reader: the others' throughput",
            "% kept",
            kept,
            less_is_better=False,
            goal="≥ 95 %",
            met=all(line.value >= 95 for line in kept),
        ),
        Result(
            "one stalled reader: peak memory, and its fate",
            "MB more",
            memory,
            goal=f"resync, then 4003, ≤ {MEMORY:g} MB",
            met=good and all(line.value <= MEMORY for line in memory),
        ),
    ]


def _speak(subject: Subject, readers: Readers, seconds: int) -> list[Heard]:
    heard = []
    for _ in range(seconds):
        delays: list[float] = []
        begin = monotonic()
        subject.send("speak", room=ROOM, agents=1, rate=RATE, seconds=1.0, pad=PAD, mark="<the end>")
        readers.collect(b"<the end>", delays=delays)
        subject.answer()
        heard.append(Heard(share(delays, 0.99) * 1000, RATE / (monotonic() - begin)))
    return heard


def _read_on(sleeper: socket.socket) -> bytes:
    """All that waits for the reader, until there is a pause."""
    sleeper.settimeout(1.0)
    data = bytearray()
    with suppress(TimeoutError, ConnectionResetError):
        while more := sleeper.recv(CHUNK):
            data += more
    return bytes(data)


def _close_code(data: bytes) -> int | None:
    """The code of the close frame at the end of what a reader got."""
    closing = [text for opcode, text, _ in frames(bytearray(data)) if opcode == 8]
    return int(struct.unpack_from("!H", closing[0])[0]) if closing else None
