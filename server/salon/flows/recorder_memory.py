"""Runs and their steps in the memory of this process: gone with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from salon.clock import Clock, SystemClock
from salon.store.workflows.rows import NewRun, RunRow, StepRow, completed_already, held_by_another


@dataclass(slots=True)
class _Kept:
    row: RunRow
    holder: str
    steps: list[StepRow] = field(default_factory=list)


class MemoryRecorder:
    """See `salon.flows.recorder.Recorder`."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock: Clock = clock or SystemClock()
        self._runs: dict[str, _Kept] = {}

    async def find(self, run_id: str) -> RunRow | None:
        """The run as it is now."""
        kept = self._runs.get(run_id)
        return kept.row if kept else None

    async def begin(self, new: NewRun, holder: str) -> Sequence[StepRow]:
        """Take a run into one's hands."""
        now = self._clock.time()
        kept = self._runs.get(new.id)
        if kept is None:
            row = RunRow(
                id=new.id,
                workflow=new.workflow,
                version=new.version,
                arguments=new.arguments,
                status="running",
                created_at=now,
                updated_at=now,
            )
            kept = self._runs[new.id] = _Kept(row, holder)
        elif kept.row.status == "completed":
            raise completed_already(new.id)
        kept.holder = holder
        kept.row = replace(kept.row, status="running", error=None, updated_at=now)
        return sorted(kept.steps, key=lambda step: step.number)

    async def record(self, run_id: str, holder: str, step: StepRow) -> None:
        """Keep a step."""
        kept = self._held(run_id, holder)
        kept.steps.append(step)
        kept.row = replace(kept.row, updated_at=self._clock.time())

    async def finish(
        self,
        run_id: str,
        holder: str,
        status: Literal["completed", "failed"],
        *,
        result: bytes | None = None,
        error: str | None = None,
    ) -> None:
        """Say how it ended."""
        kept = self._held(run_id, holder)
        kept.row = replace(kept.row, status=status, result=result, error=error, updated_at=self._clock.time())

    async def purge(self, before: float) -> int:
        """Forget old runs."""
        old = [run_id for run_id, kept in self._runs.items() if kept.row.updated_at < before]
        for run_id in old:
            del self._runs[run_id]
        return len(old)

    def _held(self, run_id: str, holder: str) -> _Kept:
        kept = self._runs.get(run_id)
        if kept is None or kept.holder != holder:
            raise held_by_another(run_id)
        return kept
