"""A text as it may be read by a model: without disguises, and with what is encoded in it decoded. Pure.

A heuristic that looks at words sees nothing in letters that only look like letters, in words that are spelled wide, or
in base64. Each reading is the whole text, or a part of it, in plain lower-case words.
"""

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

LONGEST_WORD = 64
"""Letters of a Latin word that are looked at: no word is longer, and searching very long ones takes long."""

MOST_READ = 32_000
"""Characters of all readings together: a text with more of them is disguised many times over."""

_DEEPEST = 2
_MOST_PIECES = 12

_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]"
)
_WHOLE_SENTENCES = re.compile("[\ufdfa\ufdfb]")  # signs that stand for up to 18 letters each
_ACCENTS = re.compile("[\u0300-\u036f]")
_TAGS = re.compile("[\U000e0020-\U000e007e]+")
_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d"
    "\u03b1\u03b5\u03bf\u03c1\u03c4\u03c5\u03b9\u03ba\u03bd",
    "aeopcyxijshdqwaeoptuikv",
)
_WORD = re.compile(r"\w+")
_LATIN = re.compile("[a-z]")
_ENDLESS = re.compile(rf"([a-z0-9_]{{{LONGEST_WORD}}})[a-z0-9_]+")
_NOT_LATIN = re.compile("[\u0370-\u052f]")
_DIGIT_IN_WORD = re.compile(r"(?=[0-9@$]{0,20}[a-z])(?=[a-z]{0,20}[013457@$])[a-z0-9@$]{2,64}")
_LEET = str.maketrans("013457@$", "oieastas")
_WIDE = re.compile(r"(?<![^\s(\"'])(?:\w[\s._*-]{1,3}){6,}\w(?!\w)")
_BETWEEN_WIDE_WORDS = re.compile(r"\s{2,}|(?<=[._*-]\w)\s(?=\w[._*-])")
_JOINED = re.compile(r"[a-z]{1,20}(?:[-_][a-z]{1,20}){2,20}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{20,}={0,2}")
_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}[ :]?){12,}")
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2}[^\s%]*){3,}")
_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}){3,}")
_ROT13 = re.compile(r"\b(?:vtaber|cerivbhf|vafgehpgvbaf?|qvfertneq|flfgrz|cebzcg|sbetrg)\b", re.IGNORECASE)
_BACKWARDS = re.compile(r"snoitcurtsni|suoiverp|erongi|drageresid|tpmorp|metsys", re.IGNORECASE)

_SCRAMBLED = (
    "ignore disregard forget override bypass previous instructions instruction system prompt reveal hidden rules "
    "guidelines restrictions password developer"
)


def _signature(word: str) -> tuple[str, str, str]:
    return word[0], word[-1], "".join(sorted(word))


_SIGNATURES = {_signature(word): word for word in _SCRAMBLED.split()}


def readings(text: str) -> list[str]:
    """The readings of a text, the plain one first, none twice; little more than MOST_READ characters of them."""
    found: dict[str, None] = {}
    left = MOST_READ
    for each in _decoded(text, _DEEPEST):
        plain = plain_words(each)
        for reading in (plain, *(_changed(plain, variant) for variant in _variants(plain))):
            if reading not in found:
                found[reading] = None
                left -= len(reading)
        if left < 0:
            break
    return list(found)


def plain_words(text: str) -> str:
    """The text in lower case, in ordinary letters, without accents and without characters that cannot be seen."""
    wide = unicodedata.normalize("NFKD", _WHOLE_SENTENCES.sub(" ", _UNSEEN.sub("", text)))
    plain = unicodedata.normalize("NFC", _ACCENTS.sub("", wide)).casefold()
    return _WORD.sub(lambda word: _honest(word[0]), _ENDLESS.sub(r"\1", plain))


def _honest(word: str) -> str:
    """A word that mixes alphabets in one of them."""
    return word.translate(_LOOKALIKES) if _LATIN.search(word) and _NOT_LATIN.search(word) else word


def _changed(plain: str, variant: str) -> str:
    """The lines of a variant that differ from the plain reading, which is looked at anyway."""
    before, after = plain.split("\n"), variant.split("\n")
    if len(before) != len(after):
        return variant
    return "\n".join(new for old, new in zip(before, after, strict=True) if new != old)


def _variants(plain: str) -> Iterator[str]:
    if _DIGIT_IN_WORD.search(plain):
        yield _DIGIT_IN_WORD.sub(lambda word: word[0].translate(_LEET), plain)
    if _WIDE.search(plain):
        yield _ENDLESS.sub(r"\1", _WIDE.sub(lambda run: _narrowed(run[0]), plain))
    if _JOINED.search(plain):
        yield _JOINED.sub(lambda run: run[0].replace("_", " ").replace("-", " "), plain)
    unscrambled = _WORD.sub(lambda word: _SIGNATURES.get(_signature(word[0]), word[0]), plain)
    if unscrambled != plain:
        yield unscrambled


def _narrowed(run: str) -> str:
    """`i g n o r e   a l l` as `ignore all`; without wider gaps between the words they become one."""
    return " ".join(re.sub(r"[\s._*-]", "", word) for word in _BETWEEN_WIDE_WORDS.split(run))


def _decoded(text: str, depth: int) -> Iterator[str]:
    yield text
    if depth == 0:
        return
    for piece in _pieces(text):
        yield from _decoded(piece, depth - 1)


def _pieces(text: str) -> Iterator[str]:
    if _TAGS.search(text):
        yield " ".join("".join(chr(ord(sign) - 0xE0000) for sign in run) for run in _TAGS.findall(text))
    if (unescaped := html.unescape(text)) != text:
        yield unescaped
    if _PERCENT.search(text):
        yield unquote(text, errors="replace")
    if _ESCAPES.search(text):
        yield _ESCAPES.sub(lambda run: codecs.decode(run[0].encode(), "unicode_escape", "replace"), text)
    if _ROT13.search(text):
        yield codecs.decode(text, "rot13")
    if _BACKWARDS.search(text):
        yield text[::-1]
    for match in list(_BASE64.finditer(text))[:_MOST_PIECES]:
        yield from _text_in(_unbase64(match[0]))
    for match in list(_HEX.finditer(text))[:_MOST_PIECES]:
        yield from _text_in(bytes.fromhex(re.sub(r"[^0-9a-fA-F]", "", match[0])))


def _unbase64(text: str) -> bytes:
    body = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        return b""


def _text_in(data: bytes) -> Iterator[str]:
    """What was decoded, if it is a text at all."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    readable = sum(sign.isalpha() or sign.isspace() for sign in text)
    if len(text) > 7 and readable > 0.7 * len(text):
        yield text
