"""The frozen texts of the repository and what the server says of them; `python -m tests.ui.corpus` judges them anew.

The texts stay when the contracts change: a verdict that changes is a change that clients will notice.
"""

import gzip
import json
import sys

from salon.contracts import export
from tests.ui.agreement import CONTRACTS, CORPUS, accepted, texts

SIZE = 2400


def frozen(contract: str) -> list[tuple[bool, str]]:
    """Whether each text was accepted when the corpus was written, and the text."""
    lines = gzip.decompress((CORPUS / f"{contract}.txt.gz").read_bytes()).decode().splitlines()
    return [(line[0] == "1", line[2:]) for line in lines]


def freeze(contract: str) -> list[str]:
    """Writes the corpus, its texts the same as before if there is one; returns those that are judged otherwise now."""
    file = CORPUS / f"{contract}.txt.gz"
    before = frozen(contract) if file.exists() else []
    asked = [text for _, text in before] or _chosen(contract)
    judged = [(accepted(contract, text), text) for text in asked]
    lines = "".join(f"{int(good)} {text}\n" for good, text in judged)
    file.write_bytes(gzip.compress(lines.encode(), mtime=0))
    return [text for old, (new, text) in zip(before, judged, strict=False) if old[0] != new]


def _chosen(contract: str) -> list[str]:
    """Every example of the documentation, and short texts besides: long ones say no more."""
    examples = json.loads(export.documents()[export.EXAMPLES]).get(contract, [])
    made = (text for text in texts(contract, 2 * SIZE, "frozen") if 0 < len(text) < 40_000)
    return list(dict.fromkeys([*(json.dumps(example) for example in examples), *made]))[:SIZE]


if __name__ == "__main__":
    for name in CONTRACTS:
        changed = freeze(name)
        sys.stdout.write(f"{name}: {len(frozen(name))} texts, {len(changed)} judged otherwise than before\n")
        sys.stdout.writelines(f"  {text[:200]}\n" for text in changed[:20])
