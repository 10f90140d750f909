"""The recorder's port: whatever keeps what workflows have done, so that they go on after a crash."""

from collections.abc import Sequence
from typing import Literal, Protocol

from salon.store.workflows.rows import NewRun, RunRow, StepRow


class Recorder(Protocol):
    """Keeps runs and their steps.

    Guarantees: a step that was recorded is there until its run is forgotten. One holder at a time records steps of a
    run: whoever began it last. Two that take themselves for its worker do not mix their steps.

    Every method raises SalonError `unavailable` when whatever keeps the runs does not answer.
    """

    async def find(self, run_id: str) -> RunRow | None:
        """The run as it is now."""
        ...

    async def begin(self, new: NewRun, holder: str) -> Sequence[StepRow]:
        """Take a run into one's hands, a new one or one that is not completed; gives the steps it has taken, in order.

        Raises SalonError `conflict` for a completed one.
        """
        ...

    async def record(self, run_id: str, holder: str, step: StepRow) -> None:
        """Keep a step. Raises SalonError `conflict` when someone else has the run by now."""
        ...

    async def finish(
        self,
        run_id: str,
        holder: str,
        status: Literal["completed", "failed"],
        *,
        result: bytes | None = None,
        error: str | None = None,
    ) -> None:
        """Say how it ended. A failed one may be begun again. Raises as `record` does."""
        ...

    async def purge(self, before: float) -> int:
        """Forget the runs, and their steps, to which nothing happened since then; how many there were."""
        ...
