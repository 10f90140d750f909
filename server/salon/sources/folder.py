"""Definitions in a folder: a YAML or JSON file for each agent, read when it is asked for.

A file's state is looked at whenever its agent is asked, so that a change counts from the next turn on; nothing is read
of files whose agents nobody asks.
"""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import structlog
import yaml

from salon.sources.definition import AgentData, Definition
from salon.sources.making import data_of
from salon.sources.source import KNOWN_NAME, BadDefinition, Place

log = structlog.get_logger(__name__)

SUFFIXES = (".yaml", ".yml", ".json")
LARGEST_FILE = 1_000_000
"""Bytes."""

_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class AgentFolder:
    """`writer.yaml` defines the agent `writer`, `writer@2.yaml` its version 2.

    Files in `tenants/<tenant>/` are of that tenant only, files in `environments/<environment>/` of that deployment;
    they go before those of the same name in the folder itself.

    Args:
        path: the folder. It may be made later.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._read: dict[Path, Definition] = {}

    async def find(self, name: str, place: Place) -> Definition | None:
        """See Source."""
        return await asyncio.to_thread(self._find, name, place)

    async def names(self, place: Place) -> list[str]:
        """See Source."""
        return list(await asyncio.to_thread(self._files, place))

    async def definitions(self, place: Place) -> list[Definition]:
        """See Source."""
        return await asyncio.to_thread(self._all, place)

    def _find(self, name: str, place: Place) -> Definition | None:
        if not KNOWN_NAME.fullmatch(name):
            return None
        for folder, tenant in self._folders(place):
            for suffix in SUFFIXES:
                file = folder / f"{name}{suffix}"
                try:
                    found = file.stat()
                except OSError:
                    self._read.pop(file, None)
                    continue
                state = (str(file), found.st_mtime_ns, found.st_size)
                known = self._read.get(file)
                if known is None or known.state != state:
                    known = self._read[file] = Definition(name, _read(file), state, tenant)
                return known
        return None

    def _files(self, place: Place) -> dict[str, tuple[Path, str | None]]:
        files: dict[str, tuple[Path, str | None]] = {}
        for folder, tenant in self._folders(place):
            try:
                listed = sorted(folder.iterdir())
            except OSError:
                continue
            for file in listed:
                if file.suffix in SUFFIXES and KNOWN_NAME.fullmatch(file.stem):
                    files.setdefault(file.stem, (file, tenant))
        return files

    def _all(self, place: Place) -> list[Definition]:
        definitions = []
        for name, (file, tenant) in self._files(place).items():
            try:
                definitions.append(Definition(name, _read(file), None, tenant))
            except BadDefinition as problem:
                log.warning("agent.bad_definition", agent=name, problem=str(problem))
        return definitions

    def _folders(self, place: Place) -> Iterator[tuple[Path, str | None]]:
        if place.tenant is not None and _FOLDER.fullmatch(place.tenant):
            yield self._path / "tenants" / place.tenant, place.tenant
        if _FOLDER.fullmatch(place.environment):
            yield self._path / "environments" / place.environment, None
        yield self._path, None


def _read(file: Path) -> AgentData:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise BadDefinition(f"{file}: larger than {LARGEST_FILE} bytes; shorten it")
        loaded = orjson.loads(content) if file.suffix == ".json" else yaml.load(content, Loader=_LOADER)  # noqa: S506
    except OSError as problem:
        raise BadDefinition(f"{file}: cannot be read: {problem.strerror}") from None
    except (yaml.YAMLError, orjson.JSONDecodeError, RecursionError) as problem:
        raise BadDefinition(f"{file}: {' '.join(str(problem).split())}") from None
    return data_of(loaded, str(file))
