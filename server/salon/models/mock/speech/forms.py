"""Texts of some length in the form that a request asks for: poem, email, story, plan or essay. Pure."""

import random
import re
from dataclasses import dataclass

from salon.models.mock.filling.plausible import heading

_FORMS = (
    ("verse", re.compile(r"\b(?:poem|verse|haiku|limerick|sonnet|rhyme|song|lyrics)\b", re.IGNORECASE)),
    ("mail", re.compile(r"\b(?:e-?mail|letter|reply|newsletter|announcement|message to)\b", re.IGNORECASE)),
    ("story", re.compile(r"\b(?:story|tale|joke|anecdote)\b", re.IGNORECASE)),
    (
        "plan",
        re.compile(
            r"\b(?:plan|steps|itinerary|agenda|checklist|schedule|roadmap|how (?:do i|can i|should|to))\b",
            re.IGNORECASE,
        ),
    ),
    (
        "essay",
        re.compile(
            r"\b(?:write|draft|compose|explain|describe|essay|article|post|report|tell me (?:about|a|more)|in detail"
            r"|longer|elaborate|paragraph|compare|summari[sz]e|overview|why)\b",
            re.IGNORECASE,
        ),
    ),
)
_QUESTION_WORD = re.compile(r"^(?:how|why|what|who|when|where|whether|which)\b", re.IGNORECASE)


def form_of(request: str) -> str | None:
    """The form that a request asks for, or None when it wants a plain answer."""
    return next((form for form, pattern in _FORMS if pattern.search(request)), None)


@dataclass(frozen=True, slots=True)
class Forms:
    """Writes about one subject.

    Args:
        subject: what to write about, in a few words.
        opening: "As an editor, " or nothing.
        recipient: whom an email is for.
        chance: decides between wordings.
    """

    subject: str
    opening: str
    recipient: str | None
    chance: random.Random

    def write(self, form: str) -> str:
        """The text in a form of `form_of`."""
        writers = {"verse": self._verse, "mail": self._mail, "story": self._story, "plan": self._plan}
        return writers.get(form, self._essay)()

    def _pick(self, *options: str) -> str:
        return self.chance.choice(options)

    def _topic(self) -> str:
        """The subject as something a sentence can be about."""
        return f"the question {self.subject}" if is_question(self.subject) else self.subject

    def _salutation(self) -> str:
        name = (self.recipient or "all").partition("@")[0]
        return capital(name) if self.recipient and "@" in self.recipient else name

    def _essay(self) -> str:
        topic = self._topic()
        start = self._pick(
            f"{capital(topic)} is easier to grasp when one begins with a plain question: what is it for?",
            f"There are many ways to look at {topic}, and the most useful one depends on what you want to do with it.",
            f"Whoever meets {topic} for the first time sees the surface; the interesting part lies beneath it.",
        )
        middle = [
            f"It helps to separate what is known about {topic} from what is merely repeated.",
            "A second look shows how much it touches everyday work: small decisions decide what is possible later.",
            f"Numbers help, yet a single well-chosen example often says more about {topic} than a table does.",
            "People who know the field agree on one thing: start small, watch closely, change one thing at a time.",
            "The usual mistake is to ask for everything at once.",
        ]
        self.chance.shuffle(middle)
        close = self._pick(
            f"In short, {topic} rewards patience, curiosity and a clear goal; the rest can be learned on the way.",
            f"All this makes {topic} less a fixed thing than a practice, and one that gets better each round.",
        )
        return " ".join([capital(f"{self.opening}I would put it like this."), start, *middle[:4], close])

    def _verse(self) -> str:
        subject = self._topic()
        pairs = [
            (
                f"I went to look for {subject} at the breaking of the day,",
                "and found it where the quiet things have always been at play.",
            ),
            (
                f"It did not speak of {subject} as the clever people do;",
                "it hummed a line, it let it go, and handed it to you.",
            ),
            (
                "The morning kept its promises, the evening kept its light,",
                f"and {subject} went on shining through the middle of the night.",
            ),
            (
                f"So if they ask what {subject} means, and no one wants to say,",
                "just leave the window open, and it may come in to stay.",
            ),
        ]
        self.chance.shuffle(pairs)
        return "\n\n".join([f"**{heading(self.subject)}**", *("\n".join(pair) for pair in pairs[:3])])

    def _mail(self) -> str:
        topic = self._topic()
        lead = self._pick("In brief, this is where we stand", "Here is the short version")
        more = self._pick("I have kept it short on purpose.", "The longer version can follow.")
        ask = self._pick(
            "Could you let me know by Friday what you think?", "I would be glad to hear your thoughts this week."
        )
        return (
            f"Subject: {heading(self.subject)}\n\n"
            f"Hello {self._salutation()},\n\n"
            f"I am writing about {topic}. {lead}: the main points are clear, a few details are open, and the "
            f"next step is ours to take. {more}\n\n"
            "I suggest that we agree on one owner, one date and one sentence that says what success looks like. "
            f"{ask}\n\n"
            "Kind regards"
        )

    def _story(self) -> str:
        who = self._pick("Mira", "Jonas", "Ada", "Old Tom", "Leila")
        turn = self._pick(
            "By the time the train came, the day had a plan.",
            "Nobody on the platform understood why, and that was the best part.",
        )
        topic = self._topic()
        return (
            f"{who} had never given much thought to {topic}. That changed on a Tuesday, when the train was late and a "
            f"stranger left a note on the bench: look closer. So {who} did. At first there was nothing to see, only "
            f"{topic}, as it always had been. Then the details began to talk: a corner worn smooth by "
            f"hands, a number that did not fit, a joke that someone had hidden there. {who} laughed aloud. {turn} "
            f"Ever since, whenever {topic} comes up, {who} smiles, says nothing, and leaves a note on the bench."
        )

    def _plan(self) -> str:
        topic = self._topic()
        lead = self._pick(f"{self.opening}I suggest this for {topic}:", f"{self.opening}here is a way through {topic}:")
        steps = (
            f"Write down in one sentence what {topic} should lead to.",
            "List what is fixed already: dates, budget, people.",
            "Sketch two rough versions and compare them.",
            "Take the better one and fill in the details, most important first.",
            "Agree on who does what, and on the day to look at it again.",
        )
        return "\n".join([capital(lead), *(f"{number}. {step}" for number, step in enumerate(steps, 1))])


def is_question(subject: str) -> bool:
    """Whether a subject is a question of its own, like "how tides work"."""
    return bool(_QUESTION_WORD.match(subject))


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]
