"""What is stored of workflows, as plain values. Knows no database."""

from dataclasses import dataclass
from typing import Literal

from salon.errors import SalonError


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A run that may be new; `arguments` are JSON."""

    id: str
    workflow: str
    version: str
    arguments: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run as it is stored; times are seconds since 1970, `arguments` and `result` JSON, `error` is for people."""

    id: str
    workflow: str
    version: str
    arguments: bytes
    status: Literal["running", "completed", "failed"]
    created_at: float
    updated_at: float
    result: bytes | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """A step that was taken: the how manyth, its name, a digest of its arguments, and its result as JSON."""

    number: int
    name: str
    digest: bytes
    result: bytes


def held_by_another(run_id: str) -> SalonError:
    """Someone else goes on with the run."""
    return SalonError("conflict", f"run {run_id!r} was taken over by another worker, or forgotten")


def completed_already(run_id: str) -> SalonError:
    """There is nothing to go on with."""
    return SalonError("conflict", f"run {run_id!r} is completed already")
