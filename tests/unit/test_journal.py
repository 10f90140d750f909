"""The log: one form for both logging libraries, ids bound to it, no secrets, no content."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any, Literal

import pytest
import structlog

from salon import journal


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    names = ("uvicorn", "uvicorn.error", "uvicorn.access", "httpx", "httpx2", "httpcore", "openai", "asyncio", "ddgs")
    loggers = [logging.getLogger(name) for name in names]
    before = [(logger, logger.level, list(logger.handlers), logger.propagate) for logger in (root, *loggers)]
    yield
    for logger, level, handlers, propagate in before:
        logger.setLevel(level)
        logger.handlers, logger.propagate = handlers, propagate
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def _lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_both_logging_libraries_write_json_lines_where_there_is_no_terminal() -> None:
    out = io.StringIO()
    journal.configure(stream=out)
    structlog.get_logger("salon.rooms").info("room.opened", room="default")
    logging.getLogger("uvicorn.error").warning("shutting %s", "down")
    ours, theirs = _lines(out)
    assert (ours["event"], ours["room"], ours["level"], ours["logger"]) == (
        "room.opened",
        "default",
        "info",
        "salon.rooms",
    )
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("shutting down", "warning", "uvicorn.error")
    assert ours["timestamp"].endswith("Z")


def test_a_terminal_gets_readable_lines_unless_json_is_asked_for() -> None:
    readable, asked = Terminal(), Terminal()
    journal.configure(stream=readable)
    structlog.get_logger().info("room.opened", room="default")
    journal.configure(form="json", stream=asked)
    structlog.get_logger().info("room.opened", room="default")
    assert "room.opened" in readable.getvalue()
    assert not readable.getvalue().startswith("{")
    assert _lines(asked)[0]["event"] == "room.opened"


def test_bound_ids_are_on_every_line_of_a_task() -> None:
    out = io.StringIO()
    journal.configure(stream=out)
    with structlog.contextvars.bound_contextvars(connection="c1", run="r1"):
        structlog.get_logger().info("turn.started")
        logging.getLogger("some.library").error("failed")
    assert [(line["connection"], line["run"]) for line in _lines(out)] == [("c1", "r1")] * 2


def test_lines_below_the_level_and_access_lines_are_not_written() -> None:
    out = io.StringIO()
    journal.configure(level="warning", stream=out)
    structlog.get_logger().info("too quiet")
    logging.getLogger("some.library").info("too quiet")
    journal.configure(level="info", stream=out)
    logging.getLogger("uvicorn.access").info("GET / 200")
    for name in ("httpx", "httpx2", "ddgs"):
        logging.getLogger(name).info("POST https://vendor/v1 200")
    assert out.getvalue() == ""


@pytest.mark.parametrize(
    "name",
    ["authorization", "Authorization", "openai_api_key", "x-api-key", "key", "token", "access_token", "password"],
)
def test_a_value_that_is_named_like_a_secret_is_withheld_at_any_depth(name: str) -> None:
    event = {"event": "x", name: "hunter2", "request": {"headers": [{name: "hunter2"}]}}
    assert "hunter2" not in str(journal.withhold(None, "info", dict(event)))


@pytest.mark.parametrize("name", ["content", "text", "prompt", "messages", "parts", "arguments", "input", "output"])
def test_what_people_and_models_wrote_is_withheld(name: str) -> None:
    told = journal.withhold(None, "info", {"event": "x", "turn": {name: ["a private word"]}})
    assert told == {"event": "x", "turn": {name: "[content]"}}


def test_counts_and_ids_are_told() -> None:
    event = {"event": "turn.finished", "input_tokens": 12, "max_tokens": 5, "run": "run_1", "seconds": 0.5, "ok": True}
    assert journal.withhold(None, "info", dict(event)) == event


@pytest.mark.parametrize(
    "text",
    ["key sk-abcdef0123456789 refused", "sent Bearer abc.def.ghi", "redis://user:hunter2@host:6379 is down"],
)
def test_a_secret_inside_a_text_is_cut_out(text: str) -> None:
    told = str(journal.withhold(None, "info", {"event": text})["event"])
    assert "[secret]" in told
    assert not any(secret in told for secret in ("abcdef0123456789", "abc.def", "hunter2"))


def _fail() -> None:
    try:
        raise KeyError("a private word")
    except KeyError as cause:
        raise ValueError("another private word") from cause


def test_an_exception_is_told_by_type_and_place_without_its_text() -> None:
    out = io.StringIO()
    journal.configure(stream=out)
    try:
        _fail()
    except ValueError as error:
        structlog.get_logger().exception("turn.failed")
        structlog.get_logger().error("turn.failed", exc_info=error)
        logging.getLogger("some.library").exception("failed")
    for line in _lines(out):
        assert "builtins.KeyError" in line["exception"]
        assert line["exception"].endswith("builtins.ValueError")
        assert "in _fail" in line["exception"]
        assert "exc_info" not in line
    assert len(_lines(out)) == 3


def test_the_text_of_an_exception_is_told_only_at_debug() -> None:
    out = io.StringIO()
    levels: tuple[Literal["debug", "info"], ...] = ("debug", "info")
    for level in levels:
        journal.configure(level=level, stream=out)
        try:
            raise ValueError("told " + "only here")
        except ValueError:
            structlog.get_logger().exception("failed")
    debugging, normal = _lines(out)
    assert "told only here" in debugging["exception"]
    assert "told only here" not in normal["exception"]


def test_an_exception_line_outside_of_an_exception_is_harmless() -> None:
    out = io.StringIO()
    journal.configure(stream=out)
    structlog.get_logger().error("odd", exc_info=True)
    assert "exception" not in _lines(out)[0]


def test_a_program_that_configures_no_log_gets_ours_in_its_own_without_texts_or_variables(
    capfd: pytest.CaptureFixture[str],
) -> None:
    structlog.reset_defaults()
    journal.lend()
    assert not journal.is_owned()
    handler = logging.StreamHandler(out := io.StringIO())
    logging.getLogger().addHandler(handler)
    secret = "hunter" + "2"
    try:
        raise ValueError(secret)
    except ValueError as error:
        structlog.get_logger("salon.tools").error("tool.failed", tool="look", exc_info=error)
    line = out.getvalue()
    assert line.startswith("tool.failed")
    assert line.endswith("builtins.ValueError\n")
    assert secret not in line + capfd.readouterr().out


def test_a_log_that_is_configured_stays_as_it_is() -> None:
    journal.configure(stream=io.StringIO())
    before = structlog.get_config()
    journal.lend()
    assert structlog.get_config() == before
    assert journal.is_owned()
