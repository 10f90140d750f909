"""The web app's pure modules, by tests in their own language."""

import subprocess
from pathlib import Path

import pytest

from tests.node import NODE

HERE = Path(__file__).parent


@pytest.mark.parametrize("suite", sorted((HERE / "web").glob("*.test.js")), ids=lambda path: path.name)
def test_the_modules_tests_pass(suite: Path) -> None:
    done = subprocess.run([NODE, "--test", suite], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
