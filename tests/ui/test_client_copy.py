"""The web app's copy of the TypeScript client is what compiling it gives; it is small, and needs nothing else."""

import gzip
import os
import re
from pathlib import Path

import salon

COPY = Path(salon.__file__).parent / "web" / "client"
LARGEST = 15 * 1024
"""Bytes that the client may have, compressed: its comments are in it."""


def compiled(package: Path) -> dict[str, str]:
    """The client's modules by path, as the compiler has just written them."""
    source = package / "src" / "client"
    modules = [file.relative_to(source).with_suffix(".js") for file in source.rglob("*.[jt]s")]
    return {str(module): (package / "dist" / "client" / module).read_text(encoding="utf-8") for module in modules}


def test_the_web_apps_client_is_the_compiled_one(package: Path) -> None:
    copied = {str(file.relative_to(COPY)): file.read_text(encoding="utf-8") for file in COPY.rglob("*.js")}
    assert copied == compiled(package), "run `npm run web` in ui-contracts"


def test_the_client_needs_no_other_module(package: Path) -> None:
    modules = compiled(package)
    for path, text in modules.items():
        for name in re.findall(r'(?:from|import) "([^"]+)"', text):
            assert os.path.normpath(Path(path).parent / name) in modules


def test_the_client_and_its_hook_are_small(package: Path) -> None:
    hook = (package / "dist" / "react" / "index.js").read_text()
    assert len(gzip.compress("".join([*compiled(package).values(), hook]).encode())) < LARGEST
