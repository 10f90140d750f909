"""Eight agents stream into a room at once: how late their tokens arrive, and what share of a core the server takes."""

from time import monotonic

from bench.figures import SALON, Line, Result, Scale, middle, share
from bench.peers import ROOM, broadcasters, on_stage
from bench.readers import Readers
from bench.subject import Subject

READERS = 100
AGENTS = 8
RATE = 50.0
"""Tokens a second of each agent."""

PAD = 230
"""Letters that the others send beside a token, to send as many bytes as Salon's frame of one token has."""


def eight_agents(scale: Scale) -> list[Result]:
    """Delays include what the reader needs to look at the clock, for all alike."""
    field = broadcasters()
    seconds = 1.0 if scale.quick else 4.0
    delays: dict[str, list[float]] = {who: [] for who in field.contenders}
    shares: dict[str, list[float]] = {who: [] for who in field.contenders}
    medians: dict[str, list[float]] = {who: [] for who in field.contenders}
    with on_stage(field, READERS) as stage:
        for subject, readers in stage.values():
            _speak(subject, readers, 0.3)  # to warm up
        for _ in range(scale.repetitions):
            for who, (subject, readers) in stage.items():
                cpu, begin = subject.cpu(), monotonic()
                heard = _speak(subject, readers, seconds)
                shares[who].append((subject.cpu() - cpu) / (monotonic() - begin))
                delays[who].append(share(heard, 0.99) * 1000)
                medians[who].append(share(heard, 0.5) * 1000)
    what = f"{AGENTS} agents x {RATE:g} tokens/s to {READERS} readers"
    late = Result(
        f"{what}: 99 % arrive within",
        "ms",
        [Line(who, middle(each), f"half within {middle(medians[who]):.2f} ms") for who, each in delays.items()],
        goal="≤ 1.0 ms",
        missing=field.missing,
    )
    late.met = late.of(SALON) <= 1.0
    busy = Result(
        f"{what}: CPU",
        "share of a core",
        [Line(who, middle(each)) for who, each in shares.items()],
        goal="≤ 0.3",
        missing=field.missing,
    )
    busy.met = busy.of(SALON) <= 0.3
    return [late, busy]


def _speak(subject: Subject, readers: Readers, seconds: float) -> list[float]:
    """Seconds from saying to hearing of each token, as a sample of the readers sees it."""
    pad = 0 if subject.who == SALON else PAD
    delays: list[float] = []
    subject.send("speak", room=ROOM, agents=AGENTS, rate=RATE, seconds=seconds, pad=pad, mark="<the end>")
    readers.collect(b"<the end>", delays=delays)
    subject.answer()
    return delays
