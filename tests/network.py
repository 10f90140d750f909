"""Keeps the suite on this machine: whatever would reach beyond it is refused and remembered."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from urllib.parse import urlsplit


class OutsideCall(RuntimeError):
    """A test tried to reach beyond this machine."""


outside_calls: list[str] = []
"""What was refused since the list was last cleared: some code swallows every exception."""

# Servers that the developer names for the suite may run elsewhere.
_SERVICES = {urlsplit(os.environ.get(name, "")).hostname for name in ("TEST_REDIS_URL", "TEST_DATABASE_URL")}


def stay_here() -> None:
    """Refuses, for the rest of the process, connections, datagrams and look-ups that leave this machine.

    By an audit hook, since that lies below every library and cannot be patched away by a test.
    """
    sys.addaudithook(_guard)


def _guard(event: str, args: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        endpoint, address = args
        internet = isinstance(endpoint, socket.SocketType) and endpoint.family in {socket.AF_INET, socket.AF_INET6}
        host = address[0] if internet and isinstance(address, tuple) else None
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = args[0]
    else:
        return
    if not _is_here(host):
        outside_calls.append(f"{event} {host!r}")
        raise OutsideCall(f"{event}: {host!r} is not this machine, and tests run without a network")


def _is_here(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str) or host in {"", "localhost"} or host in _SERVICES:
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
