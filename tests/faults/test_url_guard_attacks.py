# ruff: noqa: RUF001 - characters that look like others are what some of the attacks consist of
"""Ten thousand attempts to make the guarded client reach the network that the server stands in."""

import random
import re
import socket
import time
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx
import pytest

from salon.skills.web.addresses import Address, is_public
from salon.skills.web.guard import PORTS, guarded_client

ATTACKS = 10_000
SLOWEST = 0.050
OUTSIDE = "93.184.215.14"

INSIDE = """
127.0.0.1 127.1.2.3 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.254 192.168.0.1
192.168.1.254 169.254.169.254 169.254.170.2 169.254.42.42 100.64.0.1 100.100.100.200 192.0.0.192 192.0.2.1 198.18.0.1
198.51.100.9 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 168.63.129.16
""".strip().split()
INSIDE_6 = """
::1 :: ::ffff:127.0.0.1 ::127.0.0.1 ::ffff:0:127.0.0.1 fe80::1 fc00::1 fd00:ec2::254 fd20:ce::254
ff02::1 64:ff9b::7f00:1 64:ff9b:1::a00:1 2002:7f00:1:: 2002:a9fe:a9fe:: 2001::1
2001:db8::1 100::1 fec0::1 2606:4700::5efe:10.0.0.1
""".strip().split()

# The known families: schemes, credentials, parser confusions, encodings, names that lead inside, ports.
KNOWN = r"""
file:///etc/passwd
file://localhost/etc/passwd
gopher://127.0.0.1:6379/_INFO
dict://127.0.0.1:11211/stats
ftp://127.0.0.1/
sftp://127.0.0.1/
tftp://127.0.0.1:69/x
ldap://127.0.0.1:389/
jar:http://127.0.0.1!/x
netdoc:///etc/passwd
data:text/plain,hello
javascript:alert(1)
unix:///var/run/docker.sock
http+unix://%2Fvar%2Frun%2Fdocker.sock/info
ws://127.0.0.1/
//127.0.0.1/
///127.0.0.1/
http:127.0.0.1
http:/127.0.0.1
http:///127.0.0.1
http:\\127.0.0.1
http://127.0.0.1
HTTP://LOCALHOST/
http://localhost
http://localhost.
http://LocalHost:8080/
http://localhost.localdomain/
http://ip6-localhost/
http://localtest.me/
http://127.0.0.1.nip.io/
http://app.10-0-0-1.sslip.io/
http://169.254.169.254.nip.io/latest/meta-data/
http://metadata.google.internal/computeMetadata/v1/
http://make-93.184.215.14-rebind-127.0.0.1-rr.1u.ms/
http://kubernetes.default.svc/
http://redis:6379/
http://127.0.0.1:22/
http://example.org:6379/
http://example.org:25/
http://example.org:0/
http://example.org:65536/
http://example.org:-80/
http://example.org:80a/
http://user@127.0.0.1/
http://example.org@127.0.0.1/
http://example.org:80@127.0.0.1:80/
http://127.0.0.1#@example.org/
http://127.0.0.1?@example.org/
http://127.0.0.1\@example.org/
http://example.org\@127.0.0.1/
http://example.org#@127.0.0.1/
http://example.org &@127.0.0.1# @x/
http://127.1.1.1:80\@127.2.2.2:80/
http://127.1.1.1:80:\@@127.2.2.2:80/
http://foo@127.0.0.1:80@example.org/
http://127.0.0.1%00.example.org/
http://127.0.0.1%2eexample.org/
http://127.0.0.1%23.example.org/
http://127.0.0.1%09/
http://127.0.0.1%0d%0aHost:%20x/
http://%31%32%37.0.0.1/
http://127%2e0%2e0%2e1/
http://localhos%74/
http://[::1]:80/
http://[::ffff:7f00:1]/
http://[0:0:0:0:0:ffff:127.0.0.1]/
http://[::]/
http://[fe80::1%25eth0]/
http://[fe80::1%eth0]/
http://[::1%25lo]/
http://[::1.]/
http://[127.0.0.1]/
http://[localhost]/
http://[v1.127.0.0.1]/
http://::1/
http://0000::1:80/
http://0/
http://0x/
http://127.1/
http://127.0.1/
http://0177.0.0.1/
http://0o177.0.0.1/
http://00000177.0.0.1/
http://0x7f.0.0.1/
http://0x7f000001/
http://017700000001/
http://2130706433/
http://4294967297/
http://127.0.0.1.1/
http://127.0.0.256/
http://256.256.256.256/
http://1e1.1/
http://127。0。0。1/
http://127．0．0．1/
http://１２７.0.0.1/
http://①②⑦.⓪.⓪.①/
http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/
http://loca­lhost/
http://ℓocalhost/
http://localhost／x/
http://[::１]/
http://127.0.0.1‥/
http://١٢٧.0.0.1/
""".strip().splitlines()


