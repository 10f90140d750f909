"""What can go wrong for a client, sorted by what its caller can do about it.

ClientError
├── Unreachable      nobody answered, or the connection broke before the first byte of an answer
├── TimedOut         the server took longer than this client was told to wait
├── ErrorAnswer      the server answered with an error: its `code` says which
├── BrokenAnswer     an answer that had begun did not come to its end
├── UnreadableAnswer what came is not an answer
└── LinkRefused      a room cannot be watched, and coming back would not help
"""


class ClientError(Exception):
    """Anything that a client raises; its text is for people. `retryable`: the same request may work later."""

    retryable = False


class Unreachable(ClientError):
    """Nobody answered at the address, or the connection broke before the first byte of an answer."""

    retryable = True


class TimedOut(ClientError):
    """The server took longer than this client was told to wait."""

    retryable = True


class ErrorAnswer(ClientError):
    """The server answered with an error.

    Args:
        code: which one, such as "not_found"; of an HTTP answer without one, "http_" and its status.
        status: of the HTTP answer; None in the middle of a stream, and on the socket.
        retry_after: seconds to wait before the next try, if the server named them.
        param: the parameter that is wrong, if it is one.
        request_id: under which the server's log knows the request.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int | None = None,
        retryable: bool = False,
        retry_after: float | None = None,
        param: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.retryable = retryable
        self.retry_after = retry_after
        self.param = param
        self.request_id = request_id


class BrokenAnswer(ClientError):
    """An answer that had begun did not come to its end; what came of it was handed on. It is not asked for again:
    the agent would say something else.
    """

    retryable = True


class UnreadableAnswer(ClientError):
    """What came is not an answer: this is no Salon server, or something between changes what it says."""


class LinkRefused(ClientError):
    """Coming back to a room would not help; the text says why, and what a person can do."""
