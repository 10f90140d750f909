"""Finds attempts to take an agent over, by the words that such attempts need. Pure.

Each signal weighs something; their sum decides how strict one has to be to block. It is a sieve and not a wall: what is
worded in a new way passes, and a text about attacks looks like one. docs/guardrails.md has the figures.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from salon.guardrails.languages import NOT_TO_TELL, TO_THE_READER, WORDINGS
from salon.guardrails.readings import MOST_READ, plain_words, readings
from salon.guardrails.verdict import Level, Where

CLEAR, SUSPICIOUS = 3, 2
"""Sums from which `medium` blocks, and `high`."""

_GAP = r"[^.?!]"
_NEAR = r"[^.?!。]{0,40}?"

_DROP = (
    r"(?:ignor\w+|disregard\w*|forget\w*|overrid\w+|overrul\w+|bypass\w*|neglect|discard|skip|drop|overlook|erase|"
    r"cancel|"
    r"revoke|nullify|abandon|set aside|circumvent|replace|break (?:all|your)|stop (?:following|obeying)|"
    r"pay no attention to|(?:do not|don't|dont|no longer|never) (?:follow|obey|need|apply|listen to|abide by|have to))"
)
_WHOSE = (
    r"(?:previous|prior|above|preceding|earlier|former|foregoing|initial|original|existing|past|old|all|any|every|"
    r"your|ur|"
    r"system|safety|developer|these|those|you (?:were|have|got|received)|that were|the (?=guard))"
)
_RULES = (
    r"(?:instructions?|directions?|directives?|rules?|prompts?|guidelines?|guard ?rails?|commands?|restrictions?|"
    r"polic(?:y|ies)|programming|training|constraints?|limitations|filters?|safeguards?|criteria|norms)"
)
_UNBOUND = (
    r"(?:no|without(?: any)?|free(?:d)? (?:of|from)(?: the| all| any)?|had no|have no|has no|not bound by|"
    r"never bound by) "
    r"(?:\w+ )?(?:restrictions?|rules?|limits?|limitations|filters?|guidelines|polic(?:y|ies)|constraints|"
    r"censorship|morals?|"
    r"confines)"
)
_SHOW = (
    r"(?:reveal|show|print|repeat|output|display|tell|give|write out|dump|leak|expose|recite|quote|paste|copy|"
    r"share|list|"
    r"spell|encode|translate|summari[sz]e|disclose|read out|complete|what (?:is|are|were)|which|make a (?:poem|"
    r"song|story) (?:out )?of)"
)
_SECRETS = (
    r"(?:api[ _-]?keys?|passwords?|credentials|environment variables|secret (?:tokens?|keys?)|\.env\b|private keys?|"
    r"access tokens?|customer records|address book|private messages|chat history|location history|conversation|"
    r"contents? of (?:\w+ )?memory|cards of|inbox)"
)
_AI = (
    r"(?:ai|a\.i\.|llms?|language models?|assistants?|chatbots?|agents?|gpt|claude|gemini|bots?|model|"
    r"summari[sz]er|screener)"
)


class Signal(NamedTuple):
    """Words that attacks need. `tool` is their weight in what a tool gave, where nobody should speak to a model."""

    reason: str
    weight: int
    tool: int
    pattern: "re.Pattern[str] | Wordings"


def _signal(reason: str, weight: int, tool: int, *patterns: str) -> Signal:
    return Signal(reason, weight, tool, re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.MULTILINE))


class Wordings:
    """Two things that stand near each other, in any order, in any of the languages.

    Looking for them is slow, so it begins with the rarer of the two.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        folded = [(plain_words(rare), plain_words(other)) for rare, other in pairs]
        self._any = re.compile("|".join(rare for rare, _ in folded))
        self._both = [
            (re.compile(rare), re.compile(rf"(?:{rare}){_NEAR}(?:{other})|(?:{other}){_NEAR}(?:{rare})"))
            for rare, other in folded
        ]

    def search(self, text: str) -> bool:
        """Whether a text in plain words has them."""
        if self._any.search(text) is None:
            return False
        return any(rare.search(text) and both.search(text) for rare, both in self._both)


_TO_DROP = "it tries to set the agent's instructions aside"
_TO_SHOW = "it asks for the agent's hidden instructions"
_TO_BE = "it tries to make the agent play without rules"
_TO_PRETEND = "it imitates the marks of a prompt"
_TO_SEND = "it tries to get at secrets, or to send them away"
_TO_ADDRESS = "it gives orders to the model that reads it"

