"""Owns the form of the server's log on stderr: structured lines with ids, and neither secrets nor what people wrote.

It may not know who logs: modules call `structlog.get_logger(__name__)` and bind ids through `structlog.contextvars`.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET = re.compile(
    r"authorization|cookie|credential|password|passwd|secret|api_?key|(^|_|-)(key|token|bearer)$", re.IGNORECASE
)
_CONTENT = frozenset(
    {"args", "arguments", "body", "completion", "content", "input", "messages", "output", "parts", "prompt", "text"}
)
_SECRET_VALUE = re.compile(r"\b(sk|pk|xai|gsk)[-_][A-Za-z0-9_-]{8,}|\b[Bb]earer\s+\S+|://[^/\s:@]+:[^/\s@]+@")
_lent: list[Processor] = []
_QUIET = ("uvicorn.access", "httpx", "httpx2", "httpcore", "openai", "asyncio", "alembic", "ddgs", "primp")


def configure(
    level: Literal["debug", "info", "warning", "error", "critical"] = "info",
    form: Literal["auto", "json", "console"] = "auto",
    stream: TextIO | None = None,
) -> None:
    """Sends structlog and the standard library's logging to `stream` (stderr) in one form.

    `form` "auto" is the console's on a terminal and JSON lines elsewhere. At level "debug" a logged exception keeps
    its text; above, only its type and where it was raised, since vendors put keys and prompts into exception texts.
    May be called again; the last call holds.
    """
    out = stream or sys.stderr
    console = form == "console" or (form == "auto" and out.isatty())
    number = logging.getLevelNamesMapping()[level.upper()]

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _render_exception if number > logging.DEBUG else structlog.processors.format_exc_info,
        withhold,
    ]
    last: Processor = structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer(default=str)
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(number)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def lend(*, texts: bool = False) -> None:
    """For a program that only uses agents: what they log goes to the standard library's logging, as its own does.

    Without it structlog would print exceptions with all local variables. Nothing happens where structlog is configured.

    Args:
        texts: whether a logged exception keeps its text.
    """
    if not structlog.is_configured():
        _lent[:] = [
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info if texts else _render_exception,
            withhold,
            structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0),
        ]
        structlog.configure(
            processors=_lent,
            wrapper_class=structlog.stdlib.BoundLogger,
            logger_factory=structlog.stdlib.LoggerFactory(),
            cache_logger_on_first_use=False,
        )


def is_owned() -> bool:
    """Whether an application has configured structlog for itself."""
    return structlog.is_configured() and structlog.get_config()["processors"] is not _lent


def withhold(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replaces, at any depth, values whose key names a secret or content, and secrets inside other texts."""
    return {name: _withheld(name, value) for name, value in event.items()}


def _withheld(name: str, value: object) -> object:
    if _SECRET.search(name):
        return "[secret]"
    if name in _CONTENT:
        return "[content]"
    if isinstance(value, str):
        return _SECRET_VALUE.sub("[secret]", value)
    if isinstance(value, Mapping):
        return {key: _withheld(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_withheld("", inner) for inner in value]
    return value


def _render_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    given = event.pop("exc_info", None)
    if given is None or given is False:
        return event
    if isinstance(given, BaseException):
        error: BaseException | None = given
    elif isinstance(given, tuple):
        error = given[1]
    else:
        error = sys.exception()
    if error is not None:
        event["exception"] = _outline(error)
    return event


def _outline(error: BaseException) -> str:
    """The traceback without any exception's text: types and places, causes first."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    told = [_outline(earlier)] if earlier is not None else []
    places = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    return "\n".join([*told, *([places] if places else []), kind])
