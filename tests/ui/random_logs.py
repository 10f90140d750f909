"""Random logs of a room, and the states they lead to: what a client's fold is held against."""

import gzip
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from salon.contracts.encode import entry_bytes
from salon.contracts.events import Entry
from salon.contracts.types import Json, Obj
from salon.errors import SalonError
from salon.rooms.state import RoomState, fold

FROZEN = Path(__file__).parents[2] / "ui-contracts" / "vectors" / "logs.jsonl.gz"
"""The logs that the package's own test reads; `python -m tests.ui.random_logs` writes them anew."""

AGENTS = ("host", "analyst", "10", "9", "constructor")
WORDS = ("Hello ", "you", "\U0001f600", "é", "\n", "…", "\x00", "日本", "e\u0301")
KEYS = ("a", "b", "x/y", "m~n", "", "0", "length", "constructor", "-")


class Scribe:
    """Writes one log, the same for the same seed. What the server's fold refuses is not written."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._count = 0
        self.state = RoomState()
        self.entries: list[bytes] = []
        self._write(
            {"event": "room.opened", "team": "desk", "roster": [{"id": a, "host": a == "host"} for a in AGENTS]}
        )

    def write(self, entries: int) -> None:
        """Write so many entries more."""
        ahead = len(self.entries) + entries
        events = self._events()
        while len(self.entries) < ahead:
            self._write(self._chance.choice(events)())

    def talk(self, messages: int) -> None:
        """Write so many messages more: enough of them, and old ones are no longer in the state."""
        for _ in range(messages):
            self._write(self._done())

    def _write(self, body: Obj) -> None:
        entry = Entry.model_validate({"seq": self.state.seq + 1, "at": 1.5, "body": body})
        with suppress(SalonError):
            fold(self.state, entry)
            self.entries.append(entry_bytes(entry))

    def _events(self) -> list[Callable[[], Obj]]:
        pick, some = self._chance.choice, self._some
        state = self.state
        return [
            *[self._delta] * 6,
            *[self._done] * 3,
            *[self._patched] * 4,
            *[self._surface_patched] * 3,
            lambda: {"event": "message.started", "message": self._new("m"), "author": self._author()},
            lambda: {"event": "message.removed", "message": some([m.message for m in state.messages[-5:]], "m1")},
            lambda: {"event": "tool.started", "call": self._new("t"), "name": "add", "run": "r", "where": "server"},
            lambda: {"event": "tool.args", "call": "t1", "text": "{", "at": 1},
            lambda: {
                "event": "tool.ready",
                "call": self._call(),
                "name": "add",
                "args": self._json(),
                "where": "server",
            },
            lambda: {"event": "tool.done", "call": self._call(), "ok": True, "output": self._json()},
            lambda: {"event": "tool.removed", "call": self._call()},
            lambda: {"event": "reasoning.delta", "run": "r", "text": "hm", "at": 2},
            self._put,
            lambda: {"event": "ui.removed", "surface": some([*state.surfaces, *state.a2ui], "s1")},
            lambda: {
                "event": "ui.a2ui",
                "surface": pick(("s1", "w1", "7")),
                "owner": "host",
                "messages": [self._obj()],
            },
            lambda: {"event": "agent.handoff", "source": "host", "target": pick(AGENTS)},
            lambda: {"event": "floor.given", "agent": pick(AGENTS), "by": "ann"},
            lambda: {"event": "agent.status", "agent": pick(AGENTS), "status": pick(("idle", "thinking", "speaking"))},
            lambda: {"event": "run.started", "run": self._new("r"), "team": "desk"},
            lambda: {"event": "run.finished", "run": some(state.runs, "r1"), "outcome": "success"},
            self._turn,
            lambda: {"event": "turn.finished", "turn": some(state.turns, "u1"), "outcome": "success"},
            self._question,
            lambda: {"event": "interrupt.resolved", "interrupt": some(state.interrupts, "q1"), "status": "resolved"},
            lambda: {"event": "room.changed", **pick(({"title": self._text()}, {"archived": pick((True, False))}))},
            lambda: {"event": "room.summarised", "text": self._text(), "upto": self._chance.randint(0, state.seq)},
            lambda: {"event": "room.opened", "team": pick(("desk", "other")), "roster": [], "forked_from": "r0"},
            lambda: {"event": "room.cleared"} if self._chance.random() < 0.2 else self._done(),
            lambda: {"event": "custom", "name": "tick", "value": self._json()},
        ]

    def _delta(self) -> Obj:
        message = self._some(self.state.streaming, "m1")
        open_message = self.state.streaming.get(message)
        text = self._text()
        at = (open_message.length if open_message else 0) + len(text)
        return {"event": "message.delta", "message": message, "text": text, "at": at}

    def _done(self) -> Obj:
        message = self._some(self.state.streaming, "") or self._new("m")
        parts: list[Json] = [{"kind": "text", "text": self._text()}]
        return {"event": "message.done", "message": message, "author": self._author(), "parts": parts}

    def _put(self) -> Obj:
        surface = self._chance.choice(("s1", "s2", "10", "2", "constructor"))
        old = self.state.surfaces.get(surface)
        version = old.version + 1 if old else 1
        put: Obj = {"event": "ui.put", "surface": surface, "owner": "host", "component": "card"}
        return {**put, "props": self._obj(), "version": version}

    def _question(self) -> Obj:
        return {"event": "interrupt.opened", "interrupt": self._new("q"), "run": "r", "agent": "host", "reason": "ok?"}

    def _turn(self) -> Obj:
        agent = self._chance.choice(AGENTS)
        turn: Obj = {"event": "turn.started", "turn": self._new("u"), "run": "r", "agent": agent}
        return {**turn, "chosen": {"rule": "host"}, "source": "mock"}

    def _surface_patched(self) -> Obj:
        surface = self._some(self.state.surfaces, "s1")
        shown = self.state.surfaces.get(surface)
        props, version = (shown.props, shown.version) if shown else ({}, 0)
        return {"event": "ui.patch", "surface": surface, "ops": self._ops(props), "version": version + 1}

    def _patched(self) -> Obj:
        return {"event": "state.patched", "ops": self._ops(self.state.shared), "version": self.state.version + 1}

    def _ops(self, document: Json) -> list[Json]:
        return [self._op(document) for _ in range(self._chance.choice((1, 1, 1, 2)))]

    def _op(self, document: Json) -> Obj:
        places = list(_places(document))
        there, value = self._chance.choice(places)
        parent, children = self._chance.choice([place for place in places if isinstance(place[1], dict | list)])
        key = self._chance.choice(KEYS if isinstance(children, dict) else ("-", "0", "1"))
        beside = f"{parent}/{_escaped(key)}"
        match self._chance.choice(("add", "add", "add", "replace", "remove", "move", "copy", "test")):
            case "add":
                return {"op": "add", "path": beside, "value": self._json()}
            case "replace":
                return {"op": "replace", "path": there, "value": self._json() if there else self._obj()}
            case "remove":
                return {"op": "remove", "path": there}
            case "test":
                return {"op": "test", "path": there, "value": value}
            case other:
                return {"op": other, "from": there, "path": beside}

    def _json(self, depth: int = 2) -> Json:
        plain: list[Json] = [None, True, False, 0, -1, 1.5, 1e300, "", self._text()]
        kind = self._chance.random()
        if depth and kind < 0.25:
            return [self._json(depth - 1) for _ in range(self._chance.randint(0, 3))]
        return self._obj(depth - 1) if depth and kind < 0.5 else self._chance.choice(plain)

    def _obj(self, depth: int = 2) -> Obj:
        return {key: self._json(depth) for key in self._chance.sample(KEYS, self._chance.randint(0, 3))}

    def _text(self) -> str:
        return "".join(self._chance.choices(WORDS, k=self._chance.randint(1, 4)))

    def _author(self) -> Obj:
        return {"id": self._chance.choice(AGENTS), "role": "agent"}

    def _call(self) -> str:
        return self._some([*self.state.started, *self.state.calls], "t1")

    def _some(self, known: Iterable[str], otherwise: str) -> str:
        ids = list(known)
        return self._chance.choice(ids) if ids else otherwise

    def _new(self, letter: str) -> str:
        self._count += 1
        # An id may be a number, which JavaScript's objects would put first.
        return str(10_000 - self._count) if self._chance.random() < 0.3 else f"{letter}{self._count}"


def random_log(seed: int) -> bytes:
    """A vector, as one line of JSON: a log's entries, the snapshot after `at` of them, and the one after all."""
    scribe = Scribe(seed)
    long = seed % 50 == 49
    if long:
        scribe.talk(random.Random(seed).randint(150, 450))
    scribe.write(20)
    at, early = scribe.state.seq, scribe.state.snapshot()
    scribe.write(20)
    late = scribe.state.snapshot()
    return b'{"seed":%d,"at":%d,"early":%b,"late":%b,"entries":[%b]}' % (
        seed,
        at,
        early.__pydantic_serializer__.to_json(early),
        late.__pydantic_serializer__.to_json(late),
        b",".join(scribe.entries),
    )


def vectors(seeds: Iterable[int]) -> bytes:
    """The vectors of these seeds, one a line."""
    return b"\n".join(map(random_log, seeds))


def _places(value: Json, pointer: str = "") -> Iterator[tuple[str, Json]]:
    yield pointer, value
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _places(child, f"{pointer}/{_escaped(key)}")
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _places(child, f"{pointer}/{index}")


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


if __name__ == "__main__":
    FROZEN.write_bytes(gzip.compress(vectors(range(100)), mtime=0))
