"""A small library of own texts, and a ranked search over it. Reads its files once."""

from dataclasses import dataclass
from functools import cache
from importlib import resources

from salon.skills.documents import Document, DocumentIndex, stems


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
    known, index = _indexed()
    return [Hit(known[hit.document], hit.score, hit.passage) for hit in index.search(query, limit)]


def find(title: str) -> Article | None:
    """The article of that title, in whatever case, or the one whose title has all of the words."""
    words = set(stems(title))
    exact = [article for article in articles() if article.title.lower() == title.strip().lower()]
    near = [article for article in articles() if words and words <= set(stems(article.title))]
    return next(iter([*exact, *near]), None)


@cache
def _indexed() -> tuple[dict[Document, Article], DocumentIndex]:
    known = {Document(article.title, article.text, about=article.topic): article for article in articles()}
    return known, DocumentIndex(known)


def _read(source: str) -> Article:
    title, topic, text = source.strip().split("\n\n", 2)
    return Article(title.removeprefix("# "), topic.removeprefix("Topic: "), text)
