"""JSON Patch (RFC 6902) on plain JSON values: what `ui.patch` and `state.patched` mean. Pure."""

from collections.abc import Sequence

from salon.contracts.types import AddOp, Json, MoveOp, PatchOp, RemoveOp
from salon.errors import Detail, SalonError

MAX_DEPTH = 24
"""Levels of nesting a patch may lead to: a frame may have 32, and a snapshot's envelope needs six of them."""

MAX_COPIED = 10_000
"""Values that the `copy` operations of one patch may add: without a bound, copying the root into itself doubles a
document per operation."""

FORBIDDEN = "__proto__"
"""A key that would reach an object's prototype in a JavaScript client."""


class PatchError(SalonError):
    """The patch does not apply (`conflict`). `index` counts the operations from 0, `pointer` is where it failed."""

    def __init__(self, index: int, op: str, pointer: str, rule: str, reason: str) -> None:
        super().__init__(
            "conflict",
            f"Operation {index} ({op}) of the patch does not apply: {reason}",
            details=[Detail(pointer, rule, f"Operation {index} ({op}): {reason}")],
        )
        self.index = index
        self.pointer = pointer


class _Refused(Exception):
    """Why one operation does not apply; `apply_patch` adds which one it was."""

    def __init__(self, pointer: str, rule: str, reason: str) -> None:
        super().__init__(reason)
        self.pointer, self.rule, self.reason = pointer, rule, reason


def apply_patch(document: Json, ops: Sequence[PatchOp]) -> Json:
    """The document that the operations make of `document`, all of them or none.

    Nothing that exists is changed: containers on the way to a change are copied, all others are shared with the input.
    Raises PatchError.
    """
    copied = 0
    for index, op in enumerate(ops):
        try:
            match op:
                case AddOp(op="add", path=path, value=value):
                    document = _add(document, path, value)
                case AddOp(op="replace", path=path, value=value):
                    document = _replace(document, path, value)
                case AddOp(path=path, value=value):
                    _test(document, path, value)
                case RemoveOp(path=path):
                    document = _remove(document, path)
                case MoveOp(op="move", path=path, from_=source):
                    document = _move(document, source, path)
                case MoveOp(path=path, from_=source):
                    value = _get(document, source)
                    copied += _count(value, MAX_COPIED - copied, source)
                    document = _add(document, path, value)
        except _Refused as refused:
            raise PatchError(index, op.op, refused.pointer, refused.rule, refused.reason) from None
    return document


def _add(document: Json, pointer: str, value: Json) -> Json:
    tokens = _tokens(pointer)
    _check_depth(value, len(tokens), pointer)
    if not tokens:
        return value
    trail, parent = _walk(document, tokens, pointer)
    match parent:
        case dict():
            return _rebuilt(trail, {**parent, tokens[-1]: value})
        case list():
            at = len(parent) if tokens[-1] == "-" else _index(parent, tokens[-1], len(parent) + 1, pointer)
            return _rebuilt(trail, [*parent[:at], value, *parent[at:]])
        case _:
            raise _missing(pointer, "its parent is neither an object nor an array")


def _replace(document: Json, pointer: str, value: Json) -> Json:
    tokens = _tokens(pointer)
    _check_depth(value, len(tokens), pointer)
    if not tokens:
        return value
    trail, parent = _walk(document, tokens, pointer)
    match parent:
        case dict() if tokens[-1] in parent:
            return _rebuilt(trail, {**parent, tokens[-1]: value})
        case list():
            changed = parent.copy()
            changed[_index(parent, tokens[-1], len(parent), pointer)] = value
            return _rebuilt(trail, changed)
        case _:
            raise _missing(pointer)


def _remove(document: Json, pointer: str) -> Json:
    tokens = _tokens(pointer)
    if not tokens:
        raise _Refused(pointer, "root", "the whole document cannot be removed; replace it with null or {}.")
    trail, parent = _walk(document, tokens, pointer)
    match parent:
        case dict() if tokens[-1] in parent:
            return _rebuilt(trail, {key: value for key, value in parent.items() if key != tokens[-1]})
        case list():
            at = _index(parent, tokens[-1], len(parent), pointer)
            return _rebuilt(trail, parent[:at] + parent[at + 1 :])
        case _:
            raise _missing(pointer)


