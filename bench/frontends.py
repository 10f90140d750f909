"""What a streamed answer costs a frontend that shows it: the room client, and others on the same text."""

import json
import subprocess

from bench.figures import SALON, Line, Result, Scale, middle
from bench.subject import SUBJECTS, CannotMeasure, environment
from tests.node import NODE

PIECES = 4000
FLOOR = "JSON.parse alone"
AG_UI = "@ag-ui/client"


def streamed_answer(scale: Scale) -> Result:
    """Reading the frames of one long answer, in Node, without drawing anything."""
    found = [_measured(scale.of(PIECES)) for _ in range(scale.repetitions)]
    lines = [
        Line(who, middle(float(each[name]) for each in found))
        for who, name in ((SALON, "salon"), (FLOOR, "parse"), (AG_UI, "agUi"))
        if name in found[0]
    ]
    result = Result("a piece of a streamed answer, in a frontend", "µs CPU / piece", lines, goal="≤ 4 x JSON.parse")
    result.met = result.of(SALON) <= 4 * result.of(FLOOR)
    if missing := found[0].get("missing"):
        result.missing = [str(missing)]
    return result


def _measured(pieces: int) -> dict[str, float | str]:
    done = subprocess.run(
        [NODE, str(SUBJECTS / "reading.mjs"), str(pieces)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotMeasure(f"Node ended: {done.stderr.strip().splitlines()[-1] if done.stderr else 'without a word'}")
    measured: dict[str, float | str] = json.loads(done.stdout)
    return measured
