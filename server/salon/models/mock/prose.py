"""What the mock says: answers in the agent's role, drawn from the conversation, never the same words for all. Pure.

It always says somewhere, lightly, that it simulates. All choices come from the conversation's seed.
"""

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from salon.models.mock.choice import Offer
from salon.models.mock.conversation import Conversation, ToolOutcome
from salon.models.mock.extract import Request
from salon.models.mock.plausible import heading
from salon.models.mock.recall import facts_of, recall
from salon.models.mock.words import content_words, split_words

_GREETING = re.compile(
    r"^\W*(?:hi|hello|hey|hallo|good (?:morning|afternoon|evening|day)|greetings|howdy)\b", re.IGNORECASE
)
_THANKS = re.compile(r"^\W*(?:thanks|thank you|thx|cheers|great|perfect|awesome|wonderful|nice)\b", re.IGNORECASE)
_ABOUT_YOU = re.compile(
    r"\b(?:what can you do|who are you|what are you|how can you help|what do you do|your (?:name|job|role|skills)|introduce yourself)\b",
    re.IGNORECASE,
)
_VERSE = re.compile(r"\b(?:poem|verse|haiku|rhyme|song|lyrics)\b", re.IGNORECASE)
_MAIL = re.compile(r"\b(?:e-?mail|letter|reply|newsletter|announcement|message to)\b", re.IGNORECASE)
_STORY = re.compile(r"\b(?:story|tale|joke|anecdote|bedtime)\b", re.IGNORECASE)
_PLAN = re.compile(
    r"\b(?:plan|steps|itinerary|agenda|checklist|schedule|roadmap|how (?:do|can|should|to))\b", re.IGNORECASE
)
_LONG = re.compile(
    r"\b(?:write|draft|compose|explain|describe|essay|article|post|report|tell me (?:about|a|more)|in detail|longer|elaborate|paragraph"
    r"|compare|summari[sz]e|overview|why)\b",
    re.IGNORECASE,
)
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
        self._role = role
        self._offers = offers
        self._chance = random.Random(conversation.seed)  # noqa: S311  # variety, not a secret

    def answer(self) -> str:
        """The answer to the request."""
        text = self._conversation.request
        if self._conversation.outcomes and any(not _is_handoff(outcome) for outcome in self._conversation.outcomes):
            body = self._results()
        elif (remembered := recall(self._conversation)) is not None:
            body = remembered
        elif not text.strip():
            body = self._pick("I am here when you need me.", "What shall we look at?", "Over to you.")
        elif _ABOUT_YOU.search(text):
            body = self._myself()
        elif _GREETING.match(text) and len(content_words(text)) < 3:
            body = self._greeting()
        elif _THANKS.match(text) and len(split_words(text)) < 8:
            body = self._pick("You're welcome!", "My pleasure.", "Any time.", "Glad that helped.")
            body += self._pick(" What comes next?", " I'll be here.", " Is there anything you would change?")
        elif told := facts_of([text]):
            body = self._noted([wording for _, wording in told])
        else:
            body = self.text()
        return f"{body}\n\n{self._chance.choice(_ASIDES)}" if "\n" in body else f"{body} {self._chance.choice(_ASIDES)}"

    def text(self) -> str:
        """A text on the request's subject, in the form that it asks for."""
        request, subject = self._conversation.request, _trimmed(self._request.subject)
        if _VERSE.search(request):
            return self._verse(subject)
        if _MAIL.search(request):
            return self._mail(subject)
        if _STORY.search(request):
            return self._story(subject)
        if _PLAN.search(request):
            return self._plan(subject)
        if _LONG.search(request):
            return self._essay(subject)
        return self._short(_trimmed(self._request.phrase))

    def document(self) -> str:
        """A text for a tool that wants a document, email or story."""
        text = self.text()
        return text if len(text) > 200 else self._essay(_trimmed(self._request.subject))

    def reason(self, target: str) -> str:
        """Why the floor goes to `target`, for people to read."""
        return f"This is for {target}: {_trimmed(self._request.phrase)}"

    def _pick(self, *options: str) -> str:
        return self._chance.choice(options)

    def _as(self) -> str:
        """An opening in the agent's role, such as "As a careful analyst, "."""
        return f"As {self._role.title}, " if self._role.title else ""

    def _greeting(self) -> str:
        hello = self._pick("Hello!", "Hi there!", "Welcome!", "Good to see you.")
        who = f" I'm {self._role.title}." if self._role.title else ""
        return f"{hello}{who} {self._abilities()}{self._pick('What would you like to do?', 'Where shall we start?')}"

    def _myself(self) -> str:
        who = f"I'm {self._role.title}." if self._role.title else "I'm an agent in this room."
        return f"{who} {self._abilities()}{self._pick('Just say what you need.', 'Ask away.')}"

    def _abilities(self) -> str:
        tools = [offer.name.replace("_", " ") for offer in self._offers if offer.target is None]
        people = [offer.target for offer in self._offers if offer.target]
        parts: list[str] = []
        if tools:
            parts.append(f"I can use {_listed(tools[:5])}.")
        if people:
            parts.append(f"I can pass you on to {_listed(people[:6])}.")
        return f"{' '.join(parts)} " if parts else ""

    def _noted(self, facts: list[str]) -> str:
        return f"{self._pick('Noted', 'Good to know', 'I will keep that in mind')}: {_listed(facts)}. {self._pick('What can I do with it for you?', 'Ask me about it later in this conversation.')}"

    def _results(self) -> str:
        parts: list[str] = []
        for outcome in self._conversation.outcomes:
            if _is_handoff(outcome):
                continue
            name = outcome.name.replace("_", " ")
            if outcome.failed:
                parts.append(
                    f"The tool {name} did not work this time, so I could not use it; please try again or rephrase."
                )
                continue
            said = readable(outcome.text)
            lead = self._pick(
                f"Here is what {name} gave:", f"From {name}:", f"I used {name}, and got:", f"{heading(name)} says:"
            )
            parts.append(f"{lead}\n{said}" if "\n" in said else f"{lead} {said.rstrip('.')}.")
        about = _trimmed(self._request.subject)
        close = self._pick(
            f"That covers {about}; tell me if you want it another way.",
            f"So that is done for {about}. What should change?",
            f"If {about} needs another angle, just say so.",
        )
        lead = self._as()
        opening = f"{lead}I looked at {about}." if lead else f"I took care of {about}."
        return (
            "\n\n".join([opening, *parts, close])
            if any("\n" in part for part in parts)
            else " ".join([opening, *parts, close])
        )

    def _short(self, phrase: str) -> str:
        first = self._pick(
            f"{self._as()}I would start from what you said: {phrase}.",
            f"{self._as()}I take this to be about {phrase}.",
            f"On {phrase}: {self._as().lower() or 'speaking for myself, '}I see two things to settle first.",
        )
        second = self._pick(
            f"What matters most with {phrase} is usually what you want to have at the end, so let us name that first.",
            f"A good next step for {phrase} is to pick one example and look at it closely.",
            f"For {phrase}, the details you give me decide how useful I can be: a number, a name or a date helps.",
        )
        third = self._heard() or self._pick(
            "Shall I go on?", "Which part should I take first?", "Tell me more and I'll sharpen it."
        )
        return f"{_capital(first)} {second} {third}"

    def _heard(self) -> str:
        heard = self._conversation.heard
        if not heard:
            return ""
        return f'I build on what was just said here: "{_clipped(heard[-1], 90)}"'

    def _essay(self, subject: str) -> str:
        opening = self._pick(
            f"{_capital(subject)} is easier to grasp when one begins with a plain question: what is it for?",
            f"There are many ways to look at {subject}, and the most useful one depends on what you want to do with it.",
            f"Whoever meets {subject} for the first time sees the surface; the interesting part lies beneath it.",
        )
        middle = [
            f"First, it helps to separate what is known about {subject} from what is merely repeated.",
            f"A second look shows how {subject} touches everyday work: small decisions, made early, decide what is possible later.",
            f"Numbers help, yet a single well-chosen example often says more about {subject} than a table does.",
            f"People who know {subject} well tend to agree on one thing: start small, watch closely, and change one thing at a time.",
            f"The usual mistake with {subject} is to ask for everything at once.",
        ]
        self._chance.shuffle(middle)
        close = self._pick(
            f"In short, {subject} rewards patience, curiosity and a clear goal; with these three, the rest can be learned on the way.",
            f"Taken together, this makes {subject} less a fixed thing than a practice, and one that gets better with each round.",
        )
        return " ".join(
            [f"{_capital(self._as() + 'I would put it like this.')}", opening, *middle[:4], self._heard(), close]
        ).replace("  ", " ")

    def _verse(self, subject: str) -> str:
        lines = [
            [
                f"I went to look for {subject} at the breaking of the day,",
                "and found it where the quiet things have always been at play.",
            ],
            [
                f"It did not speak of {subject} as the clever people do;",
                "it hummed a line, it let it go, and handed it to you.",
            ],
            [
                "The morning kept its promises, the evening kept its light,",
                f"and {subject} went on shining through the middle of the night.",
            ],
            [
                f"So if they ask what {subject} means, and no one wants to say,",
                "just leave the window open, and it may come in to stay.",
            ],
        ]
        self._chance.shuffle(lines)
        return "\n\n".join([f"**{heading(subject)}**", *("\n".join(pair) for pair in lines[:3])])

    def _mail(self, subject: str) -> str:
        to = self._request.recipient or "all"
        ask = self._pick(
            "Could you let me know by Friday what you think?", "I would be glad to hear your thoughts this week."
        )
        return (
            f"Subject: {heading(subject)}\n\nHello {to},\n\n"
            f"I am writing about {subject}. {self._pick('In brief, this is where we stand', 'Here is the short version')}: the main points are clear, "
            f"a few details are open, and the next step is ours to take. {self._pick('I have kept it short on purpose.', 'The longer version can follow.')}\n\n"
            f"What I suggest is that we agree on one owner, one date and one sentence that says what success looks like for {subject}. "
            f"{ask}\n\nKind regards"
        )

    def _story(self, subject: str) -> str:
        who = self._pick("Mira", "Jonas", "Ada", "Old Tom", "Leila")
        return (
            f"{who} had never cared much for {subject}. That changed on a Tuesday, when the train was late and a stranger left a note on "
            f"the bench: look closer. So {who} did. At first there was nothing to see, only {subject}, as it always had been. Then, little by little, "
            f"the details began to talk: a corner worn smooth by hands, a number that did not fit, a joke that someone had hidden there years ago. "
            f"{who} laughed aloud. {self._pick('By the time the train came, the day had a plan.', 'Nobody on the platform understood why, and that was the best part.')} "
            f"Ever since, whenever {subject} comes up, {who} smiles and says nothing, and leaves a note on the bench."
        )

    def _plan(self, subject: str) -> str:
        steps = [
            f"Write down in one sentence what {subject} should lead to.",
            "List what is fixed already: dates, budget, people.",
            f"Sketch two rough versions of {subject} and compare them.",
            "Take the better one and fill in the details, most important first.",
            "Agree on who does what, and on the day to look at it again.",
        ]
        lead = self._pick(f"{self._as()}I suggest this for {subject}:", f"{self._as()}here is a way through {subject}:")
        return "\n".join([_capital(lead), *(f"{number}. {step}" for number, step in enumerate(steps, 1))])


