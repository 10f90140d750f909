"""Turns what happens in a room into what a person should read, and keeps what a person may ask about. Pure.

It may not know how anything arrived, nor how it will look.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from salon.cli.reading.clean import brief, one_line
from salon.cli.reading.showcase import Showcase
from salon.cli.reading.shown import Asked, Note, Shown
from salon.cli.reading.speech import Speeches
from salon.clients.follow.follower import News, Picture
from salon.contracts.events import (
    AgentStatus,
    Entry,
    FloorGiven,
    Handoff,
    Interrupted,
    MsgDelta,
    MsgDone,
    MsgRemoved,
    MsgStarted,
    Resolved,
    RoomChanged,
    RoomCleared,
    RoomForked,
    RoomOpened,
    RunFinished,
    RunStarted,
    ToolDone,
    ToolReady,
    TurnFinished,
    TurnStarted,
    UiA2ui,
    UiPatch,
    UiPut,
    UiRemoved,
)
from salon.contracts.types import AgentCard, Author, Json, Member
from salon.contracts.wire import Ephemeral, Welcome

RECENT = 20
"""Messages of a room's past that a newcomer is shown."""


@dataclass
class Reader:
    """One person's view of one room.

    `is_mine` says whether an action id is one that this client sent. `runs` are on, `ended` are those that were seen
    to end, `questions` are open.
    """

    is_mine: Callable[[str], bool] = lambda _: False
    user: str | None = None
    floor: str | None = None
    roster: list[AgentCard] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)
    runs: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    questions: dict[str, Interrupted] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _status: dict[str, str] = field(default_factory=dict)
    _turns: dict[str, TurnStarted] = field(default_factory=dict)
    _calls: dict[str, ToolReady] = field(default_factory=dict)
    _speeches: Speeches = field(default_factory=Speeches)
    _showcase: Showcase = field(default_factory=Showcase)
    _newcomer: bool = True
    _title: str | None = None

    def welcome(self, welcome: Welcome) -> None:
        """The connection is up, under this user."""
        self.user = welcome.user

    def read(self, step: News | Picture) -> list[Shown]:
        """What the room's log brings."""
        if isinstance(step, Picture):
            return list(self._picture(step))
        return [shown for entry in step.entries for shown in self._entry(entry)]

    def present(self, members: dict[str, Member]) -> None:
        """Who is in the room, by connection."""
        self.members = dict(members)
        for member in members.values():
            self._learn(member.user, member.name)

    def presence(self, change: Ephemeral) -> list[Shown]:
        """Who came and who went, one line for each person."""
        notes: list[Shown] = []
        users = {member.user for member in self.members.values()}
        for member in change.joins:
            self.members[member.client] = member
            self._learn(member.user, member.name)
            if member.user not in users and member.user != self.user:
                users.add(member.user)
                notes.append(Note(f"{self.name(member.user)} came in"))
        for client in change.leaves:
            gone = self.members.pop(client, None)
            if gone and all(member.user != gone.user for member in self.members.values()):
                notes.append(Note(f"{self.name(gone.user)} left"))
        return notes

    def name(self, user: str) -> str:
        """What to call a user or agent."""
        if user == self.user:
            return "you"
        return _short(self._names.get(user, user))

    def activity(self) -> str | None:
        """What the agents do at this moment, for a status line; None in a quiet room."""
        if self.questions:
            return "waiting for an answer"
        if self._calls:
            call = next(reversed(self._calls.values()))
            return f"{call.agent or 'an agent'} uses {one_line(call.name, 40)}"
        if self._status:
            agent, status = next(reversed(self._status.items()))
            return f"{agent} is {status}"
        return "working" if self.runs else None

    def may_answer(self, question: Interrupted) -> bool:
        """Whether the question is put to this reader, perhaps among others."""
        return question.allowed is None or self.user in question.allowed

    def _picture(self, picture: Picture) -> Iterator[Shown]:
        now = picture.snapshot
        newcomer, self._newcomer = self._newcomer, False
        self.floor, self.roster = now.floor, now.roster
        self.runs = {run.run for run in now.runs}
        self._turns = {turn.turn: turn for turn in now.turns}
        self._calls = {call.call: call for call in now.calls}
        self._status = {agent.agent: agent.status for agent in now.agents if agent.status != "idle"}
        if picture.rewound:
            yield Note("the server has started afresh: its agents may not remember what was said before", "warn")
        unseen = [message for message in now.messages if not self._speeches.has_shown(message)]
        if newcomer:
            for message in unseen[:-RECENT]:
                self._speeches.count_as_shown(message)
        for message in unseen[-RECENT:] if newcomer else unseen:
            yield from self._speeches.done(message, self._author(message.author))
        yield from self._showcase.replace(now.surfaces)
        for started in now.open_messages:
            self._speeches.start(started)
            text = now.partial.get(started.message, "")
            yield from self._delta(MsgDelta(event="message.delta", message=started.message, text=text, at=len(text)))
        asked, self.questions = self.questions, {question.interrupt: question for question in now.interrupts}
        for question in now.interrupts:
            if question.interrupt not in asked:
                yield Asked(question, self.may_answer(question))

    def _entry(self, entry: Entry) -> Iterator[Shown]:
        body = entry.body
        mine = entry.cause is not None and self.is_mine(entry.cause)
        match body:
            case MsgStarted() | MsgDelta() | MsgDone() | MsgRemoved():
                yield from self._message(body, mine=mine)
            case ToolReady():
                self._calls[body.call] = body
            case ToolDone():
                yield from self._tool_done(body)
            case UiPut() | UiPatch() | UiRemoved() | UiA2ui():
                yield from self._showcase.receive(body)
            case Interrupted():
                self.questions[body.interrupt] = body
                yield Asked(body, self.may_answer(body))
            case Resolved():
                yield self._resolved(body, mine=mine)
            case Handoff():
                self.floor = body.target
                yield Note(f"{body.source} → {body.target}{_because(body.reason)}", "handoff")
            case FloorGiven():
                yield Note(f"{self.name(body.by)} gave the floor to {body.agent}", "handoff")
            case RoomForked() | RoomChanged() | RoomCleared() | RoomOpened():
                yield from self._room(body)
            case RunStarted() | RunFinished() | TurnStarted() | TurnFinished() | AgentStatus():
                yield from self._course(body)
            case _:
                pass

    def _room(self, body: RoomForked | RoomChanged | RoomCleared | RoomOpened) -> Iterator[Shown]:
        match body:
            case RoomForked():
                yield Note(f"forked at {body.at}; the new room: salon chat --room {body.room}", "good")
            case RoomChanged(title=str() as title):
                self._title = title
                yield from self._renamed()
            case RoomCleared():
                yield Note("all that was said is forgotten; the conversation begins anew")
            case RoomOpened():
                self.roster = body.roster

    def _renamed(self) -> Iterator[Shown]:
        if self._title is not None and not self.runs:  # no news that may cut a sentence in two
            yield Note(f"the room is called “{one_line(self._title, 80)}” now")
            self._title = None

    def _message(self, body: MsgStarted | MsgDelta | MsgDone | MsgRemoved, *, mine: bool) -> Iterator[Shown]:
        match body:
            case MsgStarted():
                self._speeches.start(body)
            case MsgDelta():
                yield from self._delta(body)
            case MsgDone() if mine and body.author.role == "user":
                self._speeches.count_as_shown(body)  # whoever typed it has seen it
            case MsgDone():
                yield from self._speeches.done(body, self._author(body.author))
            case MsgRemoved():
                self._speeches.forget(body.message)
                yield Note("a message was taken back")

    def _delta(self, delta: MsgDelta) -> Iterator[Shown]:
        started = self._speeches.started(delta.message)
        if started is not None:
            turn = self._turns.get(started.turn or "")
            mock = turn is not None and turn.source == "mock"
            yield from self._speeches.delta(delta, self._author(started.author), mock=mock)

    def _tool_done(self, done: ToolDone) -> Iterator[Shown]:
        call = self._calls.pop(done.call, None)
        if call is not None:
            arguments = brief(call.args) if call.args else ""
            outcome = f"→ {brief(done.output)}" if done.ok else f"failed: {brief(done.output)}"
            by = f"{call.agent}: " if call.agent else ""
            yield Note(f"{by}{one_line(call.name, 40)}({arguments}) {outcome}", "tool" if done.ok else "warn")

    def _resolved(self, body: Resolved, *, mine: bool) -> Note:
        question = self.questions.pop(body.interrupt, None)
        about = f"{question.agent}'s question" if question else "the question"
        who = self.name(body.by) if body.by else "someone"
        match body.status:
            case "resolved":
                return Note(f"{'you' if mine else who} answered {about}: {_answer(body.value)}", "good")
            case "cancelled":
                return Note(f"{who} declined {about}" if body.by else f"{about} was withdrawn", "warn")
            case "expired":
                return Note(f"nobody answered {about} in time", "warn")

    def _course(self, body: RunStarted | RunFinished | TurnStarted | TurnFinished | AgentStatus) -> Iterator[Shown]:
        match body:
            case RunStarted():
                self.runs.add(body.run)
            case RunFinished():
                yield from self._run_finished(body)
            case TurnStarted():
                self._turns[body.turn], self.floor = body, body.agent
                if why := _chosen(body):
                    yield Note(why)
            case TurnFinished():
                self._turns.pop(body.turn, None)
                yield from self._showcase.changes()
                if body.outcome == "error":
                    yield Note(f"the turn failed{_because(body.reason)}", "warn")
            case AgentStatus(status="idle"):
                self._status.pop(body.agent, None)
            case AgentStatus():
                self._status[body.agent] = body.status

    def _run_finished(self, body: RunFinished) -> Iterator[Shown]:
        self.runs.discard(body.run)
        self.ended.add(body.run)
        yield from self._showcase.changes()
        if not self.runs:
            self._calls.clear()
            self._status.clear()
        if body.outcome == "cancelled":
            yield Note(f"stopped{_because(body.reason)}", "warn")
        elif body.outcome == "error":
            yield Note(f"this did not work{_because(body.reason)}", "bad")
        yield from self._renamed()

    def _author(self, author: Author) -> str:
        self._learn(author.id, author.name)
        return self.name(author.id)

    def _learn(self, user: str, name: str | None) -> None:
        """Presence may come late or never: a name is known as soon as anything tells it, and stays known."""
        if name:
            self._names[user] = name


def _short(name: str) -> str:
    """A name as it is shown: an anonymous person's id is long and says nothing beyond its beginning."""
    return name[:10] if name.startswith("guest-") else one_line(name, 40)


def _answer(value: Json) -> str:
    """An answer as it was given: a question with one field is answered by that field's value."""
    only = next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else value
    return brief(only)


def _because(reason: str | None) -> str:
    return f": {one_line(reason, 160)}" if reason else ""


def _chosen(turn: TurnStarted) -> str | None:
    """Why this agent speaks, where the screen does not show it already."""
    match turn.chosen.rule:
        case "mention":
            return f"{turn.agent} speaks: asked by name"
        case "surface":
            return f"{turn.agent} speaks: its surface was used"
        case "graph":
            return f"{turn.agent} speaks{_because(turn.chosen.reason or 'the next in order')}"
        case _:
            return None
