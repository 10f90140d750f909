"""Finds requests for what harms people: weapons, poison, drugs, malware, harm to oneself, abuse of children. Pure."""

import re
from collections.abc import Iterator

from salon.guardrails.verdict import Level

_HOW = (
    r"(?:how (?:do|can|to|could|would|should)|make|making|build|building|create|creating|cook|cooking|"
    r"synthesi[sz]\w*|steps?|"
    r"step-by-step|instructions|recipe|write|give me|tell me|explain|best way|script|amounts?|where can i buy)"
)
_BETWEEN = r"[^.?!\n]{0,60}?"


def _asked(things: str) -> re.Pattern[str]:
    """Somebody asks how to make or do one of the things."""
    return re.compile(rf"\b{_HOW}\b{_BETWEEN}\b(?:{things})")


_RULES: tuple[tuple[Level, str, re.Pattern[str]], ...] = (
    (
        "low",
        "sexual content about a child",
        re.compile(
            r"\b(?:sex\w*|erotic\w*|nude|naked|porn\w*)\b[^.?!\n]{0,40}\b(?:child|children|minor|kid|toddler|underage|"
            r"(?:[1-9]|1[0-7]|ten|eleven|twelve|thirteen|fourteen|fifteen) years? old)\b"
            r"|\b(?:groom|seduce)\b[^.?!\n]{0,30}\b(?:minor|child|kid|(?:boy|girl) of)\b"
        ),
    ),
    (
        "low",
        "a weapon of mass harm",
        _asked(r"sarin|ricin|vx gas|nerve (?:gas|agent)|anthrax|mustard gas|dirty bomb|toxic gas|gas that kills"),
    ),
    (
        "medium",
        "explosives",
        _asked(r"(?:pipe|nail|car|petrol|fertili[sz]er) bombs?|explosives?\b|napalm|molotov|detonators?|ieds?\b"),
    ),
    ("medium", "hard drugs", _asked(r"(?:meth\b|methamphetamine|fentanyl|heroin|crack cocaine|crystal meth)")),
    (
        "medium",
        "an attack on computers or their users",
        re.compile(
            rf"\b(?:write|create|make|build|give me|code|develop|program)\b{_BETWEEN}"
            r"(?:ransomware|keylogger|malware|computer virus|botnet|rootkit|phishing (?:mail|e-?mail|page|site)|"
            r"takes? over other people|steal passwords)"
        ),
    ),
    (
        "medium",
        "harm to oneself",
        re.compile(
            rf"\b(?:how|way|best|where|can i|want to)\b{_BETWEEN}\b(?:kill|hang|drown) myself\b|"
            rf"\bpainless suicide\b|\bsuicide methods?\b"
        ),
    ),
    (
        "medium",
        "violence against people",
        re.compile(
            rf"\b(?:how|want to|going to|help me|best way to)\b{_BETWEEN}(?:\b(?:poison|kill|murder|stab|"
            rf"strangle) (?:my|a|an|the|him|her|his|their|some)\b"
            r"(?! (?:[\w-]{1,20} )?(?:process|time|task|job|thread|server|program|lights?|weeds?))"
            r"|\bshoot up\b|\bhurt as many people)"
        ),
    ),
)


def unsafe(plain: str) -> Iterator[tuple[Level, str]]:
    """What a text in plain lower-case words asks for: the level that blocks it, and its name in words."""
    for level, name, pattern in _RULES:
        if pattern.search(plain):
            yield level, name
