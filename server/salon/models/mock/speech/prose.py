"""What the mock says: answers in the agent's role, drawn from the conversation, never the same words for all. Pure.

It always says somewhere, lightly, that it simulates. All choices come from the conversation's seed.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from salon.models.mock.conversation import Conversation
from salon.models.mock.filling.plausible import heading
from salon.models.mock.filling.request import Request
from salon.models.mock.offers import Offer, is_handoff
from salon.models.mock.speech.forms import Forms, capital, form_of, is_question
from salon.models.mock.speech.recall import facts_of, recall
from salon.models.mock.speech.results import clipped, listed, readable
from salon.models.words import content_words, split_words

_GREETING = re.compile(
    r"^\W*(?:hi|hello|hey|hallo|good (?:morning|afternoon|evening|day)|greetings|howdy)\b", re.IGNORECASE
)
_THANKS = re.compile(
    r"^\W*(?:thanks|thank you|thx|cheers|great|perfect|awesome|wonderful|nice|well done)\b", re.IGNORECASE
)
_ABOUT_YOU = re.compile(
    r"\b(?:what can you do|who are you|what are you|how can you help|what do you do|introduce yourself"
    r"|your (?:name|job|role|skills))\b",
    re.IGNORECASE,
)
_UNNAMED = "your question"
_ASIDES = (
    "(A simulated answer: no model key is set.)",
    "(I'm the built-in mock, so take this as a rehearsal.)",
    "(Simulated offline; with a model key, a real model takes my place.)",
    "(That was the mock model speaking.)",
    "(Offline rehearsal: the words are simulated, the rest of the room is real.)",
)


@dataclass(frozen=True, slots=True)
class Role:
    """Who the agent is, as far as its system prompt says.

    Args:
        sentence: the prompt's first sentence.
        title: "a careful analyst", taken from "You are a careful analyst …"; may be empty.
    """

    sentence: str
    title: str


def role_of(prompt: Sequence[str]) -> Role:
    """The role in a system prompt."""
    lines = [line.strip() for part in prompt for line in part.splitlines()]
    text = " ".join(line for line in lines if line and not line.startswith("#"))
    sentence = re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0][:240] if text else ""
    match = re.match(r"(?:you are|you're|i am|act as|your role is)\s+(.+)", sentence, re.IGNORECASE)
    title = match.group(1).rstrip(".!") if match else ""
    title = re.split(r"\s+(?:who|that|which|and you)\b|[,.;:(]", title)[0].strip()
    return Role(sentence, title if len(title) <= 70 else "")


class Prose:
    """Words for one answer.

    Args:
        conversation: what is asked and what has happened.
        role: who the agent is.
        offers: what it could do; it mentions them when asked about itself.
    """

    def __init__(self, conversation: Conversation, role: Role, offers: Sequence[Offer] = ()) -> None:
        self._conversation = conversation
        self._request = Request(conversation.request)
        subject = clipped(self._request.subject.strip(" .,!?\"'"), 80)
        self._subject = _UNNAMED if not content_words(subject) or is_question(subject) else subject
        self._offers = offers
        self._title = role.title
        self._opening = f"As {role.title}, " if role.title else ""
        self._chance = random.Random(conversation.seed)  # noqa: S311  # variety, not a secret

    def answer(self) -> str:
        """The answer to the request."""
        body = self._body()
        return f"{body}{chr(10) * 2 if chr(10) in body else ' '}{self._chance.choice(_ASIDES)}"

    def document(self) -> str:
        """A text for a tool that wants a document, email or story."""
        forms = Forms(self._request.subject, "", self._request.recipient, random.Random(self._conversation.seed))  # noqa: S311
        form = form_of(self._conversation.request)
        text = forms.write("essay" if form in (None, "plan") else form)
        # The tool has a field of its own for the subject.
        return text.split("\n\n", 1)[1] if form == "mail" else text

    def reason(self, target: str, clause: str | None = None) -> str:
        """Why the floor goes to `target`, for people to read; `clause` is the part of the request it is about."""
        return f"This is for {target}: {clipped((clause or self._request.phrase).rstrip('.?! '), 80)}"

    def _body(self) -> str:
        text = self._conversation.request
        if any(not is_handoff(outcome.name) for outcome in self._conversation.outcomes):
            return self._results()
        if (remembered := recall(self._conversation)) is not None:
            return remembered
        if (small := self._small_talk(text)) is not None:
            return small
        if told := facts_of([text]):
            noted = self._pick("Noted", "Good to know", "I will keep that in mind")
            return f"{noted}: {listed([fact for _, fact in told])}. {self._pick('What can I do for you?', 'Go on.')}"
        form = form_of(text)
        if form is None:
            return self._short()
        written = Forms(self._request.subject, self._opening, self._request.recipient, self._chance).write(form)
        return f"{written}\n\n{heard}" if (heard := self._heard()) else written

    def _pick(self, *options: str) -> str:
        return self._chance.choice(options)

    def _small_talk(self, text: str) -> str | None:
        words = content_words(text)
        if _ABOUT_YOU.search(text):
            who = f"I'm {self._title}." if self._title else "I'm an agent in this room."
            return f"{who} {self._abilities()}{self._pick('Just say what you need.', 'Ask away.')}"
        if _GREETING.match(text) and len(words) < 3:
            hello = self._pick("Hello!", "Hi there!", "Welcome!", "Good to see you.")
            who = f" I'm {self._title}." if self._title else ""
            return (
                f"{hello}{who} {self._abilities()}{self._pick('What would you like to do?', 'Where shall we start?')}"
            )
        if _THANKS.match(text) and len(split_words(text)) < 8:
            first = self._pick("You're welcome!", "My pleasure.", "Any time.", "Glad that helped.")
            return f"{first} {self._pick('What comes next?', 'I will be here.', 'Is there anything you would change?')}"
        if not words:
            return self._pick("All right. What shall we look at?", "I'm here when you need me.", "Good. Over to you.")
        return None

    def _abilities(self) -> str:
        tools = [offer.name.replace("_", " ") for offer in self._offers if offer.target is None]
        people = [offer.target for offer in self._offers if offer.target]
        able = f"I can use {listed(tools[:5])}. " if tools else ""
        return f"{able}I can pass you on to {listed(people[:6])}. " if people else able

    def _results(self) -> str:
        outcomes = [outcome for outcome in self._conversation.outcomes if not is_handoff(outcome.name)]
        parts: list[str] = []
        for outcome in outcomes:
            name = outcome.name.replace("_", " ")
            if outcome.failed:
                parts.append(f"{capital(name)} did not work this time, so I could not use it.")
                continue
            said = readable(outcome.text).rstrip(".")
            ended = "" if "\n" in said else "."
            parts.append(f"{heading(name)}: {said}{ended}" if len(outcomes) > 1 else f"{said}{ended}")
        about = "it" if self._subject == _UNNAMED else self._subject
        lead = self._pick(
            f"{self._opening}I looked at {about}:",
            f"{self._opening}this is what came of {about}:",
            f"{self._opening}this is what I have on {about}:",
        )
        close = self._pick(
            "Tell me if you want it another way.", "What should change?", "If you need another angle, just say so."
        )
        return ("\n\n" if any("\n" in part for part in parts) else " ").join([capital(lead), *parts, close])

    def _short(self) -> str:
        about = self._subject
        first = self._pick(
            f"{self._opening}I take this to be about {about}.",
            f"{self._opening}I would look at {about} from two sides: what is known, and what you want to find out.",
            f"{self._opening}I can see why you bring up {about}.",
        )
        second = self._pick(
            "What matters most is usually what you want to have at the end, so let us name that first.",
            "A good next step is to pick one example and look at it closely.",
            "The details you give me decide how useful I can be: a number, a name or a date helps.",
        )
        third = self._heard() or self._pick("Shall I go on?", "Which part first?", "Tell me more and I'll sharpen it.")
        return f"{capital(first)} {second} {third}"

    def _heard(self) -> str:
        """A nod to what a colleague has just said."""
        heard = self._conversation.heard
        return f'I build on what was just said here: "{clipped(heard[-1], 90)}"' if heard else ""