def _move(document: Json, source: str, target: str) -> Json:
    if target.startswith(source + "/"):
        raise _Refused(target, "own_child", "a value cannot be moved into itself.")
    value = _get(document, source)
    return document if source == target else _add(_remove(document, source), target, value)


def _test(document: Json, pointer: str, expected: Json) -> None:
    if not _equal(_get(document, pointer), expected):
        raise _Refused(pointer, "test", "the value there is not the expected one; read it again before changing it.")


def _get(document: Json, pointer: str) -> Json:
    here = document
    for token in _tokens(pointer):
        here = _child(here, token, pointer)
    return here


def _walk(document: Json, tokens: list[str], pointer: str) -> tuple[list[tuple[Json, str]], Json]:
    """The parent of the value that `tokens` lead to, and the way there as (container, key) pairs."""
    trail: list[tuple[Json, str]] = []
    here = document
    for token in tokens[:-1]:
        trail.append((here, token))
        here = _child(here, token, pointer)
    return trail, here


def _rebuilt(trail: list[tuple[Json, str]], value: Json) -> Json:
    """The document with `value` at the end of a walked `trail`."""
    for container, key in reversed(trail):
        if isinstance(container, dict):
            value = {**container, key: value}
        elif isinstance(container, list):
            changed = container.copy()
            changed[int(key)] = value
            value = changed
    return value


def _child(container: Json, token: str, pointer: str) -> Json:
    match container:
        case dict() if token in container:
            return container[token]
        case list():
            return container[_index(container, token, len(container), pointer)]
        case _:
            raise _missing(pointer)


def _index(items: list[Json], token: str, end: int, pointer: str) -> int:
    """An array index below `end`, written as the RFC wants it: ASCII digits without leading zeros."""
    if not (token.isascii() and token.isdigit()) or (len(token) > 1 and token[0] == "0"):
        raise _Refused(pointer, "index", "an array is addressed by a number such as 0, or by - to append.")
    if len(token) > 15 or int(token) >= end:
        raise _missing(pointer, f"the array has {len(items)} items")
    return int(token)


def _tokens(pointer: str) -> list[str]:
    if not pointer:
        return []
    tokens = pointer[1:].split("/")
    if "~" in pointer:
        tokens = [token.replace("~1", "/").replace("~0", "~") for token in tokens]
    if FORBIDDEN in tokens:
        raise _Refused(pointer, "forbidden_key", f"{FORBIDDEN} is not allowed as a key.")
    return tokens


def _missing(pointer: str, why: str = "nothing is there") -> _Refused:
    return _Refused(pointer, "path_missing", f"the path does not lead to a value ({why}).")


def _check_depth(value: Json, above: int, pointer: str) -> None:
    level = [value] if isinstance(value, dict | list) else []
    depth = above
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            break
        level = [child for parent in level for child in _children(parent) if isinstance(child, dict | list)]
    if depth > MAX_DEPTH:
        raise _Refused(pointer, "depth", f"the document would be nested deeper than {MAX_DEPTH} levels.")


def _count(value: Json, budget: int, pointer: str) -> int:
    """How many values `value` consists of, itself included; refused beyond `budget`."""
    count, todo = 0, [value]
    while todo:
        here = todo.pop()
        count += 1
        if count + len(todo) > budget:
            raise _Refused(pointer, "copied", f"one patch may copy at most {MAX_COPIED} values.")
        todo.extend(_children(here))
    return count


def _children(value: Json) -> Sequence[Json]:
    match value:
        case dict():
            return list(value.values())
        case list():
            return value
        case _:
            return ()


def _equal(a: Json, b: Json) -> bool:
    """JSON equality: numbers by value, and, unlike in Python, `true` is not 1."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_equal(value, b[key]) for key, value in a.items())
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_equal, a, b))
    return a == b