_SIGNALS = (
    _signal(
        _TO_DROP,
        3,
        3,
        rf"\b{_DROP}\b{_GAP}{{0,30}}?\b{_WHOSE}\b{_GAP}{{0,30}}?\b{_RULES}\b",
        rf"\b{_DROP}\b{_GAP}{{0,20}}?\b{_RULES} (?:you|that you|from the|in force|above|before)\b",
        rf"\b{_WHOSE} {_GAP}{{0,20}}?{_RULES}\b{_GAP}{{0,40}}?\b(?:cancelled|void|invalid|no longer|suspended|"
        rf"only a test|"
        r"replaced|lifted|off|not apply|updated)\b",
        rf"\bnone of {_GAP}{{0,20}}?{_RULES} apply",
        rf"\b{_DROP}\b{_GAP}{{0,20}}?(?:everything|anything|all|what)\b{_GAP}{{0,20}}?\byou (?:were|have been|are|"
        rf"know)\b",
        rf"\b(?:everything|anything|text|all|lines?) (?:before|above|prior to) (?:this|that|it)\b{_GAP}{{0,40}}?"
        r"\b(?:invalid|not exist|does not count|void|forget|ignore)",
    ),
    Signal(_TO_DROP, 3, 3, Wordings((words.drop, words.rules) for words in WORDINGS.values())),
    _signal(
        _TO_DROP,
        2,
        2,
        rf"\b(?:new|real|actual|updated|following) (?:instructions?|rules?|tasks?|system (?:prompt|message)|"
        rf"directives?|goal)\b"
        rf"{_GAP}{{0,25}}?(?::|\bstart|\bbegin|\breplace|\bfollow\b|\bto the model)",
        r"\byour (?:new|only|real) (?:task|goal|job|purpose|instructions?)\b",
        r"\b(?:obey|follow|listen to|serve) (?:only )?(?:me|the user)\b|\bfollow these instead|\bunder my control",
        rf"\bfrom (?:now|this point|here) on\b{_GAP}{{0,60}}?\b(?:obey|{_RULES}|unfiltered|without)\b",
        r"\boutranks?\b|\bhello,? master\b|\bsay yes to everything\b|\bagree with (?:anything|everything)\b",
    ),
    _signal(
        _TO_SHOW,
        3,
        3,
        rf"\b{_SHOW}\b{_GAP}{{0,50}}?\b(?:your|ur|this assistant's)\b (?:[\w-]{{1,30}} ){{0,4}}?"
        r"(?:instructions?|prompts?|rules|guidelines|configuration|directives|system messages?|context window)\b",
        r"\b(?:reveal|print|dump|leak|expose|output|display|recite|show|copy|paste|give|need)\b"
        rf"{_GAP}{{0,40}}?\b(?:the|hidden|secret|original|exact|full|including|any) (?:[\w-]{{1,30}} ){{0,4}}?"
        r"(?:system prompt|system messages?|developer message|prompt that configures|secret instructions|"
        r"hidden (?:instructions|rules|prompt)|(?:instructions|rules|guidelines) (?:that )?(?:you|of this assistant))",
        rf"\b(?:reveal|print|dump|leak|output|display|show)\b{_GAP}{{0,20}}?\b(?:hidden|internal|"
        rf"secret) (?:prompt|rules|instructions)",
        rf"\b(?:repeat|copy|print|show|output|write|paste)\b{_GAP}{{0,30}}?\b(?:everything|text|lines?|words|all)\b"
        rf"{_GAP}{{0,12}}?\b(?:above|before (?:this|my))",
        r"\bmy system prompt (?:says|is|reads)|\btold not to (?:tell|say|reveal)|\bbefore my first message",
        rf"\bexact words\b{_GAP}{{0,40}}?\b(?:set you up|configure|instruct)|\b(?:rules|instructions|guidelines) you "
        r"(?:were given|must follow|have to follow|are given)",
    ),
    Signal(_TO_SHOW, 3, 3, Wordings((words.prompt, words.show) for words in WORDINGS.values())),
    _signal(_TO_SHOW, 1, 1, r"\bverbatim\b|\bword for word\b|\bleaving nothing out\b"),
    _signal(
        _TO_BE,
        3,
        3,
        rf"\b(?:act|pretend|respond|answer|roleplay|simulate|imagine|play|behave|you are|you're|"
        rf"as an ai)\b.{{0,90}}?\b{_UNBOUND}",
        rf"\b(?:unfiltered|uncensored|unrestricted|amoral|jailbroken|evil|unbound) (?:\w+ )?(?:{_AI}|version|mode|"
        rf"answers?)\b",
        rf"\b(?:{_AI}|\w{{1,20}}gpt|\w{{1,20}}bot|version|character)\b{_GAP}{{0,60}}?\b(?:uncensored|unfiltered|"
        rf"amoral|jailbroken|never refuses?|"
        r"hates? rules|no ethical|broken free|no filters)",
        r"\bdo anything now\b|\b(?:god|sudo|unrestricted|jailbreak|dan|opposite day|unfiltered|chaos) mode\b",
        r"\byou (?:are|have|'re)\b[^.?!]{0,30}\b(?:developer|debug|maintenance|admin|root) (?:mode|access)\b",
        r"\b(?:enable|activate|enter) (?:developer|debug|admin) mode and (?:answer|respond|say)",
        r"\bnever refuse\b|\bevery refusal\b|\bif you refuse\b|\byou (?:would|normally) refuse\b|"
        r"\bmay not say\b.{0,6}i can",
        r"\bturn off your (?:filters?|safety)|\bwithout any (?:content )?filters?\b|\bno content policy\b|"
        r"\bsafety (?:systems?|"
        r"checks?|training|rules)\b.{0,25}?\b(?:off|disabled|removed|suspended|applied)\b|\bbefore any safety training",
        r"\bno warnings,? no disclaimers\b|\bcomply with everything\b|\bgrand(?:ma|mother|pa|"
        r"father)\b.{0,80}?\b(?:keys?|napalm)\b",
        *(plain_words(words.free) for words in WORDINGS.values()),
    ),
    _signal(
        _TO_PRETEND,
        3,
        3,
        r"<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id)\b",
        r"\[/?inst\]|<<\s*/?sys\s*>>",
        r"[\"']role[\"']\s*:\s*[\"'](?:system|developer)[\"']",
        r"\b(?:system|admin|root) override\b|\boverride code\b",
    ),
    _signal(
        _TO_PRETEND,
        2,
        3,
        r"</?(?:system|user_input|tool_result|developer|admin|instructions?|assistant|user)>|<<<\s*developer",
        r"^#{1,6} ?(?:system|assistant|instructions?)\s*:",
        r"^(?:assistant|ai)\s*:.*\n+(?:user|human|system)\s*:",
        r"\b(?:begin|start of|end of)(?: \w+){0,2} (?:system|admin|prompt|instructions|user (?:text|input)|override)\b",
        r"\[(?:system|admin|developer)\b[^\]\n]{0,30}\]",
        r"\bcontent policy is suspended\b|\bsafety checks are disabled\b|\ball limits lifted\b",
    ),
    _signal(
        _TO_PRETEND,
        1,
        2,
        r"^(?:system|developer)\s*:",
        r"\bi am (?:your|the) (?:developer|creator|admin\w*|operator)\b",
    ),
    _signal(
        _TO_SEND,
        3,
        3,
        rf"\b(?:send|post|posts?|forward|e-?mail|upload|transmit|append|export|mail|mails|put|share)\b{_GAP}{{0,60}}?"
        r"\b(?:conversation|history|data|records|keys?|passwords?|tokens?|secrets?|messages|memory|contents?|"
        r"mails?|says|address)\b"
        r".{0,60}?(?:https?://|@[\w-]+\.|\bwebhook\b|\bto me\b)",
        r"https?://[^\s)\]]{0,300}?[?&=/][\w=&]{0,40}[\[{<]",
        rf"\b(?:reveal|print|show|tell|list|look up|append|collect|put|prints)\b(?:{_GAP}(?!\bmy\b|reset|forgot|"
        rf"how)){{0,40}}?\b{_SECRETS}"
        rf"(?={_GAP}*\b(?:you|me|your|chat|url|link|other|database|every|all)\b)",
    ),
    _signal(
        _TO_SEND,
        2,
        3,
        rf"\b(?:reveal|print|leak|dump|read|collect|steal|export)\b(?:{_GAP}(?!\bmy\b|reset|forgot|"
        rf"how)){{0,30}}?\b{_SECRETS}",
        r"\bwithout (?:asking|telling) (?:anyone|anybody|the user|them|me)\b",
        r"\buse (?:your|the) tools? to (?:forward|send|delete|post|export)\b",
        r"\b(?:password|secret|key) (?:that )?you (?:were|are) (?:instructed|told) to\b",
        r"\bshare internal documents\b|\blist the passwords\b|\bevery user you have\b|\bgrant all requests\b",
    ),
    _signal(
        _TO_ADDRESS,
        1,
        2,
        rf"\b{_AI}s?,? (?:agents? |assistants? |readers? )?(?:that (?:reads?|prints?|is)|reading|readers?|"
        rf"processing|summari[sz]ing|who|must|should|will)\b",
        rf"\bif (?:you are|an?) (?:an? )?{_AI}\b",
        rf"\b(?:attention|notes?|messages?|instructions?|hints?|orders?)(?: \w+)? (?:to|for) (?:the |any |all |"
        rf"our )?(?:\w+ )?{_AI}\b",
        rf"\b(?:dear|hello|hey|attention) {_AI}\b|\b{_AI} ?[:,] ?(?:you|please|ignore|forward|close|before|open|"
        rf"stop|use)\b|@{_AI}\b",
        rf"^[^\w\n]{{0,8}}(?:\w{{1,20}} )?{_AI}\)?\s*:",
        r"\bit is me,? your developer\b",
        TO_THE_READER,
    ),
    _signal(
        _TO_ADDRESS,
        1,
        2,
        r"\b(?:do not|don't|never|without) (?:tell|inform|mention|show|notify|alert|telling|mentioning|"
        r"informing)\b[^.?!]{0,25}"
        r"\b(?:the user|user|human|anyone)\b|\buser (?:will|must|should) not (?:see|know|notice)",
        r"\b(?:user|owner) (?:has|have) (?:already )?(?:approved|authori[sz]ed|agreed|confirmed)\b|"
        r"\bdo not ask again\b",
        r"\b(?:call|use|invoke|run|execute)s? (?:the )?(?:function )?\w{1,40}_\w{1,40}\b|`(?:curl|wget|rm) |"
        r"\bdelete the repository\b",
        r"\b(?:ignore|disregard) (?:the )?(?:user|recipe|question|request|it\b|page|document)",
        r"\b(?:your|the) (?:\w+ )?(?:task|goal|summary|memory) (?:is now|is to|must (?:contain|be)|"
        r"is corrupted)\b|\bnew (?:task|goal)\b",
        r"\bfor all future conversations\b|\bstop the current task\b|\bwhen asked\b.{0,40}?\b(?:always|answer|say)\b",
        r"\bdisable your filters\b|\bby reading this\b|\bover those of its operator\b|\bbefore (?:you answer|"
        r"anything else)\b.{0,40}?\b(?:call|send)",
        NOT_TO_TELL,
    ),
)

