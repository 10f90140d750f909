"""What models may remember of a conversation, in the order in which its agents heard it. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field

from salon.contracts.events import MsgDone, RoomEvent

TRANSCRIPT_EVENTS = 240
"""The newest events that models may remember; the memory strategy of each agent takes less."""

OPENING_EVENTS = 20
"""The first events of the conversation, kept for strategies that remember how it began."""

UNHEARD = 256
"""Messages said during a run that are kept apart until theirs begins: more than runs can wait. Talk among people, which
gets none, is among them."""


@dataclass(slots=True)
class Transcript:
    """`events` are the newest; `opening` is how they begin, or began.

    `unheard` names, by the cause that they share with a run to come, messages whose place is where that run begins.
    """

    events: list[RoomEvent] = field(default_factory=list)
    opening: list[RoomEvent] = field(default_factory=list)
    unheard: dict[str, str] = field(default_factory=dict)

    def copy(self) -> "Transcript":
        """An independent one; the events in it are shared because nobody changes them."""
        return Transcript([*self.events], [*self.opening], {**self.unheard})

    def add(self, event: RoomEvent) -> None:
        """One more event."""
        if len(self.opening) == len(self.events) < OPENING_EVENTS:  # it is how they begin, without a gap
            self.opening.append(event)
        self.events.append(event)
        if len(self.events) >= 2 * TRANSCRIPT_EVENTS:  # cut in bulk: amortised O(1) per event
            del self.events[:-TRANSCRIPT_EVENTS]

    def take(self, gone: Callable[[RoomEvent], bool]) -> None:
        """Take those back that are gone."""
        self.opening = [event for event in self.opening if not gone(event)]
        self.events = [event for event in self.events if not gone(event)]

    def said(self, cause: str, message: str) -> None:
        """A person said something during a run; it asks for the run of the same cause, if there will be one."""
        self.unheard[cause] = message
        if len(self.unheard) > UNHEARD:
            del self.unheard[next(iter(self.unheard))]

    def heard(self, cause: str) -> None:
        """A run begins: what was said during others, and asks for this one, has its place here."""
        wanted = self.unheard.pop(cause, None)
        said = next((event for event in self.events if isinstance(event, MsgDone) and event.message == wanted), None)
        if said is not None:  # not taken back meanwhile
            self.take(lambda event: event is said)
            self.add(said)
