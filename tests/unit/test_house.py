"""The rules of the house that no other tool checks: sizes, names, doors, and what the package declares."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "server"
MODULES = sorted((SERVER / "salon").rglob("*.py"))
LONGEST_FILE = 310  # "about 300"
LONGER = {  # read like tables: one small model, or one case of the fold, for each event
    "salon.contracts.events": 440,
    "salon.rooms.state": 320,
}
LARGEST_FOLDER = 10
ROOMIER = {"salon.contracts": 18}  # a vocabulary: one file for each family of words, and nothing that runs
VAGUE = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "core", "common", "misc"}
ADAPTER = re.compile(r"_(memory|redis|sql)$")


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(SERVER).with_suffix("").parts).removesuffix(".__init__")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports_of(path: Path) -> Sequence[str]:
    return list(_imports(tree_of(path)))


def _imports(tree: ast.Module) -> Iterator[str]:
    """All that a module imports, wherever and however: `from a.b import c` counts as a.b and as a.b.c."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"importlib.import_module", "import_module"}:
            yield from (str(name.value) for name in node.args[:1] if isinstance(name, ast.Constant))
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_no_file_is_longer_than_one_can_keep_in_mind() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: lines for name, lines in lengths.items() if lines > LONGER.get(name, LONGEST_FILE)} == {}


def test_no_folder_holds_more_than_a_handful_of_nouns() -> None:
    nouns: dict[str, set[str]] = {}
    for path in MODULES:
        if path.stem != "__init__":  # a port and its adapters are one noun
            nouns.setdefault(name_of(path.parent), set()).add(ADAPTER.sub("", path.stem))
    crowded = {name: sorted(found) for name, found in nouns.items() if len(found) > ROOMIER.get(name, LARGEST_FOLDER)}
    assert crowded == {}


def test_every_module_is_named_for_what_it_holds() -> None:
    assert [name_of(path) for path in MODULES if VAGUE & set(name_of(path).split("."))] == []


def test_only_the_composition_root_picks_adapters() -> None:
    by_default = {"salon.jobs.queue imports salon.jobs.backend_memory"}  # a JobQueue() of its own works anywhere
    picked = {
        f"{name_of(path)} imports {name}"
        for path in MODULES
        for name in imports_of(path)
        if name.startswith("salon.") and (kind := ADAPTER.search(name))
        if not re.match(r"salon(\.runtime\..*)?$", name_of(path)) and not name_of(path).endswith(kind[0])
    }
    assert picked == by_default


@pytest.mark.parametrize(
    ("driver", "door"),
    [
        ("ag2", r"^salon\.(agents|chat|models)\b"),
        ("openai", r"^salon\.models\b"),
        ("litellm", r"^salon\.models\b"),
        ("redis", r"_redis$"),
        ("sqlalchemy", r"^salon\.store\b"),
        ("alembic", r"^salon\.store\b"),
    ],
)
def test_a_driver_is_known_only_behind_its_door(driver: str, door: str) -> None:
    knowing = {name_of(path) for path in MODULES if driver in {name.partition(".")[0] for name in imports_of(path)}}
    assert {name for name in knowing if not re.search(door, name)} == set()


@pytest.mark.requirement("H-08")
def test_no_module_reads_the_environment_but_the_settings() -> None:
    """Setting a variable for a library before its import is allowed; reading one is the settings' business."""
    readers = set()
    for path in MODULES:
        tree = tree_of(path)
        written = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
        }
        written |= {
            id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "setdefault"
        }
        readers |= {
            f"{name_of(path)}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and ast.unparse(node) in {"os.environ", "os.environb", "os.getenv", "os.getenvb"}
            and id(node) not in written
        }
    assert readers == set()


