"""What the machine says about itself: its names, addresses and time zone."""

import contextlib
import ipaddress
import os
import socket
import zoneinfo
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
EVERYWHERE = {"0.0.0.0", "::", "[::]"}  # nosec B104 - compared with what a setting says, never bound from here


def in_url(host: str) -> str:
    """The host as a URL spells it: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def base_url(host: str, port: int, https: bool) -> str:
    """A URL that a browser on this machine can open."""
    shown = "localhost" if is_loopback(host) or host in EVERYWHERE else in_url(host)
    return f"{'https' if https else 'http'}://{shown}:{port}"


def allowed_hosts(host: str, public_url: str) -> list[str]:
    """The names under which this machine may be asked for; its addresses too once it listens beyond itself."""
    name = socket.gethostname().lower()
    short = name.split(".")[0]
    hosts = [*LOOPBACK, name, f"{short}.local"]
    if not is_loopback(host):
        hosts += [in_url(host), *machine_addresses()]
    hosts.append(in_url(urlsplit(public_url).hostname or "localhost"))
    return list(dict.fromkeys(entry for entry in hosts if entry not in EVERYWHERE))


def machine_addresses() -> list[str]:
    addresses: list[str] = []
    with contextlib.suppress(OSError):
        addresses += [str(found[4][0]) for found in socket.getaddrinfo(socket.gethostname(), None)]
    # The host name often resolves to loopback alone. A UDP socket that sends nothing tells which address is in use.
    for family, target in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((target, 9))
            addresses.append(str(probe.getsockname()[0]))
    return [in_url(address) for address in dict.fromkeys(addresses) if "%" not in address]


def trusted_origins(hosts: Iterable[str], public_url: str, port: int) -> list[str]:
    """The origins a form may be posted from.

    Requests whose Origin equals their own scheme and host pass without this list; it serves a proxy that ends TLS.
    """
    parts = urlsplit(public_url)
    origins = [f"{parts.scheme}://{parts.netloc}"]
    for host in hosts:
        if host != "*":
            pattern = f"*{host}" if host.startswith(".") else host
            origins += [f"https://{pattern}", f"{parts.scheme}://{pattern}:{port}"]
    return list(dict.fromkeys(origins))


def machine_time_zone() -> str:
    """The machine's zone by its IANA name, or UTC where that can't be told."""
    candidates = [os.environ.get("TZ", "").lstrip(":")]
    with contextlib.suppress(OSError):
        candidates.append(str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2])
    with contextlib.suppress(OSError, UnicodeDecodeError):
        candidates.append(Path("/etc/timezone").read_text(encoding="ascii").strip())
    for name in candidates:
        with contextlib.suppress(zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            if name:
                zoneinfo.ZoneInfo(name)
                return "UTC" if name in {"Etc/UTC", "Etc/UCT", "UCT", "Zulu"} else name
    return "UTC"
