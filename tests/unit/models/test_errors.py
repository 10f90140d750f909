"""How vendors' failures become ModelErrors."""

from datetime import UTC, datetime

import httpx2
import pytest

from salon.models.errors import ErrorKind, ModelError, from_status, retry_after_seconds, translate


@pytest.mark.parametrize(
    ("status", "detail", "kind", "retryable"),
    [
        (400, "", ErrorKind.BAD_REQUEST, False),
        (400, "maximum context length is 8192 tokens", ErrorKind.CONTEXT_TOO_LONG, False),
        (401, "", ErrorKind.AUTHENTICATION, False),
        (402, "", ErrorKind.RATE_LIMITED, False),
        (403, "", ErrorKind.AUTHENTICATION, False),
        (404, "", ErrorKind.BAD_REQUEST, False),
        (408, "", ErrorKind.TIMEOUT, True),
        (409, "", ErrorKind.UNAVAILABLE, True),
        (413, "", ErrorKind.CONTEXT_TOO_LONG, False),
        (418, "", ErrorKind.BAD_REQUEST, False),
        (429, "", ErrorKind.RATE_LIMITED, True),
        (429, "insufficient_quota", ErrorKind.RATE_LIMITED, False),
        (500, "", ErrorKind.UNAVAILABLE, True),
        (529, "", ErrorKind.UNAVAILABLE, True),
        (302, "", ErrorKind.BAD_RESPONSE, True),
    ],
)
def test_a_status_says_what_went_wrong_and_whether_to_try_again(
    status: int, detail: str, kind: ErrorKind, retryable: bool
) -> None:
    error = from_status(status, "acme", detail=detail)
    assert (error.kind, error.retryable) == (kind, retryable)
    assert "acme" in error.message


def test_the_vendors_own_words_are_not_repeated() -> None:
    assert "sk-123" not in from_status(401, "acme", detail="Incorrect API key: sk-123").message


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after": "Sat, 21 Nov 2026 10:00:30 GMT"}, 30.0),
        ({"retry-after": "Sat, 21 Nov 2026 09:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
    ],
)
def test_the_wait_is_read_from_every_form_of_the_header(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(headers, datetime(2026, 11, 21, 10, tzinfo=UTC)) == seconds


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx2.ConnectError("refused"), ErrorKind.UNAVAILABLE),
        (httpx2.ReadTimeout("late"), ErrorKind.TIMEOUT),
        (httpx2.RemoteProtocolError("cut"), ErrorKind.UNAVAILABLE),
        (httpx2.DecodingError("gzip"), ErrorKind.BAD_RESPONSE),
    ],
)
def test_failures_of_the_http_client_are_translated(error: Exception, kind: ErrorKind) -> None:
    translated = translate(error, "acme")
    assert translated is not None
    assert translated.kind is kind


def test_what_is_no_vendors_failure_is_left_alone() -> None:
    assert translate(ZeroDivisionError("ours"), "acme") is None
    own = ModelError(ErrorKind.TIMEOUT, "late")
    assert translate(own, "acme") is own
