"""What can go wrong between Salon and a model vendor, as one exception with a machine-readable kind.

    ModelError
    ├── InvalidModel   the model string or its settings make no sense (also a ValueError)
    └── MissingExtra   the vendor's client is not installed (also an ImportError)

Texts are Salon's own: neither a key nor a vendor's raw body ever gets into one. Vendor SDKs are recognised by the shape
of their exceptions, so this module imports none of them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum


class ErrorKind(StrEnum):
    """Why a model call failed."""

    AUTHENTICATION = "authentication"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    BAD_RESPONSE = "bad_response"
    CONTEXT_TOO_LONG = "context_too_long"
    BAD_REQUEST = "bad_request"
    MISSING_EXTRA = "missing_extra"


_RETRYABLE = {ErrorKind.RATE_LIMITED, ErrorKind.UNAVAILABLE, ErrorKind.TIMEOUT, ErrorKind.BAD_RESPONSE}
_SDK_ROOTS = {"openai", "anthropic", "litellm", "google", "httpx", "httpx2", "httpcore", "httpcore2", "aiohttp"}
_TOO_LONG = (
    "context length",
    "context_length",
    "context window",
    "contextwindow",
    "maximum context",
    "prompt is too long",
    "too many tokens",
)
_NO_CREDIT = ("insufficient_quota", "insufficient credits", "billing", "credit balance")


class ModelError(Exception):
    """A model call that failed, in words that are safe to show.

    Args:
        kind: what went wrong.
        message: a sentence for people, without keys or vendor bodies.
        retryable: whether the same call may succeed later; by default decided by `kind`.
        retry_after: seconds the vendor asked to wait, if it said so.

    `started` is set by the retrying client when part of the answer had already been streamed, which rules out asking
    again or asking someone else.
    """

    def __init__(
        self, kind: ErrorKind, message: str, *, retryable: bool | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.retryable = kind in _RETRYABLE if retryable is None else retryable
        self.retry_after = retry_after
        self.started = False


class InvalidModel(ModelError, ValueError):
    """A model string, provider name or setting that cannot be used as given."""

    def __init__(self, message: str) -> None:
        super().__init__(ErrorKind.BAD_REQUEST, message)


class MissingExtra(ModelError, ImportError):
    """A vendor whose client library is an extra that is not installed."""

    def __init__(self, provider: str, extra: str) -> None:
        super().__init__(
            ErrorKind.MISSING_EXTRA,
            f'Models of "{provider}" need an extra that is not installed. Run: pip install "salon[{extra}]"',
        )


def from_status(status: int, vendor: str, *, detail: str = "", retry_after: float | None = None) -> ModelError:
    """The error for a vendor's HTTP status.

    Args:
        status: HTTP status code of the answer.
        vendor: the provider's name, for the text.
        detail: the vendor's own words; read to tell similar statuses apart, never repeated.
        retry_after: seconds to wait, from the answer's headers.
    """
    detail = detail.lower()
    if status in (400, 413, 422) and (status == 413 or any(mark in detail for mark in _TOO_LONG)):
        return ModelError(
            ErrorKind.CONTEXT_TOO_LONG, f"The conversation is too long for this model of {vendor}. Shorten it or fork."
        )
    match status:
        case 401 | 403:
            return ModelError(ErrorKind.AUTHENTICATION, f"{vendor} refused the API key. Check the key in the settings.")
        case 402:
            return ModelError(ErrorKind.RATE_LIMITED, f"The account at {vendor} has no credit left.", retryable=False)
        case 404:
            return ModelError(ErrorKind.BAD_REQUEST, f"{vendor} does not know this model. Check its name.")
        case 408 | 504:
            return ModelError(ErrorKind.TIMEOUT, f"{vendor} took too long to answer.", retry_after=retry_after)
        case 429:
            spent = any(mark in detail for mark in _NO_CREDIT)
            text = f"The account at {vendor} has no credit left." if spent else f"{vendor} limits the rate of calls."
            return ModelError(ErrorKind.RATE_LIMITED, text, retryable=not spent, retry_after=retry_after)
        case 409 | 425:
            return ModelError(ErrorKind.UNAVAILABLE, f"{vendor} is busy.", retry_after=retry_after)
    if status >= 500:
        return ModelError(ErrorKind.UNAVAILABLE, f"{vendor} is unavailable (HTTP {status}).", retry_after=retry_after)
    if status >= 400:
        return ModelError(ErrorKind.BAD_REQUEST, f"{vendor} refused the request (HTTP {status}).")
    return ModelError(ErrorKind.BAD_RESPONSE, f"{vendor} answered with an unexpected HTTP status {status}.")


def retry_after_seconds(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds the vendor asks to wait (`retry-after-ms`, or `retry-after` as seconds or as a date), or None."""
    try:
        if (milliseconds := headers.get("retry-after-ms")) is not None:
            return max(0.0, float(milliseconds) / 1000)
        if (value := headers.get("retry-after")) is None:
            return None
        if value.strip().replace(".", "", 1).isdigit():
            return float(value)
        return max(0.0, (parsedate_to_datetime(value) - (now or datetime.now(UTC))).total_seconds())
    except (ValueError, TypeError):
        return None


def translate(error: Exception, vendor: str) -> ModelError | None:
    """The ModelError that an exception of a vendor SDK or HTTP client stands for, or None when it is something else."""
    if isinstance(error, ModelError):
        return error
    names = {cls.__name__.lower() for cls in type(error).__mro__}
    if not {cls.__module__.partition(".")[0] for cls in type(error).__mro__} & _SDK_ROOTS:
        return None
    if any("timeout" in name for name in names):
        return ModelError(ErrorKind.TIMEOUT, f"{vendor} took too long to answer.")
    status = getattr(error, "status_code", None)
    if not isinstance(status, int):
        status = getattr(error, "code", None)  # google.genai
    if "contextwindowexceedederror" in names:
        status = 413
    if isinstance(status, int) and status >= 400 and not any("connection" in name for name in names):
        headers = getattr(getattr(error, "response", None), "headers", None)
        wait = retry_after_seconds(headers) if headers is not None else None
        return from_status(status, vendor, detail=str(error), retry_after=wait)
    if any(mark in name for name in names for mark in ("connect", "network", "transport", "protocol", "apierror")):
        return ModelError(ErrorKind.UNAVAILABLE, f"The connection to {vendor} failed.")
    return ModelError(ErrorKind.BAD_RESPONSE, f"{vendor} gave an answer that cannot be read.")
