"""Which addresses may be a system in a home, and what makes two URLs lead to the same server.

The one rule for what a person types and for what a name resolves to: link-local addresses are where cloud machines keep
their credentials. Loopback and private addresses are a home's own.
"""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
# The first 96 bits of IPv6 addresses that stand for the IPv4 address in the last 32: compatible, mapped, translated,
# NAT64. Of a network's own NAT64 the first 48 bits are known.
IPV4_PREFIXES = frozenset({0, 0xFFFF, 0xFFFF_0000, 0x64_FF9B << 64})
OWN_NAT64 = 0x64_FF9B_0001
# Where clouds keep them outside of the link-local addresses.
METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in (
        *("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::23", "fd00:ec2::254"),
        *("fd00:42::42", "fd00:c1::a9fe:a9fe", "fd20:ce::254"),
    )
)
# Of no machine: "this network", what is reserved, and broadcast.
NOBODYS = (ipaddress.ip_network("0.0.0.0/8"), ipaddress.ip_network("240.0.0.0/4"))

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def may_be_in_a_home(host: str) -> bool:
    """False for an address of a cloud's metadata, and for a link-local, multicast or unspecified one, or one that no
    machine has, however it is written. Any name may be: ask again for each address that it leads to."""
    address = _read_address(host)
    return address is None or not any(
        one.is_link_local or one.is_multicast or one.is_unspecified or one in METADATA or _is_nobodys(one)
        for one in _meanings(address)
    )


def get_origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port: what belongs to one server. Raises ValueError for a port that is none."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme, 80)


def _read_address(host: str) -> IpAddress | None:
    text = host.partition("%")[0].rstrip(".")
    with suppress(UnicodeError):  # wide digits and dots are digits and dots to a resolver
        text = text.encode("idna").decode()
    with suppress(ValueError):
        return ipaddress.ip_address(text)
    with suppress(ValueError, OSError):  # 2852039166, 0xa9fea9fe and 0251.0376.43518 are addresses to a resolver
        return ipaddress.IPv4Address(socket.inet_aton(text))
    return None


def _is_nobodys(address: IpAddress) -> bool:
    return any(address in network for network in NOBODYS)


def _meanings(address: IpAddress) -> Iterator[IpAddress]:
    """The address, and those of IPv4 that it stands for."""
    yield address
    if isinstance(address, ipaddress.IPv6Address):
        prefix = int(address) >> 32
        if (prefix in IPV4_PREFIXES or prefix >> 48 == OWN_NAT64) and int(address) > 1:
            yield ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if address.sixtofour is not None:
            yield address.sixtofour
        if address.teredo is not None:
            yield from address.teredo
