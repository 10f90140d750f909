"""The other servers that a skill's settings name."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from salon.skills.platform.portal import portal_of
from salon.skills.platform.remote import Server, server_of


def servers_of(config: Mapping[str, object]) -> tuple[Server, ...]:
    """Those of `servers` (a list of addresses, or keys by address), and the portal when it is really configured.

    Raises ValueError, naming the setting.
    """
    given = config.get("servers", ())
    if isinstance(given, str) or not isinstance(given, Mapping | Sequence):
        raise ValueError('servers: expected a list of addresses, such as ["https://agents.example.com"].')
    keys: Mapping[object, object] = given if isinstance(given, Mapping) else dict.fromkeys(given)
    try:
        named = [server_of(url, key) for url, key in keys.items()]
    except ValueError as problem:
        raise ValueError(f"servers: {problem}") from None
    portal = portal_of(config)
    return (*named, server_of(portal.url, portal.key)) if portal is not None else tuple(named)


def split_address(address: str, servers: Sequence[Server]) -> tuple[Server, str]:
    """The server and the agent that an address such as `https://host/agent` names.

    A server that is not among `servers` is asked without a key, and on the open internet only. Raises ValueError.
    """
    parts = urlsplit(address)
    path = parts.path.strip("/")
    for suffix in ("/v1/chat/completions", "/chat/completions"):
        path = path.removesuffix(suffix)
    base, _, agent = f"{parts.scheme}://{parts.netloc}/{path}".rpartition("/")
    if not agent or parts.query or parts.fragment:
        raise ValueError(f"{address[:100]!r} names no agent; write https://HOST/AGENT")
    known = next((server for server in servers if server.url == base), None)
    return known or server_of(base, trusted=False), agent
