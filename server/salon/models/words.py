"""Words as the mock understands them: tokens without grammar, and how closely two of them are related. Pure."""

import re
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?", re.UNICODE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_COMMON = """
a about above after again all also am an and another any anyone anything are aren't around as ask asks at away back be
because been before being between both but by call can can't could did didn't do does doesn't doing don't done down
each else every everything few for from get gets getting give gives go goes going good got great had has have having
he hello help helps her here hey hi him his how i i'd i'll i'm i've if in into is isn't it it's its just know let
let's like look lot make makes making many may maybe me might more most much must my need needs new no not now of off
ok okay on one only or other our out over please put really same say says see she should show shows so some someone
something soon such take takes tell tells than thank thanks that that's the their them then there these they thing
things think this those through to today too try under up us use used uses user users using very via want wanted wants
was way we well went were what what's when where which while who whole why will with won't would yes yet you you're
your yours agent agents assistant conversation expert hand handle handles handoff helpful request requests specialist
speak talk task tasks tool tools transfer intents intent whenever e.g eg etc i.e ie person people floor turn answer
answers question questions kind per
"""
STOP_WORDS = frozenset(_COMMON.split())
"""Words that say nothing about what somebody wants."""

# Words that mean nearly the same in requests; each line is one idea.
_IDEAS = (
    "chart graph plot draw diagram visualize visualise histogram dashboard analyst",
    "analyst analyze analyse analysis analytics data statistic metric trend kpi insight compare comparison breakdown",
    "analyst number average median percentage cost expense statistic",
    "revenue sale profit turnover income earning financial finance margin budget",
    "plan planner planning itinerary schedule roadmap timeline milestone agenda organize organise steps prepare",
    "trip travel journey weekend vacation holiday itinerary visit flight hotel",
    "research researcher investigate search find lookup source fact reference paper article study evidence latest news",
    "write writer writing draft compose author essay blog story poem haiku copy letter prose text rewrite reword",
    "email mail message send newsletter letter inbox",
    "edit editor proofread revise shorten polish rephrase",
    "calculate calculator compute calculation math maths arithmetic expression sum multiply add",
    "weather forecast temperature rain sunny climate",
    "code program script developer programming function bug debug refactor implement engineer software",
    "translate translation translator language",
    "bill billing invoice payment charge refund subscription price",
    "support troubleshoot problem issue broken error fail crash",
    "summarize summarise summary recap condense shorten",
    "table spreadsheet row column grid",
    "form survey questionnaire field input register registration signup contact",
    "image picture photo draw illustration",
    "design designer ui interface layout frontend",
    "book booking reserve reservation appointment meeting",
    "time clock hour date calendar",
    "document report page file memo",
    "store save remember note memorize memory",
    "event party celebration wedding birthday conference launch",
    "buy shop order purchase cart product",
)


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """The word without the endings that English grammar adds; "planning" and "planner" give "plan"."""
    word = word.lower()
    if len(word) <= 3:
        return word
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed", "er", "or", "ion", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def _ideas() -> dict[str, frozenset[int]]:
    index: dict[str, set[int]] = {}
    for number, line in enumerate(_IDEAS):
        for word in line.split():
            index.setdefault(stem(word), set()).add(number)
    return {word: frozenset(numbers) for word, numbers in index.items()}


_IDEA_OF = _ideas()


def split_words(text: str) -> list[str]:
    """All words in lower case; `snake_case` and `camelCase` names come apart."""
    return [word.lower() for word in _WORD.findall(_CAMEL.sub(" ", text.replace("\u2019", "'")))]


def content_words(text: str) -> list[str]:
    """The stems of the words that carry meaning, in order, each once."""
    return list(dict.fromkeys(stem(word) for word in split_words(text) if word not in STOP_WORDS))


@lru_cache(maxsize=16384)
def likeness(one: str, other: str) -> float:
    """How much one stem says about another: 1 the same, then same root, then same idea, 0 nothing."""
    if one == other:
        return 1.0
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= 5 and longer.startswith(shorter[: max(5, len(shorter) - 1)]) and len(longer) - len(shorter) <= 4:
        return 0.8
    shared = _IDEA_OF.get(one, frozenset()) & _IDEA_OF.get(other, frozenset())
    return 0.45 if shared else 0.0
