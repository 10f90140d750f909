"""An index of texts in memory, searched by words (BM25 on word stems), and the tool with which agents search it."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_COMMON_WORDS = (
    "a about an and are as at be but by do does for from have how i in is it its know many me much of on or tell that "
    "the their them there they this to was we what when where which who why with you your"
)
_COMMON = frozenset(_COMMON_WORDS.split())
_SATURATION, _LENGTH = 1.4, 0.6  # BM25's k1 and b: how much repetition counts, and how much long texts are held back
_TITLE_COUNTS = 4  # a word in the title weighs as much as this many in the text
_PASSAGE = 40  # words of a usual paragraph

MOST_HITS = 20
LONGEST_PASSAGE = 1_200


@dataclass(frozen=True, slots=True)
class Document:
    """A text that can be found, also by the words of its title and of `about`."""

    title: str
    text: str
    about: str = ""

    @property
    def paragraphs(self) -> list[str]:
        """The text in pieces that can be quoted."""
        return [part for part in self.text.split("\n\n") if part.strip()] or [self.text]


@dataclass(frozen=True, slots=True)
class Hit:
    """A found document; `score` is above 0, and `passage` is the paragraph that answers best."""

    document: Document
    score: float
    passage: str


class DocumentIndex:
    """Documents in memory, ranked by a query's words.

        manual = DocumentIndex()
        manual.add("Refunds", "Refunds are paid within 14 days.")
        agent = Agent("support", "You answer from the manual.", tools=[manual.search_documents])

    Args:
        documents: what it holds from the start.
    """

    def __init__(self, documents: Iterable[Document] = ()) -> None:
        self._words: dict[Document, Counter[str]] = {}
        self._holders: Counter[str] = Counter()
        self._total = 0
        for document in documents:
            self._put(document)

    def __len__(self) -> int:
        return len(self._words)

    def add(self, title: str, text: str, *, about: str = "") -> None:
        """Adds a text. One that is there already is not added twice."""
        self._put(Document(title, text, about))

    def clear(self) -> None:
        """Removes all documents."""
        self._words.clear()
        self._holders.clear()
        self._total = 0

    def search(self, query: str, limit: int = 5) -> list[Hit]:
        """The documents that speak of the query, best first; none when no word of it occurs."""
        words = list(dict.fromkeys(stems(query)))
        if not words or not self._words:
            return []
        average = self._total / len(self._words) or 1
        # A copy: this runs in a thread, and others may be added meanwhile.
        scored = [(round(self._score(words, counted, average), 2), each) for each, counted in list(self._words.items())]
        best = sorted((found for found in scored if found[0] > 0), key=lambda found: (-found[0], found[1].title))
        return [Hit(document, score, self._passage(words, document)) for score, document in best[:limit]]

    def search_documents(self, query: str, limit: int = 5) -> str:
        """Searches the documents and gives the passages that answer best, each with the title of its document.

        Args:
            query: what to look for, in words that the documents may use.
            limit: how many passages to give, at most 20.
        """
        if not self._words:
            return "There are no documents to search."
        hits = self.search(query, min(max(limit, 1), MOST_HITS))
        if not hits:
            return "No document speaks of that. Try other words."
        return "\n\n".join(f"[{hit.document.title}]\n{hit.passage.strip()[:LONGEST_PASSAGE]}" for hit in hits)

    def _put(self, document: Document) -> None:
        if document in self._words:
            return
        counted = Counter(stems(document.text) + stems(f"{document.title} {document.about}") * _TITLE_COUNTS)
        self._words[document] = counted
        self._holders.update(counted.keys())
        self._total += counted.total()

    def _passage(self, words: Sequence[str], document: Document) -> str:
        return max(document.paragraphs, key=lambda part: self._score(words, Counter(stems(part)), _PASSAGE))

    def _score(self, words: Sequence[str], counted: Counter[str], average: float) -> float:
        score, documents, length = 0.0, len(self._words), counted.total()
        for word in words:
            if count := counted[word]:
                rarity = math.log(1 + (documents - self._holders[word] + 0.5) / (self._holders[word] + 0.5))
                held_back = _SATURATION * (1 - _LENGTH + _LENGTH * length / average)
                score += rarity * count * (_SATURATION + 1) / (count + held_back)
        return score


def stems(text: str) -> list[str]:
    """Words in lower case without the commonest ones and without plural endings."""
    return [_singular(word) for word in _WORD.findall(text.lower()) if word not in _COMMON]


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("oes"):
        return word[:-2]
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us")) else word


documents = DocumentIndex()
search_documents = documents.search_documents
"""The server's own documents: what agents with `tools=["search_documents"]` search. Applications fill it at start."""
