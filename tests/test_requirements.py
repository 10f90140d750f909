"""The manifest and the suite agree: every promise has a test or a date, and every claim a promise."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.requirements import PLAN, REQUIREMENTS, TO_COME

TESTS = Path(__file__).parent
AREAS = {"HUB", "CHAT", "AGENT", "SKILL", "LLM", "TOOL", "HTTP", "ROUTER", "STORE", "MEM"}
AREAS |= {"PAY", "AUTH", "GUARD", "LIMIT", "JOBS", "FLOW", "DYN", "SCHEMA", "SDK", "OPS"}


def claims_in(source: str) -> Iterator[str]:
    """The ids that `pytest.mark.requirement(...)` names in a module, read without running it."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.requirement"):
            continue
        if not node.args or node.keywords:
            raise ValueError(f"line {node.lineno}: a claim names its ids as arguments")
        for argument in node.args:
            if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                raise TypeError(f"line {node.lineno}: a claim names its ids as plain strings")
            yield argument.value


@pytest.fixture(scope="module")
def claimed() -> dict[str, set[str]]:
    """id -> the test modules that claim it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(TESTS.rglob("*.py")):
        for name in claims_in(path.read_text(encoding="utf-8")):
            found[name].add(str(path.relative_to(TESTS)))
    return found


def test_every_claim_names_a_promise(claimed: dict[str, set[str]]) -> None:
    unknown = {name: sorted(modules) for name, modules in claimed.items() if name not in REQUIREMENTS}
    assert unknown == {}


def test_every_promise_has_a_test_or_is_still_to_come(claimed: dict[str, set[str]]) -> None:
    missing = [f"{name} {row.promise}" for name, row in REQUIREMENTS.items() if name not in {*claimed, *TO_COME}]
    assert not missing, "show these by a test, or say in tests/requirements.py when they come:\n" + "\n".join(missing)


def test_no_promise_is_both_kept_and_still_to_come(claimed: dict[str, set[str]]) -> None:
    both = {name: sorted(claimed[name]) for name in TO_COME if name in claimed}
    assert both == {}, "take these from the list to come"


def test_the_manifest_is_whole() -> None:
    sizes = {"M": 10, "S0": 30, "S1": 86, "S2": 59, "S3": 30, "S4": 37, "H": 10}
    assert set(REQUIREMENTS) == {f"{family}-{n:02}" for family, size in sizes.items() for n in range(1, size + 1)}
    assert set(TO_COME) <= set(REQUIREMENTS)
    assert sum(len(rows) for rows in PLAN.values()) == len(TO_COME), "a row comes in one part only"
    for name, row in REQUIREMENTS.items():
        assert set(row.area.split("/")) <= AREAS, name
        assert row.promise.endswith("."), name
    assert len({row.promise for row in REQUIREMENTS.values()}) == len(REQUIREMENTS), "no promise stands twice"


def test_claims_are_read_from_decorators_and_module_marks() -> None:
    source = 'pytestmark = pytest.mark.requirement("A-1")\n@pytest.mark.requirement("B-1", "B-2")\ndef test_x(): ...\n'
    assert sorted(claims_in(source)) == ["A-1", "B-1", "B-2"]


@pytest.mark.parametrize("call", ["requirement()", "requirement(NAME)", "requirement('A-1', f'B-{n}')"])
def test_a_claim_that_cannot_be_read_is_refused(call: str) -> None:
    with pytest.raises((TypeError, ValueError), match="line 1"):
        list(claims_in(f"pytest.mark.{call}"))