@pytest.mark.requirement("M-03")
def test_the_top_level_holds_what_a_newcomer_looks_for() -> None:
    promised = {"pyproject.toml", "server", "ui-contracts", "tests", ".env.example", "README.md"}
    ours = {
        "LICENSE",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "Makefile",
        "requirements.lock",
        "requirements-dev.lock",
        "docs",
    }
    assert promised | ours <= {path.name for path in ROOT.iterdir()}


@pytest.mark.requirement("M-02")
def test_the_promised_packages_are_declared_and_imported() -> None:
    meta = project()
    declared = [*meta["project"]["dependencies"], *meta["dependency-groups"]["dev"]]
    declared += [text for extra in meta["project"]["optional-dependencies"].values() for text in extra]
    names = {re.split(r"[\[<>=!~ ;]", text)[0].lower() for text in declared if isinstance(text, str)}
    promised = {"fastapi", "uvicorn", "websockets", "ag2", "pydantic", "litellm", "redis", "orjson", "pytest"}
    assert promised | {"pytest-asyncio"} <= names

    paths = [*MODULES, *(ROOT / "tests").rglob("*.py")]
    imported = {name.partition(".")[0] for path in paths for name in imports_of(path)}
    assert promised <= imported


def test_litellm_is_pinned_exactly_wherever_it_is_named() -> None:
    meta = project()
    pin = "litellm==1.109.1"
    assert meta["project"]["optional-dependencies"]["litellm"] == [pin]
    assert pin in meta["dependency-groups"]["dev"]
    assert f"\n{pin} \\\n" in (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")


@pytest.mark.requirement("S4-06")
def test_every_supported_python_is_declared_and_checked_for() -> None:
    meta = project()
    assert meta["project"]["requires-python"] == ">=3.11"
    versions = {text.rpartition(" ")[2] for text in meta["project"]["classifiers"] if "Python :: 3." in text}
    assert {"3.11", "3.12", "3.13"} <= versions
    assert (meta["tool"]["ruff"]["target-version"], meta["tool"]["mypy"]["python_version"]) == ("py311", "3.11")


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_every_package_by_hash_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-|#)(?!-hash)", text, re.MULTILINE), "an option or a comment"
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[a-z0-9][a-z0-9.-]*(\[[a-z,-]+\])?==\S+ ", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]


def test_what_runs_is_locked_at_the_same_version_for_development() -> None:
    pins = [
        dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))
        for lock in ("requirements.lock", "requirements-dev.lock")
    ]
    assert pins[0].items() <= pins[1].items()


@pytest.mark.requirement("S4-07")
def test_the_package_builds_from_its_standard_metadata_and_holds_the_server(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("salon-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
        (scripts,) = (archive.read(name).decode() for name in inside if name.endswith("entry_points.txt"))
    assert {"salon/__init__.py", "salon/settings.py", "salon/py.typed"} <= inside
    assert any(name.endswith("licenses/LICENSE") for name in inside)
    assert {name.partition("/")[0].partition("-")[0] for name in inside} == {"salon"}, "only the package itself"
    module, _, function = re.search(r"^salon = (\S+)$", scripts, re.MULTILINE)[1].partition(":")  # type: ignore[index]
    assert callable(getattr(import_module(module), function))


@pytest.mark.requirement("S4-13")
@pytest.mark.parametrize("place", ["salon.app", "salon.ws.endpoint", "salon.chat.floor", "salon.contracts.wire"])
def test_app_socket_group_chat_and_messages_have_a_module_each(place: str) -> None:
    assert find_spec(place) is not None


@pytest.mark.requirement("S4-22")
@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "tool", [["ruff", "format", "--check", "."], ["ruff", "check", "."], ["mypy", "server"]], ids=" ".join
)
def test_formatter_linter_and_type_checker_pass(tool: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", *tool], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ci_runs_the_checks_and_the_tests() -> None:
    steps = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert {"set -euo pipefail", "make check", "make test"} <= set(steps)
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in ("ruff format --check .", "ruff check .", "mypy", "lint-imports"):
        assert f"$(BIN)/{command}" in recipe
