"""What counts as the open internet."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.skills.web.addresses import is_public


@pytest.mark.parametrize(
    "text",
    [
        *(
            "8.8.8.8",
            "1.1.1.1",
            "93.184.215.14",
            "172.15.0.1",
            "172.32.0.1",
            "192.167.1.1",
            "100.63.0.1",
            "100.128.0.1",
        ),
        *("2606:4700:4700::1111", "2001:4860:4860::8888", "2a00:1450:4001::1", "64:ff9b::8.8.8.8"),
    ],
)
def test_addresses_of_the_internet_are_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.requirement("S1-84", "H-10")
@pytest.mark.parametrize(
    "text",
    [
        *(
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
        ),
        *("172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1"),
        *("168.63.129.16", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1"),
        *("255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1"),
        *(
            "64:ff9b::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::7f00:1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2001:2::1",
        ),
        *("2002:7f00:1::", "2002:808:808::", "2620:4f:8000::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254"),
        *("fe80::1", "fe80::1%eth0", "2606:4700::1%eth0", "fec0::1", "ff02::1", "2606:4700::5efe:7f00:1"),
        "2606:4700::200:5efe:10.0.0.1",
    ],
)
def test_all_others_are_not(text: str) -> None:
    assert not is_public(ip_address(text))


@given(st.ip_addresses(v=4))
def test_what_python_calls_private_is_never_public(address: IPv4Address) -> None:
    assert not (is_public(address) and (not address.is_global or address.is_multicast or address.is_reserved))


@given(st.ip_addresses(v=6))
def test_what_python_calls_private_is_never_public_in_ipv6_either(address: IPv6Address) -> None:
    assert not (is_public(address) and (not address.is_global or address.is_multicast))


@given(st.ip_addresses(v=4))
def test_an_address_that_wraps_a_private_one_is_not_public(address: IPv4Address) -> None:
    wrapped = IPv6Address((0x64FF9B << 96) | int(address))
    assert is_public(wrapped) == is_public(address)