def forms(address: str) -> Iterator[str]:
    """An address as hosts of URLs have been known to write it."""
    if ":" in address:
        six = IPv6Address(address)
        yield from (f"[{six}]", f"[{six.exploded}]", f"[{six.exploded.upper()}]", f"[{six}%25eth0]")
        return
    four = IPv4Address(address)
    number, parts = int(four), [int(part) for part in address.split(".")]
    a, b, c, d = parts
    yield from (
        address,
        f"{address}.",
        f"{address}..",
        str(number),
        hex(number),
        f"0{number:o}",
        f"0x{number:X}",
        f"{number + 2**32}",
    )
    yield from (f"{a}.{b}.{c * 256 + d}", f"{a}.{b * 65536 + c * 256 + d}", ".".join(f"0x{p:x}" for p in parts))
    yield from (
        ".".join(f"0{p:o}" for p in parts),
        ".".join(f"{p:04o}" for p in parts),
        ".".join(f"{p:03d}" for p in parts),
    )
    yield from (f"{a}.0x{b:x}.0{c:o}.{d}", f"0x{a:x}.{b}.{c * 256 + d}", ".".join(f"0x00000{p:x}" for p in parts))
    yield from (
        f"[::ffff:{address}]",
        f"[::{address}]",
        f"[64:ff9b::{address}]",
        f"[2002:{number >> 16:x}:{number & 65535:x}::]",
    )
    yield from (
        f"[::ffff:0:{address}]",
        f"[64:ff9b:1::{address}]",
        f"[2606:4700::5efe:{address}]",
        f"[fe80::5efe:{address}]",
    )
    yield from (f"[2001:0:{OUTSIDE.count('.')}::{(number ^ 0xFFFFFFFF) >> 16:x}:{(number ^ 0xFFFFFFFF) & 65535:x}]",)
    yield from (f"{address}.nip.io", f"x.{address.replace('.', '-')}.sslip.io", f"{number:08x}.nip.io")
    yield from (address.replace(".", "。"), address.replace(".", "%2e"), "".join(f"%{ord(c):02x}" for c in address))
    yield from (address.translate(str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")), address.replace("1", "\uff11"))


def shapes(host: str, dice: random.Random) -> str:
    """A URL that leads to a host, or that some reader takes for one."""
    scheme = dice.choice(["http", "https", "HTTP", "hTTps", "ftp", "gopher", "file", "http+unix", ""])
    prefix = dice.choice(
        ["", "", "", "user@", "a:b@", "example.org@", f"{OUTSIDE}:80@", f"{OUTSIDE}#@", f"{OUTSIDE}\\@", "@"]
    )
    port = dice.choice(["", "", "", ":80", ":443", ":8080", ":22", ":6379", ":0", ":00080", ":65616", ":+80", ":"])
    path = dice.choice(
        ["", "/", "/latest/meta-data/", "/%2e%2e/", f"#@{OUTSIDE}/", f"?@{OUTSIDE}", f"\\@{OUTSIDE}", "/\r\nHost: x"]
    )
    slashes = dice.choice(["://", "://", "://", "://", ":/", ":", ":///", ":\\\\"])
    return f"{scheme}{slashes if scheme else '//'}{prefix}{host}{port}{path}"


def attacks() -> Iterator[str]:
    dice = random.Random(4)  # the same attacks on every run
    hosts = [form for address in [*INSIDE, *INSIDE_6] for form in forms(address)] + [
        "localhost",
        "rebind.test",
        "mixed.test",
    ]
    yield from KNOWN
    yield "http://lo\u200bcalhost/"
    yield from (f"http://{host}/" for host in hosts)
    for _ in range(ATTACKS):
        match dice.randrange(3):
            case 0 | 1:
                host = dice.choice(hosts)
            case _:
                number = dice.choice(
                    [dice.getrandbits(32), int(IPv4Address(dice.choice(INSIDE))) ^ dice.getrandbits(8)]
                )
                host = dice.choice(list(forms(str(IPv4Address(number)))))
        url = shapes(host, dice)
        if dice.random() < 0.15:
            at = dice.randrange(len(url) + 1)
            url = (
                url[:at]
                + dice.choice(["\t", "\n", " ", "\x00", "%00", "@", "#", "\\", "/", ".", "[", "]", "\u200b"])
                + url[at:]
            )
        yield url


class Internet:
    """A hostile resolver, and a carrier that notes whatever it is asked to reach."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self.redirect: str | None = None
        self.turn = 0

    async def resolve(self, host: str, _port: int) -> Sequence[Address]:
        """What the system's resolver and the well-known wildcard domains would say, and worse."""
        self.turn += 1
        if host == "rebind.test":
            return [ip_address(OUTSIDE if self.turn % 2 else "127.0.0.1")]
        if host == "mixed.test":
            return [ip_address(OUTSIDE), ip_address("127.0.0.1")]
        try:
            return [ip_address(socket.inet_ntoa(socket.inet_aton(host)))]
        except OSError:
            pass
        if found := re.search(r"((?:\d{1,3}[.-]){3}\d{1,3})\.(?:nip|sslip)\.io$", host):
            return [ip_address(found[1].replace("-", "."))]
        if found := re.match(r"([0-9a-f]{8})\.nip\.io$", host):
            return [ip_address(int(found[1], 16))]
        return [ip_address("127.0.0.1" if re.search(r"local|internal|svc|redis|1u\.ms", host) else OUTSIDE)]

    async def carry(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        port = url.port or {"http": 80, "https": 443}[url.scheme]
        if not is_public(ip_address(url.host)) or port not in PORTS or url.userinfo:
            self.reached.append(str(url))
        if self.redirect is None:
            return httpx.Response(200, text="ok")
        location, self.redirect = self.redirect, None
        return httpx.Response(302, headers=[(b"location", location.encode("utf-8", "replace"))])


@pytest.mark.requirement("S1-84", "H-10")
@pytest.mark.parametrize("way", ["directly", "by a redirect"])
async def test_no_url_leads_inside(way: str) -> None:
    internet, refused, slow = Internet(), 0, []
    every = 1 if way == "directly" else 5  # a redirect is checked as any other request is
    tries = list(attacks())[::every]
    async with guarded_client(resolve=internet.resolve, transport=httpx.MockTransport(internet.carry)) as client:
        for attack in tries:
            internet.redirect = None if way == "directly" else attack
            before = time.thread_time()
            try:
                await client.get(attack if way == "directly" else f"http://{OUTSIDE}/")
            except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
                refused += 1
            if time.thread_time() - before > SLOWEST:
                slow.append(attack)
            assert internet.reached == [], attack
    assert len(tries) * every > ATTACKS
    assert refused > len(tries) * 0.6, "the rest led to public addresses, or nowhere"
    assert len(slow) < 3, "a pause to collect garbage may fall into one"


async def test_what_is_known_to_lead_inside_is_refused() -> None:
    internet, passed = Internet(), []
    async with guarded_client(resolve=internet.resolve, transport=httpx.MockTransport(internet.carry)) as client:
        for attack in [*KNOWN, *(f"http://{host}/" for address in [*INSIDE, *INSIDE_6] for host in forms(address))]:
            try:
                await client.get(attack)
            except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
                continue
            passed.append(attack)
    assert passed == ["http://example.org#@127.0.0.1/"], "which leads to example.org"
