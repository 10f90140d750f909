"""Scopes in their one form: who may use a tool, a hook, a prompt or a whole skill."""

from collections.abc import Iterable

Scopes = str | Iterable[str] | None
"""One scope, or several of which one is enough; None for everyone."""

EVERYONE = "all"

POWER = ("admin", "owner", "premium", "user")
"""The scopes that most applications have, the most powerful first. The order is for people: no scope holds another."""


def scopes_of(scope: Scopes) -> frozenset[str]:
    """Plain strings; none at all, or one that is `all`, means everyone. Raises ValueError for an empty one."""
    names = frozenset([scope] if isinstance(scope, str) else (str(one) for one in scope or ()))
    if "" in names:
        raise ValueError("scope: a scope cannot be empty. Leave scope out to open the tool to everyone.")
    return frozenset() if EVERYONE in names else names


def allowed(held: frozenset[str], *needed: frozenset[str]) -> bool:
    """Whether someone with the scopes `held` has one of each set that is not empty."""
    return all(not scopes or not scopes.isdisjoint(held) for scopes in needed)


def strongest(held: frozenset[str]) -> str:
    """The most powerful of these scopes: the first of POWER, else one of an application's own; "" without any."""
    return next((scope for scope in POWER if scope in held), min(held, default=""))
