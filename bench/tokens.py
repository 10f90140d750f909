"""A token's way from an agent's model to one reader, on a socket or over server-sent events."""

from bench.callers import Callers, question
from bench.figures import Line, Result, Scale, middle
from bench.peers import FLOOR, ROOM, broadcasters, salon_server
from bench.readers import Readers, salon
from bench.subject import Subject

TOKENS = 2000
NOBODY = "nobody watches"
SOCKET = "one socket"
EVENTS = "one SSE reader"


def token_to_reader(scale: Scale) -> Result:
    """The difference between long answers and short ones, so that the run itself does not count."""
    tokens, runs = scale.of(TOKENS), 5
    samples: dict[str, list[float]] = {NOBODY: [], SOCKET: [], EVENTS: []}
    with (
        salon_server() as subject,
        Readers(subject.port, 1, salon(ROOM)) as readers,
        Callers(subject.port, 1) as callers,
    ):
        for _ in range(scale.repetitions):
            for who, ways in samples.items():
                used = []
                for count in (1, tokens):
                    cpu = subject.cpu()
                    for _ in range(runs):
                        if who == EVENTS:
                            callers.call(question("instant", f"tokens={count}", stream=True), 1)
                        else:
                            _ask(subject, readers, count, watched=who == SOCKET)
                    used.append((subject.cpu() - cpu) / runs)
                ways.append((used[1] - used[0]) / (tokens - 1) * 1e6)
    lines = [Line(who, middle(each)) for who, each in samples.items()]
    lines.append(Line(FLOOR, _floor(scale), "what the kernel takes for one small write to one reader"))
    result = Result("a token, from the model to its reader", "µs CPU / token", lines, goal="≤ 30 µs")
    result.met = max(result.of(SOCKET), result.of(EVENTS)) <= 30
    return result


def _floor(scale: Scale) -> float:
    contender = broadcasters().contenders[FLOOR]
    with contender.start() as subject, Readers(subject.port, 1, contender.dialect) as readers:
        samples = []
        for _ in range(scale.repetitions):
            cpu = subject.cpu()
            subject.send("speak", room="", agents=1, rate=1000.0, seconds=1.0, pad=250, mark="<the end>")
            readers.collect(b"<the end>")
            subject.answer()
            samples.append((subject.cpu() - cpu) / 1000 * 1e6)
        return middle(samples)


def _ask(subject: Subject, readers: Readers, count: int, *, watched: bool) -> None:
    room = ROOM if watched else "unwatched"
    subject.send("ask", room=room, text=f"tokens={count}")
    if watched:
        readers.collect(b'"run.finished"')
    subject.answer()
