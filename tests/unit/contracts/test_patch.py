import copy
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from salon.contracts.patch import MAX_COPIED, MAX_DEPTH, PatchError, apply_patch
from salon.contracts.types import Json, Obj, Patch, PatchOp

OPS: TypeAdapter[list[PatchOp]] = TypeAdapter(Patch)


def patched(document: Json, *ops: Obj) -> Json:
    return apply_patch(document, OPS.validate_python(list(ops)))


def refusal(document: Json, *ops: Obj) -> PatchError:
    before = json.dumps(document)
    with pytest.raises(PatchError) as caught:
        patched(document, *ops)
    assert json.dumps(document) == before
    return caught.value


def op(kind: str, path: str, **more: Json) -> Obj:
    return {"op": kind, "path": path, **more}


RFC_APPENDIX_A: list[tuple[str, Json, list[Obj], Json]] = [
    ("A.1", {"foo": "bar"}, [op("add", "/baz", value="qux")], {"baz": "qux", "foo": "bar"}),
    ("A.2", {"foo": ["bar", "baz"]}, [op("add", "/foo/1", value="qux")], {"foo": ["bar", "qux", "baz"]}),
    ("A.3", {"baz": "qux", "foo": "bar"}, [op("remove", "/baz")], {"foo": "bar"}),
    ("A.4", {"foo": ["bar", "qux", "baz"]}, [op("remove", "/foo/1")], {"foo": ["bar", "baz"]}),
    ("A.5", {"baz": "qux", "foo": "bar"}, [op("replace", "/baz", value="boo")], {"baz": "boo", "foo": "bar"}),
    (
        "A.6",
        {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
        [op("move", "/qux/thud", **{"from": "/foo/waldo"})],
        {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
    ),
    (
        "A.7",
        {"foo": ["all", "grass", "cows", "eat"]},
        [op("move", "/foo/3", **{"from": "/foo/1"})],
        {"foo": ["all", "cows", "eat", "grass"]},
    ),
    (
        "A.8",
        {"baz": "qux", "foo": ["a", 2, "c"]},
        [op("test", "/baz", value="qux"), op("test", "/foo/1", value=2)],
        {"baz": "qux", "foo": ["a", 2, "c"]},
    ),
    ("A.10", {"foo": "bar"}, [op("add", "/child", value={"a": {}})], {"foo": "bar", "child": {"a": {}}}),
    ("A.14", {"/": 9, "~1": 10}, [op("test", "/~01", value=10)], {"/": 9, "~1": 10}),
    ("A.16", {"foo": ["bar"]}, [op("add", "/foo/-", value=["abc", "def"])], {"foo": ["bar", ["abc", "def"]]}),
]


@pytest.mark.parametrize(("name", "document", "ops", "result"), RFC_APPENDIX_A, ids=[row[0] for row in RFC_APPENDIX_A])
def test_the_examples_of_the_rfc_come_out_as_printed(name: str, document: Json, ops: list[Obj], result: Json) -> None:
    assert patched(document, *ops) == result


@pytest.mark.parametrize(
    ("document", "failing"),
    [
        ({"baz": "qux"}, op("test", "/baz", value="bar")),  # A.9
        ({"foo": "bar"}, op("add", "/baz/bat", value="qux")),  # A.12
        ({"/": 9, "~1": 10}, op("test", "/~01", value="10")),  # A.15
        ({"a": 1}, op("replace", "/b", value=1)),
        ({"a": 1}, op("replace", "/a/b", value=1)),
        ({"a": 1}, op("add", "/a/b", value=1)),
        ({"a": 1}, op("remove", "/b")),
        ({"a": 1}, op("remove", "")),
        ({"a": None}, op("remove", "/a/b")),
        ({"a": {"b": {}}}, op("move", "/a/b/c", **{"from": "/a"})),
        ({"a": {"b": {}}}, op("move", "/a", **{"from": ""})),
        ({"a": 1}, op("move", "/c", **{"from": "/b"})),
        ({"a": 1}, op("copy", "/c", **{"from": "/b"})),
        ([1], op("add", "/2", value=0)),
        ([1], op("replace", "/1", value=0)),
        ([1], op("replace", "/-", value=0)),
        ([1], op("remove", "/-")),
        ([1], op("add", "/01", value=0)),
        ([1], op("add", "/", value=0)),
        ([1], op("add", "/-1", value=0)),
        ([1], op("add", "/+0", value=0)),
        ([1], op("add", "/1e0", value=0)),
        ([1], op("add", "/\u0660", value=0)),
        ([1], op("add", "/" + "9" * 1000, value=0)),
        ({}, op("add", "/__proto__", value=0)),
        ({}, op("add", "/__proto__/polluted", value=0)),
        ({"a": 0}, op("move", "/__proto__", **{"from": "/a"})),
        ({"a": 0}, op("copy", "/b", **{"from": "/__proto__"})),
        ({"a": 1}, op("test", "/a", value=True)),
        ({"a": False}, op("test", "/a", value=0)),
        ({"a": {"b": 1}}, op("test", "/a", value={"b": 1, "c": 2})),
        ({"a": [1]}, op("test", "/a", value=[1, 1])),
        ({"a": [1]}, op("test", "/a", value={"0": 1})),
    ],
)
def test_what_does_not_apply_is_a_conflict_that_says_where(document: Json, failing: Obj) -> None:
    error = refusal(document, op("test", "", value=document), failing)
    assert error.code == "conflict"
    assert error.index == 1
    assert error.pointer in (failing["path"], failing.get("from"))
    assert [detail.path for detail in error.details] == [error.pointer]
    assert "Operation 1" in error.message


def test_a_test_compares_by_value_and_not_by_order_or_notation() -> None:
    document: Json = {"a": {"x": 1, "y": [1.0, {"z": None}]}}
    assert patched(document, op("test", "/a", value={"y": [1, {"z": None}], "x": 1.0})) is document


def test_the_root_can_be_replaced() -> None:
    assert patched({"a": 1}, op("replace", "", value=[1])) == [1]
    assert patched({"a": 1}, op("add", "", value=None)) is None
    assert patched({"a": {"b": 1}}, op("move", "", **{"from": "/a"})) is not None


def test_moving_a_value_to_where_it_is_changes_nothing() -> None:
    document: Json = {"a": [1, 2]}
    assert patched(document, op("move", "/a/0", **{"from": "/a/0"})) is document


def test_an_empty_key_is_a_key() -> None:
    assert patched({"": {"": 1}}, op("replace", "//", value=2)) == {"": {"": 2}}


def test_untouched_branches_are_shared_and_the_input_is_not_changed() -> None:
    document: Obj = {"left": {"deep": [1]}, "right": {"deep": [{"x": 1}, {"y": 2}]}}
    before = copy.deepcopy(document)
    result = patched(document, op("replace", "/right/deep/1/y", value=3))
    assert isinstance(result, dict)
    assert document == before
    assert result["right"] == {"deep": [{"x": 1}, {"y": 3}]}
    assert result["left"] is document["left"]
    assert result["right"]["deep"][0] is document["right"]["deep"][0]  # type: ignore[index,call-overload]


def test_a_copy_and_its_source_change_apart() -> None:
    ops = [op("copy", "/b", **{"from": "/a"}), op("add", "/a/-", value=2), op("add", "/b/-", value=3)]
    assert patched({"a": [1]}, *ops) == {"a": [1, 2], "b": [1, 3]}


def test_copies_cannot_double_a_document_without_end() -> None:
    doubling = [op("copy", f"/x{n}", **{"from": ""}) for n in range(40)]
    error = refusal({"a": 1}, *doubling)
    assert error.index <= 14
    assert str(MAX_COPIED) in error.message


def test_a_patch_cannot_nest_a_document_deeper_than_clients_read() -> None:
    def nested(levels: int) -> Json:
        value: Json = 0
        for _ in range(levels):
            value = {"a": value}
        return value

    assert patched({}, op("add", "/a", value=nested(MAX_DEPTH - 1))) == nested(MAX_DEPTH)
    refusal({}, op("add", "/a", value=nested(MAX_DEPTH)))
    refusal(nested(MAX_DEPTH), op("replace", "/a" * (MAX_DEPTH - 1), value={"a": {}}))
    refusal(nested(MAX_DEPTH), op("copy", "/b", **{"from": ""}))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-1, 1) | st.sampled_from("abc"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "/", "~1", ""]), inner, max_size=3)
    ),
    max_leaves=8,
)


