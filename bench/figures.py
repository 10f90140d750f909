"""What a measurement gives: figures for Salon and its peers, in one unit, with the goal and why a peer is missing."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from statistics import median

SALON = "Salon"


@dataclass(frozen=True, slots=True)
class Line:
    """One subject's figure: the median of its repetitions. `context` is what else was seen, such as wall time."""

    who: str
    value: float
    context: str = ""


@dataclass(slots=True)
class Result:
    """One row of the report.

    Args:
        unit: what one figure counts, such as "µs CPU / delivery".
        less_is_better: for throughput it is the other way round.
        goal: in words; `met` says whether it was reached, None where it cannot be told here.
        missing: why a peer could not be measured.
    """

    what: str
    unit: str
    lines: list[Line]
    less_is_better: bool = True
    goal: str = ""
    met: bool | None = None
    missing: list[str] = field(default_factory=list)

    def of(self, who: str) -> float:
        """A subject's figure."""
        return next(line.value for line in self.lines if line.who == who)

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Scale:
    """How much work is done. `quick` is for a look while working: a tenth of the work, with noise to match."""

    quick: bool = False

    @property
    def repetitions(self) -> int:
        """How often each subject is measured, one after the other in turn."""
        return 2 if self.quick else 3

    def of(self, full: int) -> int:
        """How much of `full` is done."""
        return max(1, full // 10) if self.quick else full


def middle(samples: Iterable[float]) -> float:
    """The median: one disturbed repetition does not move it."""
    return median(samples)


def share(samples: list[float], quantile: float) -> float:
    """The value that `quantile` of the samples do not exceed."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(quantile * len(ordered)))]
