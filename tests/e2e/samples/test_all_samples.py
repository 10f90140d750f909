"""Nothing that the documents print, or sum up, is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.samples.blocks import IMPORTS, SEEDS, printed

BLOCKS = {"000": 8, "001": 20, "002": 17}
DRAWINGS = {"001_11", "001_12"}
"""Boxes and figures between fences that say Python."""

SUMMARY = {
    "Modern Agent Configurations": ["001_01", "001_04"],
    "Automatic Decorator Registration": ["001_02", "001_06", "001_07", "001_09"],
    "Unified Context System": ["001_05", "001_06", "001_08", "001_10"],
    "Robutler Platform Integration": ["001_06"],
    "Advanced Integration Patterns": ["001_05", "001_07"],
    "Server Deployment Patterns": ["001_08", "001_09", "001_10"],
    "Dynamic Agents Architecture": ["001_10", "001_13"],
    "Production Deployment": ["001_14", "001_15", "001_16"],
    "Client Integration Examples": ["001_17", "001_18"],
    "Workflow Orchestration": ["001_19"],
    "Error Handling and Resilience": ["001_20"],
}
"""What document 001 says of itself in the end, and the blocks that show it."""


def shown() -> set[str]:
    """The blocks that tests are named by."""
    text = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_document_*.py"))
    names = re.findall(r"def test_(\d{3})_(\d\d)_(?:and_(\d\d)_)?", text)
    return {f"{document}_{number}" for document, *numbers in names for number in numbers if number}


def test_every_block_has_a_test() -> None:
    blocks = {f"{document}_{number:02}" for document, most in BLOCKS.items() for number in range(1, most + 1)}
    assert blocks - shown() == DRAWINGS
    for document, most in BLOCKS.items():
        with pytest.raises(IndexError):
            printed(f"{document}_{most + 1:02}")


def test_every_import_line_that_is_changed_is_one_that_is_printed() -> None:
    lines = {
        line.partition("#")[0].rstrip()
        for path in SEEDS.glob("*.md")
        for line in path.read_text(encoding="utf-8").splitlines()
    }
    assert set(IMPORTS) - lines == set()
    left = {line for line in lines if line.startswith("from ")} - set(IMPORTS)
    assert {line.split()[1] for line in left} == {"fastapi", "typing"}


@pytest.mark.requirement("S1-85")
def test_every_point_that_document_001_sums_up_is_shown_by_tests() -> None:
    points = re.findall(r"^✅ \*\*(.+?)\*\*", (SEEDS / "001.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert points == list(SUMMARY)
    assert {block for blocks in SUMMARY.values() for block in blocks} <= shown()