def pointers(value: Json, prefix: str = "") -> list[str]:
    found = [prefix]
    if isinstance(value, dict):
        for key, child in value.items():
            found += pointers(child, f"{prefix}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for index, child in enumerate(value):
            found += pointers(child, f"{prefix}/{index}")
    return found


class Refused(Exception):
    pass


class Reference:
    """RFC 6902 a second time: on a mutable copy of everything, as plainly as possible."""

    def __init__(self, document: Json) -> None:
        self.above: Any = [copy.deepcopy(document)]

    def spot(self, pointer: str) -> tuple[Any, Any]:
        parent: Any = self.above
        where: Any = 0
        for part in pointer.split("/")[1:]:
            parent, where = parent[where], part.replace("~1", "/").replace("~0", "~")
            if isinstance(parent, list):
                where = len(parent) if where == "-" else int(where)
            elif not isinstance(parent, dict):
                raise Refused
        return parent, where

    def get(self, pointer: str) -> Json:
        parent, where = self.spot(pointer)
        return copy.deepcopy(parent[where])  # type: ignore[no-any-return]

    def add(self, pointer: str, value: Json) -> None:
        parent, where = self.spot(pointer)
        if isinstance(parent, dict) or parent is self.above:
            parent[where] = value
        elif where <= len(parent):
            parent.insert(where, value)
        else:
            raise Refused

    def replace(self, pointer: str, value: Json) -> None:
        self.get(pointer)
        parent, where = self.spot(pointer)
        parent[where] = value

    def remove(self, pointer: str) -> None:
        parent, where = self.spot(pointer)
        if parent is self.above:
            raise Refused
        del parent[where]

    def move(self, source: str, target: str) -> None:
        value = self.get(source)
        if target.startswith(source + "/"):
            raise Refused
        if source != target:
            self.remove(source)
            self.add(target, value)

    def test(self, pointer: str, value: Json) -> None:
        if json.dumps(as_floats(self.get(pointer)), sort_keys=True) != json.dumps(as_floats(value), sort_keys=True):
            raise Refused


def reference(document: Json, change: Any) -> Json:
    reference = Reference(document)
    path = change["path"]
    steps: dict[str, Callable[[], None]] = {
        "add": lambda: reference.add(path, change["value"]),
        "replace": lambda: reference.replace(path, change["value"]),
        "remove": lambda: reference.remove(path),
        "test": lambda: reference.test(path, change["value"]),
        "copy": lambda: reference.add(path, reference.get(change["from"])),
        "move": lambda: reference.move(change["from"], path),
    }
    try:
        steps[change["op"]]()
    except (LookupError, ValueError) as error:
        raise Refused from error
    return reference.above[0]  # type: ignore[no-any-return]


def as_floats(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: as_floats(child) for key, child in value.items()}
    if isinstance(value, list):
        return [as_floats(child) for child in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return float(value) or 0.0


@given(JSON, JSON, st.randoms(use_true_random=False), st.integers(1, 6))
def test_any_sequence_does_what_the_rfc_says(start: Json, value: Json, rnd: random.Random, length: int) -> None:
    expected = start
    document = start
    for _ in range(length):
        known = pointers(expected)
        path = rnd.choice(known) + rnd.choice(["", "", "/a", "/0", "/-", "/b"])
        change = op(rnd.choice(["add", "replace", "remove", "test"]), path)
        if change["op"] in ("add", "replace", "test"):
            change["value"] = value
        if rnd.random() < 0.3:
            change = op(rnd.choice(["move", "copy"]), path, **{"from": rnd.choice(known)})
        before = json.dumps(document)
        try:
            expected = reference(expected, change)
        except Refused:
            refusal(document, change)
        else:
            after = patched(document, change)
            assert json.dumps(after, sort_keys=True) == json.dumps(expected, sort_keys=True)
            assert json.dumps(document) == before
            document = after


@given(JSON, JSON)
def test_what_was_inserted_can_be_removed_again(document: Json, value: Json) -> None:
    for pointer in pointers(document):
        for spot in (f"{pointer}/new", f"{pointer}/0"):
            try:
                larger = patched(document, op("add", spot, value=value))
            except PatchError:
                continue
            assert patched(larger, op("remove", spot)) == document
