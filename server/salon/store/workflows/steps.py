"""Runs and steps in the database, shared by all processes that use it: who holds a run is a column of its row."""

from collections.abc import Sequence
from typing import Literal, cast

from sqlalchemy import Row, Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from salon.clock import Clock, SystemClock
from salon.store.database import Conn, Database
from salon.store.tables import StoredRun, StoredStep
from salon.store.workflows.rows import NewRun, RunRow, StepRow, completed_already, held_by_another

_RUNS = cast(Table, StoredRun.__table__)
_RUN = _RUNS.c
_STEPS = cast(Table, StoredStep.__table__)
_STEP = _STEPS.c


class SqlRecorder:
    """See `salon.flows.recorder.Recorder`.

    Args:
        conn: a `Database`, or what stands for one; whoever made it closes it.
    """

    def __init__(self, conn: Conn, *, clock: Clock | None = None) -> None:
        self._database = Database.of(conn)
        self._clock: Clock = clock or SystemClock()

    async def find(self, run_id: str) -> RunRow | None:
        """The run as it is now."""
        async with self._database.reading() as conn:
            row = (await conn.execute(select(_RUNS).where(_RUN.id == run_id))).one_or_none()
        return _run(row) if row is not None else None

    async def begin(self, new: NewRun, holder: str) -> Sequence[StepRow]:
        """Take a run into one's hands."""
        insert_one = postgresql.insert if self._database.kind == "postgresql" else sqlite.insert
        now = self._clock.time()
        first = insert_one(_RUNS).values(
            id=new.id,
            workflow=new.workflow,
            version=new.version,
            arguments=new.arguments,
            status="running",
            holder=holder,
            created_at=now,
            updated_at=now,
        )
        mine = (
            update(_RUNS)
            .where(_RUN.id == new.id, _RUN.status != "completed")
            .values(status="running", holder=holder, error=None, updated_at=now)
        )
        async with self._database.writing() as conn:
            await conn.execute(first.on_conflict_do_nothing(index_elements=[_RUN.id]))
            if not (await conn.execute(mine)).rowcount:
                raise completed_already(new.id)
            steps = select(_STEP.number, _STEP.name, _STEP.digest, _STEP.result).where(_STEP.run_id == new.id)
            found = (await conn.execute(steps.order_by(_STEP.number))).all()
        return [
            StepRow(number=number, name=name, digest=digest, result=result) for number, name, digest, result in found
        ]

    async def record(self, run_id: str, holder: str, step: StepRow) -> None:
        """Keep a step."""
        async with self._database.writing() as conn:
            await self._touch(conn, run_id, holder, {})
            await conn.execute(
                insert(_STEPS).values(
                    run_id=run_id, number=step.number, name=step.name, digest=step.digest, result=step.result
                )
            )

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
        async with self._database.writing() as conn:
            await self._touch(conn, run_id, holder, {"status": status, "result": result, "error": error})

    async def purge(self, before: float) -> int:
        """Forget old runs."""
        async with self._database.writing() as conn:
            return (await conn.execute(delete(_RUNS).where(_RUN.updated_at < before))).rowcount

    async def _touch(
        self, conn: AsyncConnection, run_id: str, holder: str, values: dict[str, str | bytes | None]
    ) -> None:
        """Change a run that is in these hands; locked, it stays there until the transaction ends."""
        held = update(_RUNS).where(_RUN.id == run_id, _RUN.holder == holder)
        if not (await conn.execute(held.values(**values, updated_at=self._clock.time()))).rowcount:
            raise held_by_another(run_id)


def _run(row: Row[tuple[object, ...]]) -> RunRow:
    stored = row._mapping
    return RunRow(**{name: stored[name] for name in RunRow.__slots__})
