"""Takes secrets out of text on its way to a log."""

import re
import threading
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
            spellings = {form for one in _registered for form in (one, repr(one)[1:-1], quote(one, safe=""))}
            _spellings = tuple(sorted(spellings, key=len, reverse=True))


def redact(text: str) -> str:
    for value in _spellings:
        if value in text:
            text = text.replace(value, MASK)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text
