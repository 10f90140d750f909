"""Plain messages in OpenAI's shape as pieces of a conversation: what they weigh, and how they are cut. Pure."""

import json
from collections.abc import Mapping, Sequence

from salon.memory.conversation import Kind, Piece
from salon.memory.tokens import clip, count_tokens

MESSAGE_TOKENS = 4
"""What a vendor adds to each message; a call in it counts as another."""

ATTACHMENT_TOKENS = 1_500
"""An image or file, at most, as vendors count them."""

_INSTRUCTIONS = ("system", "developer")


def pieces_of(messages: Sequence[Mapping[str, object]]) -> list[Piece[Mapping[str, object]]]:
    """Messages as pieces; system messages at the beginning are instructions, later ones were said in passing."""
    begun = False
    pieces: list[Piece[Mapping[str, object]]] = []
    for message in messages:
        role = message.get("role")
        begun = begun or role not in _INSTRUCTIONS
        kind: Kind = "instruction" if not begun else "request" if role == "user" else "talk"
        closes = str(message.get("tool_call_id")) if role == "tool" else None
        opens = tuple(str(call.get("id")) for call in _calls(message))
        # One answer's calls are in one message here, so each message calls for itself.
        pieces.append(Piece(message, kind, opens=opens, closes=closes, caller=str(len(pieces))))
    return pieces


def weigh(message: Mapping[str, object]) -> int:
    """About how many tokens a message is."""
    content = message.get("content")
    count = MESSAGE_TOKENS + sum(
        count_tokens(text) if text is not None else ATTACHMENT_TOKENS for text in _texts(content)
    )
    if isinstance(name := message.get("name"), str):
        count += count_tokens(name)
    for call in _calls(message):
        function = call.get("function")
        count += MESSAGE_TOKENS + count_tokens(json.dumps(function, ensure_ascii=False, default=str))
    return count


def shorten(message: Mapping[str, object], limit: int) -> Mapping[str, object]:
    """The message with its text cut to fit into `limit` tokens. Calls and attachments cannot be cut."""
    content = message.get("content")
    if isinstance(content, str):
        return {**message, "content": clip(content, max(0, limit - weigh({**message, "content": ""})))}
    if not isinstance(content, list):
        return message
    parts: list[object] = [part if _text(part) is None else {**part, "text": ""} for part in content]
    left = max(0, limit - weigh({**message, "content": parts}))
    for place, part in enumerate(content):
        if (text := _text(part)) is not None:
            cut = clip(text, left)
            left -= count_tokens(cut)
            parts[place] = {**part, "text": cut}
    return {**message, "content": parts}


def _calls(message: Mapping[str, object]) -> list[Mapping[str, object]]:
    calls = message.get("tool_calls")
    return [call for call in calls if isinstance(call, Mapping)] if isinstance(calls, list | tuple) else []


def _texts(content: object) -> list[str | None]:
    """The texts of a content; None for each part that is none."""
    if isinstance(content, str):
        return [content]
    return [_text(part) for part in content] if isinstance(content, list) else []


def _text(part: object) -> str | None:
    text = part.get("text") if isinstance(part, Mapping) else None
    return text if isinstance(text, str) else None
