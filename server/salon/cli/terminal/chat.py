"""One person's conversation: joins the link, the reader and the screen, and turns typed lines into actions.

It may not know where lines come from (a keyboard or a pipe).
"""

import asyncio
from collections.abc import Callable
from typing import Literal

from salon.cli.reading.answers import Unfit, compose, fields, parse
from salon.cli.reading.clean import clean
from salon.cli.reading.reader import Reader
from salon.cli.reading.shown import Said
from salon.cli.terminal.screen import YOU, Screen
from salon.cli.terminal.typed import HELP, Command, Mistyped, understand
from salon.clients.backoff import Backoff
from salon.clients.errors import ErrorAnswer
from salon.clients.follow.follower import News, Picture
from salon.clients.follow.link import Away, Happening, Joined, Link
from salon.contracts.actions import Cancel, Fork, NextSpeaker, Resolve, RoomAction, Send
from salon.contracts.events import Interrupted
from salon.contracts.types import Json, TextPart
from salon.contracts.wire import Ack, Ephemeral, ErrorPayload, Notice, Welcome
from salon.ids import new_id

MOCK = "MOCK models: answers marked (mock) are simulated, no vendor is asked"
TEXT_LIMIT = 32_000
"""Characters that one message may have; the contract allows slightly more."""


class Chat:
    """A conversation in one room. `changed` is called after everything that may alter a prompt."""

    def __init__(
        self,
        url: str,
        room: str,
        screen: Screen,
        *,
        name: str | None = None,
        token: str | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self.screen = screen
        self.changed: Callable[[], None] = lambda: None
        self.mock = False
        self.left = False
        self._mine: set[str] = set()
        self.reader = Reader(is_mine=self._mine.__contains__)
        self.link = Link(url, room, self._happened, name=name or "salon chat", token=token, backoff=backoff)
        self._room = room
        self._moved = asyncio.Event()
        self._joined = False
        self._away = False
        self._stopped: set[str] = set()
        self._warned = False
        self._awaited: set[str] = set()
        self._answered: set[str] = set()
        self._values: list[Json] = []

    def enter(self, line: str) -> None:
        """A person typed `line`."""
        self._warned = False
        meant = understand(line)
        question = self.question()
        match meant:
            case None:
                pass
            case Mistyped():
                self.screen.note(meant.hint, "warn")
            case Command():
                self._command(meant)
            case _ if question is not None:
                self._answer(question, meant.text)
            case _ if len(meant.text) > TEXT_LIMIT:
                self.screen.note(f"too long: a message has at most {TEXT_LIMIT:,} characters", "warn")
            case _:
                self.screen.show(Said(YOU, clean(meant.text)))
                part = TextPart(kind="text", text=meant.text)
                self._act(Send(kind="send", id=new_id("a"), room=self._room, parts=[part]))
        self._move()

    def stop(self) -> None:
        """Ctrl-C: ends the run first, and pressed again the conversation; in a quiet room it warns before it leaves."""
        running = self.reader.runs - self._stopped
        if running and not self._away:  # what is not seen cannot be stopped
            self._stopped |= running
            self._warned = True
            self.screen.note("stopping; Ctrl-C again leaves", "warn")
            self._act(Cancel(kind="cancel", id=new_id("a"), room=self._room))
        elif self._warned:
            self.left = True
        else:
            self._warned = True
            self.screen.note("nothing runs; Ctrl-C again, or Ctrl-D, leaves")
        self._move()

    def question(self) -> Interrupted | None:
        """The oldest open question that this person may answer and has not."""
        asked = self.reader.questions.values()
        return next((q for q in asked if q.interrupt not in self._answered and self.reader.may_answer(q)), None)

    def prompt(self) -> str:
        """What to write before what a person types."""
        question = self.question()
        return f"{fields(question)[len(self._values)].label()} > " if question else "> "

    def status(self) -> str:
        """One line on where things stand."""
        parts = [f"room {self._room}", "reconnecting…" if self._away else "", "MOCK models" if self.mock else ""]
        busy = self.reader.runs and not self._away
        parts.append(f"{self.reader.activity()} (Ctrl-C stops it)" if busy else "/help")
        return " · ".join(part for part in parts if part)

    async def settled(self) -> None:
        """Wait until all that was typed has had its effect, or a question is open, or the person has left."""
        while not (self.left or self._is_settled()):
            self._moved.clear()
            await self._moved.wait()

    def _is_settled(self) -> bool:
        if not self._joined or self.link.unanswered:
            return False
        return self.question() is not None or self._awaited <= self.reader.ended

    def _happened(self, what: Happening) -> None:
        match what:
            case Welcome():
                self.reader.welcome(what)
                self.mock = what.mode == "mock"
                if not self._joined:
                    self._greet(what)
            case Joined() | Away():
                self._connection(what)
            case Picture() | News():
                self._show(what)
            case Ephemeral():
                for shown in self.reader.presence(what):
                    self.screen.show(shown)
            case Ack(result={"run": str(run)}):
                self._awaited.add(run)
            case Ack():
                pass
            case ErrorPayload():
                details = "".join(
                    f"\n  {issue.message}" for issue in what.details or () if issue.message != what.message
                )
                self.screen.note(what.message + details, "bad")
            case Notice():
                self.screen.note(what.message or what.code.replace("_", " "), "warn")
        self._move()

    def _greet(self, welcome: Welcome) -> None:
        self.screen.note(f"room {self._room} at {self.link.url} ({welcome.server})")
        if self.mock:
            self.screen.note(MOCK, "warn")

    def _connection(self, what: Joined | Away) -> None:
        if isinstance(what, Joined):
            self.reader.present(self.link.follower.members)
            if what.back:
                self.screen.note("back", "good")
        elif not self._away:
            self.screen.note("connection lost, reconnecting…", "warn")
        self._away = isinstance(what, Away)

    def _acked(self, ack: Ack) -> None:
        if isinstance(ack.result, dict) and isinstance(run := ack.result.get("run"), str):
            self._awaited.add(run)

    def _show(self, step: Picture | News) -> None:
        for shown in self.reader.read(step):
            self.screen.show(shown)
        if isinstance(step, Picture):
            # Runs that are in nobody's picture any more ended with the server they ran on.
            self._awaited &= self.reader.runs | self.reader.ended
            if not self._joined:
                self._joined = True
                self.screen.note(f"agents: {', '.join(card.id for card in self.reader.roster)}; /help for more")
        if self.question() is None:
            self._values.clear()

    def _command(self, command: Command) -> None:
        match command.name:
            case "help":
                for name, (argument, meaning) in HELP.items():
                    self.screen.note(f"{f'/{name} {argument}':<14} {meaning}")
                self.screen.note("@agent in a message asks that agent; Ctrl-C stops what runs; Ctrl-D leaves")
            case "who":
                users = {member.user for member in self.reader.members.values()}
                self.screen.note(f"in the room: {', '.join(sorted(self.reader.name(user) for user in users))}")
            case "agents":
                for card in self.reader.roster:
                    floor = "  (has the floor)" if card.id == self.reader.floor else ""
                    self.screen.note(f"@{card.id}{' (host)' if card.host else ''}  {card.description or ''}{floor}")
            case "next":
                agent = command.argument.removeprefix("@")
                self._act(NextSpeaker(kind="next_speaker", id=new_id("a"), room=self._room, agent=agent))
            case "fork":
                self._fork(command.argument)
            case "skip":
                self._skip()
            case "quit":
                self.left = True

    def _fork(self, named: str) -> None:
        position = self.link.follower.position
        if position is None:
            self.screen.note("not in the room yet", "warn")
            return
        new_room = named or f"{self._room}-{new_id('f')[-8:]}"
        try:
            fork = Fork(kind="fork", id=new_id("a"), room=self._room, at=position.seq, new_room=new_room)
        except ValueError:
            self.screen.note("a room's name is made of letters, digits and . _ : @ / -", "warn")
            return
        self._act(fork)

    def _skip(self) -> None:
        question = self.question()
        if question is None:
            self.screen.note("no question is open", "warn")
            return
        self._resolve(question, "cancelled")

    def _answer(self, question: Interrupted, text: str) -> None:
        asked = fields(question)
        value = parse(asked[len(self._values)], text)
        if isinstance(value, Unfit):
            self.screen.note(value.hint, "warn")
            return
        self._values.append(value)
        if len(self._values) == len(asked):
            self._resolve(question, "resolved", compose(asked, self._values))

    def _resolve(self, question: Interrupted, status: Literal["resolved", "cancelled"], value: Json = None) -> None:
        self._values.clear()
        self._answered.add(question.interrupt)
        self._act(
            Resolve(
                kind="resolve",
                id=new_id("a"),
                room=self._room,
                interrupt=question.interrupt,
                status=status,
                value=value,
            )
        )

    def _act(self, action: RoomAction) -> None:
        self._mine.add(action.id)
        try:
            self.link.send(action)
        except ErrorAnswer as refused:
            self.screen.note(refused.message, "warn")

    def _move(self) -> None:
        self._moved.set()
        self.changed()
