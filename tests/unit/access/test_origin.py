"""Whose pages may open a socket."""

import pytest

from salon.access.origin import allowed

LISTED = ("http://localhost:3000", "https://app.example")


@pytest.mark.requirement("S4-26")
@pytest.mark.parametrize(
    ("origin", "host", "expected"),
    [
        (None, "salon.example", True),  # a program
        ("http://localhost:3000", "salon.example", True),
        ("HTTPS://APP.example", "salon.example", True),
        ("http://salon.example:8000", "salon.example:8000", True),  # the server's own page
        ("https://salon.example", "SALON.example", True),  # the same, behind something that ends TLS
        ("http://salon.example:9000", "salon.example:8000", False),
        ("http://localhost:3001", "salon.example", False),
        ("https://evil.example", "salon.example", False),
        ("https://app.example.evil.example", "salon.example", False),
        ("null", "salon.example", False),
        ("", "", False),
        ("http://[", "salon.example", False),
        ("https://evil.example", None, False),
    ],
)
def test_only_listed_pages_and_the_servers_own_may_connect(
    origin: str | None, host: str | None, expected: bool
) -> None:
    assert allowed(origin, host, LISTED) is expected


def test_a_star_lets_every_page_in() -> None:
    assert allowed("https://any.example", "salon.example", ["*"])
