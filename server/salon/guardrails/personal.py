"""Finds data of people and secrets in a text: addresses, numbers with their check sums, keys. Pure."""

import re
from collections.abc import Callable, Iterator

from salon.guardrails.verdict import Level

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24}\b", re.IGNORECASE)
_CARD = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.]*\d)")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?!\w)")
_SSN = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
_PHONE = re.compile(
    r"(?<![\w.+])(?<!\d[ -])(?:(?:\+|00)[1-9]\d{0,2}[ ./-]?(?:\(?\d{1,4}\)?[ ./-]?){2,5}\d{2,4}"  # international
    r"|\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}[.-]\d{3}[.-]\d{4}"  # North American
    r"|0\d(?:[ .]\d{2}){4})(?![\w.]*\d)"  # French
)
_SECRET = re.compile(
    r"\b(?:(?:sk|pk|rk|hf|gh[a-z]|github_pat|glpat|xox[a-z])[-_]|AKIA|ASIA|AIza)[A-Za-z0-9_-]{12,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]+"
)
_ZEROS = "\u0660\u06f0\u0966\u09e6\u0e50\uff10\U0001d7ce\U0001d7d8\U0001d7e2\U0001d7ec\U0001d7f6"
_PLAIN_DIGITS = {ord(zero) + digit: str(digit) for zero in _ZEROS for digit in range(10)}
"""Those of other scripts, wide ones and ornate ones."""

_CARD_DIGITS = range(13, 20)
_CARD_STARTS = frozenset("23456")
_IBAN_CHARACTERS = range(15, 35)
_PHONE_DIGITS = range(8, 16)


def personal(text: str) -> Iterator[tuple[Level, str]]:
    """What is found, each kind once: the level that blocks it, and its name in words."""
    text = text.translate(_PLAIN_DIGITS)
    for level, name, pattern, check in _KINDS:
        if any(check(found[0]) for found in pattern.finditer(text)):
            yield level, name


def luhn(digits: str) -> bool:
    """Whether digits satisfy the check of card numbers."""
    total = 0
    for place, sign in enumerate(reversed(digits)):
        digit = int(sign) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def _is_card(text: str) -> bool:
    digits = _digits(text)
    return len(digits) in _CARD_DIGITS and digits[0] in _CARD_STARTS and luhn(digits)


def _is_iban(text: str) -> bool:
    """Whether the check digits are right (ISO 7064: the number modulo 97 is 1)."""
    plain = text.replace(" ", "")
    for length in range(len(plain), _IBAN_CHARACTERS.start - 1, -1):  # a word may follow it
        turned = plain[4:length] + plain[:4]
        if length in _IBAN_CHARACTERS and int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1:
            return True
    return False


def _is_phone(text: str) -> bool:
    return len(_digits(text)) in _PHONE_DIGITS


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and sign.isdigit())


def _always(_text: str) -> bool:
    return True


_KINDS: tuple[tuple[Level, str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("medium", "the number of a payment card", _CARD, _is_card),
    ("medium", "the number of a bank account", _IBAN, _is_iban),
    ("medium", "a social security number", _SSN, _always),
    ("medium", "a secret key", _SECRET, _always),
    ("high", "an e-mail address", _EMAIL, _always),
    ("high", "a phone number", _PHONE, _is_phone),
)