def readable(text: str) -> str:
    """A tool's result for people: JSON becomes lines or a short list, long text is cut."""
    try:
        value: object = json.loads(text)
    except ValueError:
        return _clipped(text, 600)
    return _clipped(_rendered(value), 900)


def _rendered(value: object) -> str:
    if isinstance(value, dict):
        simple = all(not isinstance(each, dict | list) for each in value.values())
        if simple and len(value) <= 3:
            return ", ".join(f"{key.replace('_', ' ')}: {_rendered(each)}" for key, each in value.items())
        return "\n".join(f"- {str(key).replace('_', ' ')}: {_inline(each)}" for key, each in value.items())
    if isinstance(value, list):
        if all(not isinstance(each, dict | list) for each in value):
            return _listed([_rendered(each) for each in value]) if value else "nothing"
        return "\n".join(f"- {_inline(each)}" for each in value[:8])
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None else str(value)


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{str(key).replace('_', ' ')} {_inline(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(_inline(each) for each in value[:12])
    return _rendered(value)


def _is_handoff(outcome: ToolOutcome) -> bool:
    return outcome.name.startswith("transfer_to_")


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _clipped(text: str, most: int) -> str:
    text = text.strip()
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0]} …"


def _trimmed(subject: str) -> str:
    return _clipped(subject.strip(" .,!?\"'"), 80) or "your request"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
