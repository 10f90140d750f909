"""Reading a YAML or JSON file that somebody else wrote: bounded, whatever stands in it. Knows nothing of agents."""

from pathlib import Path
from typing import Any

import orjson
import yaml

from salon.sources.definition import DEEPEST
from salon.sources.source import BadDefinition

LARGEST_FILE = 1_000_000
"""Bytes."""

MOST_VALUES = 10_000
"""Values in a YAML file."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def loaded(file: Path) -> object:
    """What stands in a file. Raises BadDefinition: which file, what is wrong, and the remedy."""
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
    except OSError as problem:
        raise BadDefinition(f"{file}: cannot be read: {problem.strerror}") from None
    if len(content) > LARGEST_FILE:
        raise BadDefinition(f"{file}: larger than {LARGEST_FILE} bytes; shorten it")
    try:
        if file.suffix == ".json":
            found: object = orjson.loads(content)
            return found
        _bounded(content)
        return yaml.load(content, Loader=_LOADER)  # noqa: S506 - a safe one
    # A tag that does not fit its value, such as a 32nd of March, is any of these to the library.
    except (yaml.YAMLError, ValueError, LookupError, AttributeError) as problem:
        raise BadDefinition(f"{file}: cannot be read: {' '.join(str(problem).split())}") from None


def _bounded(content: bytes) -> None:
    """Raises ValueError for YAML that becomes much more than it is, by aliases of aliases, or ends the process: libyaml
    recurses into a tower of brackets without a bound."""
    depth = values = 0
    for event in yaml.parse(content, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise ValueError(f"the alias *{event.anchor} is not read; write the value out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        values += isinstance(event, yaml.NodeEvent)
        if depth > DEEPEST or values > MOST_VALUES:
            raise ValueError(f"more than {MOST_VALUES} values, or nested more than {DEEPEST} deep; shorten it")
