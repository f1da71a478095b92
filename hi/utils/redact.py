"""Takes secrets out of text on its way to a log, and whose home it is out of what is shown to strangers."""

import ipaddress
import json
import re
import threading
from collections.abc import Iterable, Mapping
from functools import partial
from urllib.parse import quote

MASK = "•••"
# Stands for the line ends inside a record.
LINE_END = " ⏎ "

_SECRET_WORD = (
    r"(?:access_?token|refresh_?token|api_?key|auth_?token|token|password|passwd|pwd|secret|authsig|signature)"
)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # scheme://user:password@host, and tokens given as the user.
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/@'\"]+@", re.IGNORECASE), rf"\1{MASK}@"),
    (re.compile(r"\b(bearer|basic|token)\s+[a-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1 {MASK}"),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?"), MASK),
    # Links that sign in: Django quotes the path of a request that failed.
    (re.compile(r"(/sign-in/)[^\s/?#'\"]+"), rf"\1{MASK}"),
    # Encrypted secrets: useless without the key, and noise.
    (re.compile(r"\bgAAAAA[\w=-]{20,}"), MASK),
    # key=value, "key": "value", key: value; the quoted forms first, since a value may hold spaces.
    (re.compile(rf"(['\"]?\b[\w-]*{_SECRET_WORD}['\"]?\s*[:=]\s*)(?:\"[^\"]*\"|'[^']*')", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(rf"(\b[\w-]*{_SECRET_WORD}\s*[:=]\s*)(?!{MASK})[^\s&,;'\"}}\])]+", re.IGNORECASE), rf"\1{MASK}"),
)

MIN_SECRET = 6
MAX_SECRETS = 300

_lock = threading.Lock()
# The latest last, and all their spellings, the longest first: a secret may begin like another.
_registered: dict[str, None] = {}
_spellings: tuple[str, ...] = ()


def register_secret(value: str) -> None:
    """From now on this very value never appears in this process's logs, nor as a `repr` or within a URL.

    Too short ones would mask ordinary words. The latest MAX_SECRETS are kept.
    """
    global _spellings
    if len(value) < MIN_SECRET:
        return
    with _lock:
        is_new = value not in _registered
        _registered.pop(value, None)
        _registered[value] = None
        while len(_registered) > MAX_SECRETS:
            del _registered[next(iter(_registered))]
        if is_new:
            spellings = {form for one in _registered for form in spell(one)}
            _spellings = tuple(sorted(spellings, key=len, reverse=True))


def spell(secret: str) -> set[str]:
    """As it is, as a `repr`, within a URL, within JSON."""
    return {secret, repr(secret)[1:-1], quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1]}


def list_secrets() -> list[str]:
    """Those that are registered."""
    with _lock:
        return list(_registered)


def redact(text: str) -> str:
    for value in _spellings:
        if value in text:
            text = text.replace(value, MASK)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


_URL_HOST = re.compile(r"(\b[a-z][a-z0-9+.-]*://)(\[[^\]\s]+\]|[^\s/:?#'\"\]]+)", re.IGNORECASE)
# Of bounded length all of them: of a text that a stranger wrote no search may take long.
_ADDRESS = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:.]{2,45})(?![\w:])", re.IGNORECASE)
_LOCAL_NAME = re.compile(
    r"(?<![\w.-])(?:[\w-]{1,63}\.){1,6}(?:local|lan|home|internal|box|localdomain|arpa)\b", re.IGNORECASE
)
_WHOSE: Mapping[str, re.Pattern[str]] = {
    "mail": re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"),
    "device": re.compile(r"(?<![\w:-])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:-])", re.IGNORECASE),
    "name": re.compile(r"(?:(?<=/home/)|(?<=/Users/))[^/\s'\"]+"),
}
MIN_NAME = 3


class Anonymiser:
    """Redacts what shall be shown to strangers: beside secrets also whose home it is. Names of people and of what they
    named are masked; a host has a stand-in, the same wherever it is told."""

    def __init__(self, names: Iterable[str], hosts: Iterable[str]) -> None:
        self._hosts: dict[str, str] = {}
        for host in sorted({host for host in hosts if len(host) >= MIN_NAME}, key=len, reverse=True):
            self._stand_in(host)
        self._names = any_of(names)
        self._known = any_of(self._hosts)

    def clean(self, text: str) -> str:
        text = redact(text)
        text = _URL_HOST.sub(lambda found: found[1] + self._stand_in(found[2].strip("[]")), text)
        for what, pattern in _WHOSE.items():
            text = pattern.sub(partial(self._hide_found, what), text)
        if self._known:
            text = self._known.sub(lambda found: self._stand_in(found[0]), text)
        text = _ADDRESS.sub(self._hide_address, text)
        text = _LOCAL_NAME.sub(self._hide_local_name, text)
        return self._names.sub(partial(self._hide_found, "name"), text) if self._names else text

    def hide(self, _what: str, _told: str) -> str:
        """What stands for a name, the address of a mail or of a device."""
        return MASK

    def _hide_found(self, what: str, found: re.Match[str]) -> str:
        return self.hide(what, found[0])

    def _hide_local_name(self, found: re.Match[str]) -> str:
        return self._stand_in(found[0])

    def _hide_address(self, found: re.Match[str]) -> str:
        try:
            address = ipaddress.ip_address(found[0])
        except ValueError:  # a time of day
            return found[0]
        return found[0] if address.is_unspecified else self._stand_in(found[0])

    def _stand_in(self, host: str) -> str:
        if host == MASK or host in self._hosts.values():
            return host
        return self._hosts.setdefault(host.lower(), f"host-{len(self._hosts) + 1}")


def any_of(words: Iterable[str], flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str] | None:
    """Finds any of the words that are long enough to mean something, the longest first, whatever their case."""
    known = sorted({word.strip() for word in words if len(word.strip()) >= MIN_NAME}, key=len, reverse=True)
    pattern = "|".join(map(re.escape, known))
    return re.compile(rf"(?<![^\W_])(?:{pattern})(?![^\W_])", flags) if known else None
