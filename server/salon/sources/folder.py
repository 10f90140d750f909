"""Definitions in a folder: a YAML or JSON file for each agent, read when it is asked for.

A file's state is looked at whenever its agent is asked, so that a change counts from the next turn on; it is read again
when that has changed. A file that is only half written, or wrong, leaves in force what it said before.
"""

import asyncio
import re
import stat
import threading
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from salon.sources.definition import Definition
from salon.sources.files import loaded
from salon.sources.making import data_of
from salon.sources.source import KNOWN_NAME, BadDefinition, Place

log = structlog.get_logger(__name__)

SUFFIXES = (".yaml", ".yml", ".json")
MOST = 1000
"""Definitions that are kept in memory; of others the files are read again."""

_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file in one state: its definition, or that of before when it can no longer be used; else the problem."""

    state: Hashable
    definition: Definition | None
    problem: str = ""


class AgentFolder:
    """`writer.yaml` defines the agent `writer`, `writer@2.yaml` its version 2.

    Files in `tenants/<tenant>/` are of that tenant only, files in `environments/<environment>/` of that deployment;
    they go before those of the same name in the folder itself. A link that leads out of the folder is not followed.

    Args:
        path: the folder. It may be made later.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._seen: dict[Path, _Seen] = {}
        self._lock = threading.Lock()

    async def find(self, name: str, place: Place) -> Definition | None:
        """See Source."""
        return await asyncio.to_thread(self._find, name, place)

    async def names(self, place: Place) -> Mapping[str, frozenset[str]]:
        """See Source."""
        return {found.name: found.scope for found in await self.definitions(place)}

    async def definitions(self, place: Place) -> list[Definition]:
        """See Source."""
        return await asyncio.to_thread(self._all, place)

    def _find(self, name: str, place: Place) -> Definition | None:
        if not KNOWN_NAME.fullmatch(name):
            return None
        for folder, tenant in self._folders(place):
            for suffix in SUFFIXES:
                seen = self._look(folder / f"{name}{suffix}", tenant)
                if seen is None:
                    continue
                if seen.definition is None:
                    raise BadDefinition(seen.problem)
                return seen.definition
        return None

    def _all(self, place: Place) -> list[Definition]:
        files: dict[str, tuple[Path, str | None]] = {}
        for folder, tenant in self._folders(place):
            try:
                listed = sorted(folder.iterdir())
            except OSError:
                continue
            for file in listed:
                if file.suffix in SUFFIXES and KNOWN_NAME.fullmatch(file.stem):
                    files.setdefault(file.stem, (file, tenant))
        found = [self._look(file, tenant) for file, tenant in files.values()]
        return [seen.definition for seen in found if seen is not None and seen.definition is not None]

    def _look(self, file: Path, tenant: str | None) -> _Seen | None:
        """What stands in a file now; None when there is none."""
        with self._lock:
            before = self._seen.pop(file, None)
            try:
                found = file.stat()
            except OSError:
                return None
            if not stat.S_ISREG(found.st_mode):
                return None
            state = (str(file), found.st_ino, found.st_mtime_ns, found.st_size)
            seen = before if before is not None and before.state == state else self._read(file, tenant, state, before)
            self._seen[file] = seen
            if len(self._seen) > MOST:
                del self._seen[next(iter(self._seen))]
            return seen

    def _read(self, file: Path, tenant: str | None, state: Hashable, before: _Seen | None) -> _Seen:
        try:
            if not file.resolve().is_relative_to(self._path.resolve()):
                raise BadDefinition(f"{file}: leads out of the folder; copy the file")
            return _Seen(state, Definition(file.stem, data_of(_content(file), str(file)), state, tenant))
        except BadDefinition as problem:
            known = before is not None and before.definition is not None
            log.error("agent.bad_definition", agent=file.stem, problem=str(problem), as_before=known)
            return replace(before or _Seen(state, None), state=state, problem=str(problem))

    def _folders(self, place: Place) -> Iterator[tuple[Path, str | None]]:
        if place.tenant is not None and _FOLDER.fullmatch(place.tenant):
            yield self._path / "tenants" / place.tenant, place.tenant
        if _FOLDER.fullmatch(place.environment):
            yield self._path / "environments" / place.environment, None
        yield self._path, None


def _content(file: Path) -> object:
    """What stands in a file, without a name that only repeats the file's."""
    content = loaded(file)
    if not isinstance(content, dict) or "name" not in content:
        return content
    if content["name"] != file.stem.partition("@")[0]:
        raise BadDefinition(f"{file}: name: the file's own name is the agent's; rename the file, or leave this out")
    return {key: value for key, value in content.items() if key != "name"}
