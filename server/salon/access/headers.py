"""What a proxy that is trusted tells of who asks: the user, the scopes and the tenant, each in a header of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from salon.access.principal import principal_of
from salon.access.scopes import scopes_of
from salon.contracts.runs import Principal
from salon.errors import RequestError


@dataclass(frozen=True, slots=True)
class TrustedHeaders:
    """Names of headers; None for what nobody tells."""

    user: str | None = None
    scopes: str | None = None
    tenant: str | None = None

    def principal(self, read: Callable[[str], Sequence[str]]) -> Principal:
        """Who asks; ANONYMOUS, without scopes, where nothing is told.

        Args:
            read: all values of a header.

        Raises RequestError for a header that comes twice: the proxy has then added one to what a client sent.
        """
        who = principal_of(_one(self.user, read))
        scopes = (_one(self.scopes, read) or "").replace(",", " ").split()
        tenant = _one(self.tenant, read)
        if tenant is None and not scopes:
            return who
        return replace(who, scopes=scopes_of(scopes), tenant=tenant)


def _one(header: str | None, read: Callable[[str], Sequence[str]]) -> str | None:
    told = read(header) if header else ()
    if len(told) > 1:
        raise RequestError(f"{header}: there are {len(told)} of them; the proxy must replace what clients send")
    return (told[0].strip() or None) if told else None
