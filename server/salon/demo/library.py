"""A small library of own texts, and a ranked search over it (BM25 on word stems). Reads its files once."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_COMMON_WORDS = (
    "a about an and are as at be but by do does for from have how i in is it its know many me much of on or tell that "
    "the their them there they this to was we what when where which who why with you your"
)
_COMMON = frozenset(_COMMON_WORDS.split())
_SATURATION, _LENGTH = 1.4, 0.6  # BM25's k1 and b: how much repetition counts, and how much long texts are held back
_TITLE_COUNTS = 4  # a word in the title weighs as much as this many in the text


@dataclass(frozen=True, slots=True)
class Article:
    """A text of the library."""

    title: str
    topic: str
    text: str

    @property
    def paragraphs(self) -> list[str]:
        """The text in pieces that can be quoted."""
        return self.text.split("\n\n")


@dataclass(frozen=True, slots=True)
class Hit:
    """A found article; `score` is above 0, and `passage` is the paragraph that answers best."""

    article: Article
    score: float
    passage: str


@cache
def articles() -> tuple[Article, ...]:
    """All texts, by title."""
    folder = resources.files("salon.demo") / "articles"
    found = [_read(file.read_text(encoding="utf-8")) for file in folder.iterdir() if file.name.endswith(".md")]
    return tuple(sorted(found, key=lambda article: article.title))


def search(query: str, limit: int = 5) -> list[Hit]:
    """The articles that speak of the query, best first; none when no word of it occurs."""
    words = list(dict.fromkeys(_stems(query)))
    texts = [_counted(article) for article in articles()]
    average = sum(text.total() for text in texts) / len(texts)
    hits: list[Hit] = []
    for article, text in zip(articles(), texts, strict=True):
        score = _score(words, text, texts, average)
        if score > 0:
            passage = max(article.paragraphs, key=lambda part: _score(words, Counter(_stems(part)), texts, 40))
            hits.append(Hit(article, round(score, 2), passage))
    return sorted(hits, key=lambda hit: (-hit.score, hit.article.title))[:limit]


def find(title: str) -> Article | None:
    """The article of that title, in whatever case, or the one whose title has all of the words."""
    words = set(_stems(title))
    exact = [article for article in articles() if article.title.lower() == title.strip().lower()]
    near = [article for article in articles() if words and words <= set(_stems(article.title))]
    return next(iter([*exact, *near]), None)


def _read(source: str) -> Article:
    title, topic, text = source.strip().split("\n\n", 2)
    return Article(title.removeprefix("# "), topic.removeprefix("Topic: "), text)


@cache
def _counted(article: Article) -> Counter[str]:
    return Counter(_stems(article.text) + _stems(f"{article.title} {article.topic}") * _TITLE_COUNTS)


def _score(words: Sequence[str], text: Counter[str], texts: Sequence[Counter[str]], average: float) -> float:
    score = 0.0
    for word in words:
        if count := text[word]:
            holders = sum(1 for other in texts if word in other)
            rarity = math.log(1 + (len(texts) - holders + 0.5) / (holders + 0.5))
            score += (
                rarity
                * count
                * (_SATURATION + 1)
                / (count + _SATURATION * (1 - _LENGTH + _LENGTH * text.total() / average))
            )
    return score


def _stems(text: str) -> list[str]:
    """Words in lower case without the commonest ones and without plural endings."""
    words = [word for word in _WORD.findall(text.lower()) if word not in _COMMON]
    return [_singular(word) for word in words]


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("oes"):
        return word[:-2]
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us")) else word
