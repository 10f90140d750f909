"""The TypeScript client's state is the server's: its fold is held against the server's on random logs."""

import gzip
import json
import subprocess
from pathlib import Path

from salon.contracts.events import Entry
from salon.contracts.wire import Snapshot
from salon.rooms.state import RoomState, fold_all
from tests.node import NODE
from tests.ui.random_logs import FROZEN, vectors


def test_the_clients_fold_agrees_with_the_servers_on_a_thousand_random_logs(tmp_path: Path, package: Path) -> None:
    logs = tmp_path / "logs.jsonl.gz"
    logs.write_bytes(gzip.compress(vectors(range(1_000)), compresslevel=1))
    found = subprocess.run(
        [NODE, "--test", "test/fold.test.js"],
        cwd=package,
        env={"VECTORS": str(logs)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert found.returncode == 0, found.stdout


def test_the_logs_in_the_package_still_lead_to_the_states_beside_them() -> None:
    for line in gzip.decompress(FROZEN.read_bytes()).splitlines():
        log = json.loads(line)
        state = fold_all(RoomState(), map(Entry.model_validate, log["entries"]))
        assert state.snapshot() == Snapshot.model_validate(log["late"])
