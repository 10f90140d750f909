"""Turns what happens in a room into what a person should read, and keeps what a person may ask about. Pure.

It may not know how anything arrived, nor how it will look.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from salon.cli.terminal.clean import brief, clean, one_line
from salon.cli.terminal.follower import News, Picture
from salon.cli.terminal.shown import Asked, Note, Said, Shown, Speech, SpeechEnded, Surfaced
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
    RoomForked,
    RoomOpened,
    RunFinished,
    RunStarted,
    Source,
    ToolDone,
    ToolReady,
    TurnFinished,
    TurnStarted,
    UiA2ui,
    UiPatch,
    UiPut,
    UiRemoved,
)
from salon.contracts.patch import PatchError, apply_patch
from salon.contracts.types import AgentCard, Author, DataPart, FilePart, Member, TextPart
from salon.contracts.wire import Ephemeral, Welcome

RECENT = 20
"""Messages of a room's past that a newcomer is shown."""


@dataclass
class Reader:
    """One person's view of one room.

    `is_mine` says whether an action id is one that this client sent: what a person typed need not be shown again.
    """

    is_mine: Callable[[str], bool] = lambda _: False
    user: str | None = None
    mode: Source = "model"
    team: str | None = None
    floor: str | None = None
    roster: list[AgentCard] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)
    runs: set[str] = field(default_factory=set)
    questions: dict[str, Interrupted] = field(default_factory=dict)
    status: dict[str, str] = field(default_factory=dict)
    _turns: dict[str, TurnStarted] = field(default_factory=dict)
    _open: dict[str, MsgStarted] = field(default_factory=dict)
    _told: dict[str, int] = field(default_factory=dict)
    _calls: dict[str, ToolReady] = field(default_factory=dict)
    _surfaces: dict[str, UiPut] = field(default_factory=dict)
    _changed: dict[str, None] = field(default_factory=dict)
    _joined: bool = False

    def welcome(self, welcome: Welcome) -> None:
        """The connection is up, under this user and with these models."""
        self.user = welcome.user
        self.mode = "mock" if welcome.mode == "mock" else "model"

    def read(self, step: News | Picture) -> list[Shown]:
        """What the room's log brings."""
        if isinstance(step, Picture):
            return list(self._picture(step))
        return [shown for entry in step.entries for shown in self._entry(entry)]

    def present(self, members: dict[str, Member]) -> None:
        """Who is in the room, by connection."""
        self.members = dict(members)

    def presence(self, change: Ephemeral) -> list[Shown]:
        """Who came and who went; people only are told of, one line each."""
        notes: list[Shown] = []
        known = {member.user for member in self.members.values()}
        for member in change.joins:
            self.members[member.client] = member
            if member.user not in known and member.role == "user":
                notes.append(Note(f"{clean(member.name or member.user)} came in"))
        for client in change.leaves:
            gone = self.members.pop(client, None)
            if gone and gone.role == "user" and all(m.user != gone.user for m in self.members.values()):
                notes.append(Note(f"{clean(gone.name or gone.user)} left"))
        return notes

    def name(self, user: str) -> str:
        """What to call a user or agent."""
        if user == self.user:
            return "you"
        named = next((member.name for member in self.members.values() if member.user == user and member.name), None)
        return clean(named or user)

    def activity(self) -> str | None:
        """What the agents do at this moment, for a status line; None in a quiet room."""
        call = next(reversed(self._calls.values()), None)
        if call is not None and call.agent is not None:
            return f"{call.agent} uses {one_line(call.name, 40)}"
        if self.questions:
            return "waiting for an answer"
        if self.status:
            agent, status = next(reversed(self.status.items()))
            return f"{agent} is {status}"
        return "working" if self.runs else None

    def question(self) -> Interrupted | None:
        """The oldest open question that this reader may answer."""
        return next((q for q in self.questions.values() if self._may_answer(q)), None)

    def _picture(self, picture: Picture) -> Iterator[Shown]:
        now = picture.snapshot
        again, self._joined = self._joined, True
        self.team, self.floor, self.roster = now.team, now.floor, now.roster
        self.runs = {run.run for run in now.runs}
        self._turns = {turn.turn: turn for turn in now.turns}
        self._calls = {call.call: call for call in now.calls}
        self.status = {agent.agent: agent.status for agent in now.agents if agent.status != "idle"}
        if picture.rewound and not any(message.message in self._told for message in now.messages):
            yield Note("the server started afresh: it no longer has what was said before", "warn")
        messages = [message for message in now.messages if self._told.get(message.message, -1) < _length(message)]
        for message in messages if again else messages[-RECENT:]:
            yield from self._done(message)
        self._told.update({message.message: _length(message) for message in now.messages})
        before, self._surfaces = self._surfaces, {surface.surface: surface for surface in now.surfaces}
        for surface in now.surfaces:
            if surface != before.get(surface.surface):
                yield Surfaced(surface, changed=surface.surface in before)
        self._open = {}
        for started in now.open_messages:
            self._open[started.message] = started
            text = now.partial.get(started.message, "")
            yield from self._speech(started.message, text, len(text))
        asked, self.questions = self.questions, {q.interrupt: q for q in now.interrupts}
        for question in now.interrupts:
            if question.interrupt not in asked:
                yield Asked(question, self._may_answer(question))

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
                yield from self._ui(body)
            case Interrupted() | Resolved():
                yield from self._asking(body, mine=mine)
            case Handoff():
                self.floor = body.target
                yield Note(f"{body.source} → {body.target}{_because(body.reason)}", "handoff")
            case FloorGiven():
                yield Note(f"{self.name(body.by)} gave the floor to {body.agent}", "handoff")
            case RoomForked():
                yield Note(f"forked at {body.at}; the new room: salon chat --room {body.room}", "good")
            case RoomOpened():
                self.team, self.roster = body.team, body.roster
            case RunStarted() | RunFinished() | TurnStarted() | TurnFinished() | AgentStatus():
                yield from self._course(body)
            case _:
                pass

    def _message(self, body: MsgStarted | MsgDelta | MsgDone | MsgRemoved, *, mine: bool) -> Iterator[Shown]:
        match body:
            case MsgStarted():
                self._open[body.message] = body
            case MsgDelta():
                yield from self._speech(body.message, body.text, body.at)
            case MsgDone():
                yield from self._done(body, mine=mine and body.author.role == "user")
            case MsgRemoved():
                self._open.pop(body.message, None)
                yield Note("a message was taken back")

    def _speech(self, message: str, text: str, at: int) -> Iterator[Shown]:
        """The part of `text`, which ends at code point `at` of its message, that was not shown yet."""
        started = self._open.get(message)
        new = at - self._told.get(message, 0)
        if started is None or new <= 0:
            return
        self._told[message] = at
        yield Speech(message, self._author(started.author), clean(text[-new:]), self._is_mock(started.turn))

    def _done(self, body: MsgDone, *, mine: bool = False) -> Iterator[Shown]:
        started = self._open.pop(body.message, None)
        told, text = self._told.get(body.message, 0), _text(body)
        self._told[body.message] = _length(body)
        mock = body.source == "mock" and self.mode != "mock"
        author = self._author(body.author)
        if told or started:
            if rest := text[told:]:
                yield Speech(body.message, author, clean(rest), mock)
            yield SpeechEnded(body.message, partial=bool(body.partial))
        elif text:
            yield Said(author, clean(text), mine=mine, mock=mock)

    def _tool_done(self, done: ToolDone) -> Iterator[Shown]:
        call = self._calls.pop(done.call, None)
        if call is None:
            return
        arguments = brief(call.args) if call.args else ""
        outcome = f"→ {brief(done.output)}" if done.ok else f"failed: {brief(done.output)}"
        by = f"{call.agent}: " if call.agent else ""
        yield Note(f"{by}{one_line(call.name, 40)}({arguments}) {outcome}", "tool" if done.ok else "warn")

    def _ui(self, body: UiPut | UiPatch | UiRemoved | UiA2ui) -> Iterator[Shown]:
        match body:
            case UiPut():
                changed = body.surface in self._surfaces
                self._surfaces[body.surface] = body
                if changed:
                    self._changed[body.surface] = None
                else:
                    yield Surfaced(body)
            case UiPatch():
                self._patch(body)
            case UiRemoved():
                self._surfaces.pop(body.surface, None)
                self._changed.pop(body.surface, None)
            case UiA2ui():
                yield Note(f"{body.owner} shows an A2UI surface, which a terminal cannot")

    def _patch(self, body: UiPatch) -> None:
        surface = self._surfaces.get(body.surface)
        if surface is None:
            return
        try:
            props = apply_patch(surface.props, body.ops)
        except PatchError:
            return  # what is shown stays as it was; the next picture brings it up to date
        if isinstance(props, dict):
            self._surfaces[body.surface] = surface.model_copy(update={"props": props, "version": body.version})
            # Shown when the turn ends: a progress bar of a hundred steps is not a hundred bars.
            self._changed[body.surface] = None

    def _asking(self, body: Interrupted | Resolved, *, mine: bool) -> Iterator[Shown]:
        if isinstance(body, Interrupted):
            self.questions[body.interrupt] = body
            yield Asked(body, self._may_answer(body))
            return
        question = self.questions.pop(body.interrupt, None)
        about = f"{question.agent}'s question" if question else "the question"
        who = self.name(body.by) if body.by else "someone"
        match body.status:
            case "resolved" if mine:
                yield Note(f"answered: {brief(body.value)}", "good")
            case "resolved":
                yield Note(f"{who} answered {about}: {brief(body.value)}", "good")
            case "cancelled":
                yield Note(f"{who} declined {about}" if body.by else f"{about} was withdrawn", "warn")
            case "expired":
                yield Note(f"nobody answered {about} in time", "warn")

    def _course(self, body: RunStarted | RunFinished | TurnStarted | TurnFinished | AgentStatus) -> Iterator[Shown]:
        match body:
            case RunStarted():
                self.runs.add(body.run)
            case RunFinished():
                self.runs.discard(body.run)
                yield from self._changes()
                if not self.runs:
                    self._calls.clear()
                    self.status.clear()
                if body.outcome == "cancelled":
                    yield Note(f"stopped{_because(body.reason)}", "warn")
                elif body.outcome == "error":
                    yield Note(f"this did not work{_because(body.reason)}", "bad")
            case TurnStarted():
                self._turns[body.turn], self.floor = body, body.agent
                if why := _chosen(body):
                    yield Note(why)
            case TurnFinished():
                self._turns.pop(body.turn, None)
                yield from self._changes()
                if body.outcome == "error":
                    yield Note(f"the turn failed{_because(body.reason)}", "warn")
            case AgentStatus(status="idle"):
                self.status.pop(body.agent, None)
            case AgentStatus():
                self.status[body.agent] = body.status

    def _changes(self) -> Iterator[Shown]:
        changed, self._changed = list(self._changed), {}
        for surface in changed:
            if surface in self._surfaces:
                yield Surfaced(self._surfaces[surface], changed=True)

    def _author(self, author: Author) -> str:
        return "you" if author.id == self.user else clean(author.name or author.id)

    def _may_answer(self, question: Interrupted) -> bool:
        return question.allowed is None or self.user in question.allowed

    def _is_mock(self, turn: str | None) -> bool:
        started = self._turns.get(turn) if turn else None
        return started is not None and started.source == "mock" and self.mode != "mock"


def _text(message: MsgDone) -> str:
    streamed = message.author.role == "agent"
    texts: list[str] = []
    for part in message.parts:
        match part:
            case TextPart():
                texts.append(part.text)
            case FilePart():
                texts.append(f"[file {part.name or part.file_id}]")
            case DataPart():
                texts.append(f"[{part.name}: {brief(part.data, 100)}]")
            case _:
                pass
    return ("" if streamed else "\n").join(texts)


def _length(message: MsgDone) -> int:
    return len(_text(message))


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
            return f"{turn.agent} speaks{_because(turn.chosen.reason or 'it is next in the team’s order')}"
        case _:
            return None
