"""The Chromium of the browser tests: the machine's own, else one that comes with the npm packages."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from tests.node import NODE

PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGE = Path(__file__).parents[2] / "ui-contracts"
UNPACK = "import chromium from '@sparticuz/chromium'; console.log(await chromium.executablePath())"

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}/fonts/fonts</dir><cachedir>{folder}/fonts-cache</cachedir></fontconfig>
"""


class Chromium(NamedTuple):
    """A browser's program, and the environment that it needs."""

    program: str
    environment: dict[str, str]


def find_chromium() -> Chromium:
    """The one that the environment variable CHROMIUM names, the machine's own, or the packaged one."""
    named = os.environ.get("CHROMIUM")
    found = next((path for name in ((named,) if named else PROGRAMS) if (path := shutil.which(name))), None)
    return Chromium(found, dict(os.environ)) if found else _packaged()


def _packaged() -> Chromium:
    """A Chromium for Linux with the libraries that a bare machine lacks; unpacked once."""
    folder = PACKAGE / "node_modules" / ".chromium"
    folder.mkdir(parents=True, exist_ok=True)
    # The package unpacks into the folder for temporary files, and its libraries where it takes itself to be on Lambda.
    asking = {**os.environ, "TMPDIR": str(folder), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x"}
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        program = subprocess.run(
            [NODE, "--input-type=module", "-e", UNPACK],
            cwd=PACKAGE,
            env=asking,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
    # Its own configuration looks for fonts in /tmp; a Chromium without any font dies of the first text.
    fonts = folder / "fonts.conf"
    fonts.write_text(FONTS.format(folder=folder))
    libraries = {"LD_LIBRARY_PATH": str(folder / "al2023" / "lib"), "FONTCONFIG_FILE": str(fonts)}
    return Chromium(program, {**os.environ, **libraries})
