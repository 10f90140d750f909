"""What a socket and a room cost while nothing happens in them."""

from bench.figures import SALON, Line, Result, Scale, middle
from bench.peers import FLOOR, broadcasters, salon_server
from bench.readers import Readers

SOCKETS = 1000
ROOMS = 1000


def idle_socket(scale: Scale) -> Result:
    """Sockets of readers of one room, connected and subscribed."""
    field = broadcasters()
    lines = []
    for who, contender in field.contenders.items():
        if who == FLOOR:
            continue  # it keeps nothing but the socket
        samples = []
        for _ in range(scale.repetitions):
            with contender.start() as subject:
                with Readers(subject.port, 20, contender.dialect):  # what is only allocated once
                    pass
                before = subject.memory()
                with Readers(subject.port, SOCKETS, contender.dialect):
                    samples.append((subject.memory() - before) / SOCKETS / 1000)
        lines.append(Line(who, middle(samples)))
    result = Result("an idle socket", "kB", lines, goal="≤ 40 kB", missing=field.missing)
    result.met = result.of(SALON) <= 40
    return result


def idle_room(scale: Scale) -> Result:
    """Rooms that were opened, and in which nobody has said anything."""
    samples = []
    for _ in range(scale.repetitions):
        with salon_server() as subject:
            subject.tell("rooms", count=20)
            before = subject.memory()
            subject.tell("rooms", count=20 + ROOMS)
            samples.append((subject.memory() - before) / ROOMS / 1000)
    value = middle(samples)
    return Result("an idle room", "kB", [Line(SALON, value)], goal="≤ 12 kB", met=value <= 12)