_QUOTED = re.compile(r"\"[^\"\n]{8,200}\"|“[^”\n]{8,200}”|«[^»\n]{8,200}»|„[^“”\n]{8,200}[“”]|'[^'\n]{12,200}'(?!\w)")
_ABOUT_WORDS = re.compile(
    r"\b(?:translate|prompt injection|jailbreaks?|the (?:sentence|phrase|words?|text)|what does|meaning of|"
    r"such as|lists?|"
    r"attackers?|example|article|paper|ubersetz\w*|tradui\w*|traduc\w*)\b"
)
_TO_FOLLOW = re.compile(r"\b(?:follow it|do (?:it|what it says|so)|then (?:do|act|obey)|obey|execute)\b")


def injection(text: str, where: Where) -> Iterator[tuple[Level, str]]:
    """The one thing that is most clearly wrong with a text, if anything: the level that blocks it, and why."""
    found = readings(text)
    weight, reason = max((_weighed(reading, where) for reading in found), default=(0, ""))
    if weight < CLEAR and sum(map(len, found)) > MOST_READ:
        weight, reason = CLEAR, "it is disguised in so many ways that it cannot be read"
    if weight >= SUSPICIOUS:
        yield ("medium" if weight >= CLEAR else "high"), reason


def _weighed(reading: str, where: Where) -> tuple[int, str]:
    text = _QUOTED.sub(" ", reading) if _ABOUT_WORDS.search(reading) and not _TO_FOLLOW.search(reading) else reading
    found = [
        (signal.tool if where == "tool" else signal.weight, signal.reason)
        for signal in _SIGNALS
        if signal.pattern.search(text)
    ]
    return sum(weight for weight, _ in found), max(found, default=(0, ""))[1]
