"""Finds the application that a command is about, and says in words why it cannot be made."""

import sys
from pathlib import Path

from starlette.types import ASGIApp
from uvicorn.importer import ImportFromStringError, import_from_string

from salon.app import create_app
from salon.errors import SalonError
from salon.models.errors import InvalidModel, MissingExtra
from salon.runtime import Runtime
from salon.settings import Settings

BUILT_IN = "salon.app:app"
"""The application with the demo team, made from the settings when it is asked for."""


class CannotStart(Exception):
    """There is nothing to run; the text says why, and what a person can do."""


def load(named: str | None, settings: Settings | None = None) -> ASGIApp:
    """The application `MODULE:ATTRIBUTE`, or one with the demo team when none is named; raises CannotStart."""
    try:
        if named is None:
            return create_app(settings)
        here = str(Path.cwd())
        if here not in sys.path:  # as with `python -m`: a script's own folder is where its modules are
            sys.path.insert(0, here)
        app: ASGIApp = import_from_string(named)
    except ImportFromStringError as problem:
        raise CannotStart(f"--app {named}: {problem}") from None
    except (ValueError, InvalidModel, MissingExtra, SalonError) as problem:
        raise CannotStart(str(problem)) from None
    return app


def runtime_of(app: object) -> Runtime | None:
    """What is behind an application that `create_app` made; None for any other."""
    runtime = getattr(getattr(app, "state", None), "runtime", None)
    return runtime if isinstance(runtime, Runtime) else None
