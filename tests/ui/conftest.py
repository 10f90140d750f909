import fcntl
import subprocess
from pathlib import Path

import pytest

from tests.node import NODE
from tests.ui.browsing import chromium, salon_url, visit

__all__ = ["chromium", "salon_url", "visit"]

PACKAGE = Path(__file__).parents[2] / "ui-contracts"


@pytest.fixture(scope="session")
def package() -> Path:
    """The npm package, its TypeScript checked and compiled. The workers of a test run take turns."""
    installed = PACKAGE / "node_modules"
    assert (installed / "typescript").is_dir(), "run `make test`, or `npm ci` in ui-contracts"
    with (installed / ".compiling").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        done = subprocess.run(
            [NODE, str(installed / "typescript" / "bin" / "tsc")],
            cwd=PACKAGE,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return PACKAGE
