"""One room, many readers: CPU of the server for each delivery, one entry at a time and in bursts."""

from time import monotonic

from bench.figures import SALON, Line, Result, Scale, middle
from bench.peers import NODE, ROOM, broadcasters, on_stage
from bench.readers import Readers
from bench.subject import Subject

READERS = 1000
TEXT = 160
"""Letters said, which make an entry of about 300 bytes; the others send as many bytes to each reader as Salon does."""

BURST = 16
TURNS = 3
"""The kernel's part varies from second to second: contenders take turns more often, for shorter."""


def one_at_a_time(scale: Scale) -> Result:
    """An entry is said when every reader has the one before."""
    result = _measure(scale, "fan-out, one entry at a time", rounds=scale.of(30), burst=1)
    result.goal = "≥ 1.3 x node ws in deliveries per CPU second"
    return _judged(result, NODE, 1.3)


def bursts(scale: Scale) -> Result:
    """Sixteen entries are said in one go, as tokens of a vendor arrive."""
    result = _measure(scale, f"fan-out, bursts of {BURST}", rounds=scale.of(3), burst=BURST)
    result.goal = "≥ 8 x node ws in deliveries per CPU second"
    return _judged(result, NODE, 8.0)


def _measure(scale: Scale, what: str, *, rounds: int, burst: int) -> Result:
    field = broadcasters()
    samples: dict[str, list[float]] = {who: [] for who in field.contenders}
    context: dict[str, str] = {}
    with on_stage(field, READERS) as stage:
        size = _frame_size(*stage[SALON])
        for _ in range(TURNS * scale.repetitions):
            for who, (subject, readers) in stage.items():
                text = TEXT if who == SALON else size
                cpu, wall = _round_trip(subject, readers, rounds, burst, text)
                deliveries = rounds * burst * len(readers)
                samples[who].append(cpu / deliveries * 1e6)
                context[who] = f"{deliveries / wall:,.0f}/s wall, {1e6 / middle(samples[who]):,.0f} per CPU second"
    lines = [Line(who, middle(figures), context[who]) for who, figures in samples.items()]
    return Result(what, f"µs CPU / delivery of {size} bytes to {READERS} readers", lines, missing=field.missing)


def _frame_size(subject: Subject, readers: Readers) -> int:
    """Bytes of one entry in its frame; also warms up."""
    _round_trip(subject, readers, 3, 1, TEXT)
    subject.send("publish", room=ROOM, count=1, text=TEXT, mark="size")
    size = readers.collect(b"size")
    subject.answer()
    return size


def _round_trip(subject: Subject, readers: Readers, rounds: int, burst: int, text: int) -> tuple[float, float]:
    """CPU and wall seconds for `rounds` times `burst` texts, each round waiting until everybody has the one before."""
    cpu, begin = subject.cpu(), monotonic()
    for number in range(rounds):
        mark = f"<{number}>"
        subject.send("publish", room=ROOM, count=burst, text=text, mark=mark)
        readers.collect(mark.encode())
        subject.answer()
    return subject.cpu() - cpu, monotonic() - begin


def _judged(result: Result, peer: str, times: float) -> Result:
    if any(line.who == peer for line in result.lines):
        result.met = result.of(peer) / result.of(SALON) >= times
    return result
