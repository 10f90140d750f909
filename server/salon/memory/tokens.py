"""How many tokens a text is, about: an estimate that errs upwards, since no tokenizer's data is there offline. Pure.

It is a bound for what people write, not for what they make up: measured against OpenAI's cl100k it is 1.0 to 2.1 times
the count, for prose in nineteen languages, code, JSON and base64 (tests/unit/memory/test_tokens.py); newer tokenizers
need fewer tokens. A text made to be awkward can take more, up to one for each byte of its UTF-8 form.
"""

import re

CUT = "\n[… cut …]\n"
"""Stands where the middle of a text was left out."""

# Each match is a token. Vendors join common letters further; four to one is what long and rare words come to.
_PIECES = re.compile(
    r"[A-Z]?[a-z]{1,4}|[A-Z]{1,3}"
    r"|[\u0400-\u052f]{1,2}"  # Cyrillic
    r"|\d{1,2}"
    r"|\n[ \t]*|[ \t]{2,}"
    r"|-{2,4}|={2,4}|\.{2,3}|\*\*|##+"
    r"|\S"
)
# Where a token ends inside a word: fooBar, and the mixed letters of keys and base64.
_BREAKS = re.compile(r"(?<=[a-z\d])[A-Z]|(?<=[A-Za-z\d][A-Z])[a-z]|(?<=[A-Za-z])\d|(?<=\d)[A-Za-z]")
_HALF_MORE = re.compile(
    r"[\u0100-\u024f\u0370-\u03ff\u0590-\u05ff\u0900-\u0dff\u0e00-\u0eff\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]"
)
_TWO_MORE = re.compile(r"[\u0530-\u058f\u0f00-\u2e7f\ua000-\uabff\ufb00-\ufeff\U00010000-\U0010ffff]")
_MARGIN = 10  # one more for every ten: words are not alike
_PLAIN = re.compile(r"[\u1e00-\u1eff\u2010-\u203a]")  # of these: Vietnamese letters, dashes and quotes


def count_tokens(text: str) -> int:
    """About how many tokens a text is; rather too many than too few."""
    count = len(_PIECES.findall(text)) + len(_BREAKS.findall(text))
    if not text.isascii():
        count += (len(_HALF_MORE.findall(text)) + 1) // 2
        count += 2 * (len(_TWO_MORE.findall(text)) - len(_PLAIN.findall(text)))
    return count + (count + _MARGIN - 1) // _MARGIN


def clip(text: str, limit: int) -> str:
    """The text if it has at most `limit` tokens, else its beginning and its end with a mark between them.

    Empty when not even the mark has room.
    """
    if count_tokens(text) <= limit:
        return text
    if count_tokens(CUT) > limit:
        return ""
    low, high = 0, len(text)
    while low < high:  # the most characters that fit
        middle = (low + high + 1) // 2
        if count_tokens(_ends(text, middle)) <= limit:
            low = middle
        else:
            high = middle - 1
    return _ends(text, low)


def _ends(text: str, length: int) -> str:
    tail = length // 3
    return f"{text[: length - tail]}{CUT}{text[len(text) - tail :]}"
