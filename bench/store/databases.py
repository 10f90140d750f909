"""The two databases, each fresh and on the disk, with the settings that it has when nobody touches them."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time

from bench.subject import cpu_of
from salon.clock import SystemClock
from salon.runtime.house import House, Nobody
from salon.settings import Settings
from salon.store.database import Database
from tests.servers import postgresql

SQLITE = "SQLite"
POSTGRESQL = "PostgreSQL"


@dataclass(frozen=True, slots=True)
class Place:
    """A database: its address, and the CPU seconds that it has used in processes of its own."""

    url: str
    cpu: Callable[[], float]

    def house(self) -> House:
        """Rooms that are kept here, in which nobody answers by itself."""
        return House(Database(self.url), Nobody(), Settings.load(None), SystemClock())


@dataclass(slots=True)
class Places:
    """The databases by name, SQLite first; and why one is missing."""

    found: Mapping[str, Place]
    missing: list[str] = field(default_factory=list)


@contextmanager
def databases() -> Iterator[Places]:
    """Both of them, empty; gone at the end."""
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="salon-bench-", ignore_cleanup_errors=True))
        )
        places = Places({SQLITE: Place(f"sqlite:///{folder}/salon.db", lambda: 0.0)})
        apart = folder / "postgresql"
        apart.mkdir()
        folder.chmod(0o755)  # PostgreSQL's own account has to reach its folder
        try:
            server = stack.enter_context(postgresql(apart))
        except (RuntimeError, OSError) as problem:
            places.missing.append(f"{POSTGRESQL}: {problem}")
        else:
            places.found = {**places.found, POSTGRESQL: Place(server.url, lambda: _family_cpu(server.pid))}
        yield places


@dataclass(slots=True)
class Cost:
    """What some work took: our CPU seconds, and those of the database's own processes."""

    ours: float
    its: float


class Meter:
    """Reads the clocks before and after."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._its = place.cpu()
        self._ours = process_time()

    def read(self) -> Cost:
        """The cost since it was made."""
        return Cost(process_time() - self._ours, self._place.cpu() - self._its)


def _family_cpu(pid: int) -> float:
    """CPU seconds of a process and of its children, one for each connection; the pools keep those open."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    total = cpu_of(pid)
    for child in children:
        try:
            total += cpu_of(int(child))
        except OSError:  # it has just ended
            continue
    return total
