"""What the server and JavaScript's validators say of the same texts; `python -m tests.ui.agreement` asks about many."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ValidationError

from salon.contracts import export
from salon.contracts.components import CATALOG
from salon.contracts.wire import ClientFrame, ServerFrame
from tests.node import NODE
from tests.ui.vectors import Maker

CORPUS = Path(__file__).parents[2] / "ui-contracts" / "corpus"
CONTRACTS = ("client", "server", "components")
DEEPEST = 32
EVERYBODY_ACCEPTS = "111"
EVERYBODY_REFUSES = "000"

_DOCUMENTS: dict[str, dict[str, Any]] = {name: json.loads(text) for name, text in export.documents().items()}
_FRAMES: dict[str, type[BaseModel]] = {"client": ClientFrame, "server": ServerFrame}


def texts(contract: str, count: int, seed: str) -> list[str]:
    """So many texts, good ones and almost good ones, the same for the same seed."""
    if contract in _FRAMES:
        document = _DOCUMENTS[export.WIRE]
        root: dict[str, Any] = {"$ref": f"#/$defs/{_FRAMES[contract].__name__}"}
    else:
        document = _DOCUMENTS[export.COMPONENTS]
        members = [(name, {name: props}) for name, props in document["properties"].items()]
        root = {"anyOf": [{"type": "object", "properties": one, "required": [name]} for name, one in members]}
    maker = Maker(document, f"{contract} {seed}")
    return [maker.text(root) for _ in range(count)]


def accepted(contract: str, text: str) -> bool:
    """Whether the server's models accept a text."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    if not _readable(value):
        return False
    try:
        if contract in _FRAMES:
            _FRAMES[contract].model_validate(value)
            return True
        if not isinstance(value, dict) or value.keys() - CATALOG.keys():
            return False
        for name, props in value.items():
            CATALOG[name].model_validate(props)
    except ValidationError:
        return False
    return True


def _readable(value: object, depth: int = 1) -> bool:
    """What the server refuses of any frame, before it looks at what it says (`contracts.decode`)."""
    if not isinstance(value, dict | list):
        return True
    if depth > DEEPEST or (isinstance(value, dict) and "__proto__" in value):
        return False
    children = value.values() if isinstance(value, dict) else value
    return all(_readable(child, depth + 1) for child in children)


def verdicts(contract: str, asked: list[str]) -> list[str]:
    """What the validators of JavaScript say of each text: a digit for each, 1 where it accepts."""
    judge = [NODE, str(CORPUS / "judge.js"), contract]
    done = subprocess.run(judge, input="\n".join(asked), capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def disagreements(contract: str, asked: list[str]) -> list[tuple[str, str, bool]]:
    """The texts that some accept and others refuse, with the validators' digits and the server's word."""
    said = zip(asked, verdicts(contract, asked), [accepted(contract, text) for text in asked], strict=True)
    return [one for one in said if one[1] != (EVERYBODY_ACCEPTS if one[2] else EVERYBODY_REFUSES)]


def main(count: int, seed: str) -> int:
    """Asks about `count` texts of each contract; the number of disagreements."""
    found = 0
    for contract in CONTRACTS:
        wrong = disagreements(contract, texts(contract, count, seed))
        found += len(wrong)
        sys.stdout.write(f"{contract}: {count} texts, {len(wrong)} disagreements\n")
        for text, digits, server in wrong[:5]:
            sys.stdout.write(f"  server {int(server)}, others {digits}: {text[:500]}\n")
    return found


if __name__ == "__main__":
    raise SystemExit(min(main(int(sys.argv[1]), sys.argv[2]), 1))
