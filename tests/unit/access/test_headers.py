"""What a trusted proxy tells of who asks."""

from __future__ import annotations

import pytest

from salon.access.headers import TrustedHeaders
from salon.contracts.runs import ANONYMOUS, Principal
from salon.errors import RequestError

ALL = TrustedHeaders("x-user", "x-scopes", "x-tenant")


def told(headers: TrustedHeaders, **values: list[str]) -> Principal:
    """Who asks when these headers come."""
    return headers.principal(lambda name: values.get(name.removeprefix("x-"), []))


def test_user_scopes_and_tenant_come_from_headers_of_their_own() -> None:
    who = told(ALL, user=["anna"], scopes=["owner, premium,,"], tenant=["acme"])
    assert (who.user, who.scopes, who.tenant) == ("anna", frozenset({"owner", "premium"}), "acme")


def test_what_is_not_told_or_not_listened_to_opens_nothing() -> None:
    assert told(ALL) == Principal(ANONYMOUS)
    assert told(ALL, user=[" "], scopes=[" , "], tenant=[""]) == Principal(ANONYMOUS)
    assert told(TrustedHeaders(), user=["anna"], scopes=["owner"], tenant=["acme"]) == Principal(ANONYMOUS)
    assert told(ALL, scopes=["all"]).scopes == frozenset()


@pytest.mark.parametrize("header", ["user", "scopes", "tenant"])
def test_a_header_that_comes_twice_is_refused(header: str) -> None:
    with pytest.raises(RequestError, match="the proxy must replace what clients send"):
        told(ALL, **{header: ["a", "b"]})
