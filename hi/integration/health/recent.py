"""What is not well with hi itself, for pages that ask all the time: looked at every few seconds, by one for all."""

import threading
import time
from collections.abc import Iterable

from hi.integration.health.check import check_health
from hi.integration.health.findings import Finding, Level

FRESH_SECONDS = 10.0
# The other processes begin together with this one; until they have said so, nothing is missing.
STARTING_SECONDS = 30.0
# What the mirrored systems are about; they say it themselves.
TOLD_BY_SYSTEMS = ("Integrations", "Scheduled syncs")

_began_at = time.monotonic()
_looking = threading.Lock()
_known: tuple[float, tuple[Finding, ...]] | None = None


def list_troubles() -> tuple[Finding, ...]:
    """The worst first; nothing where all is well. Whoever comes while another looks gets what was known before."""
    known = _known
    if known is not None and time.monotonic() - known[0] < FRESH_SECONDS:
        return known[1]
    if time.monotonic() - _began_at < STARTING_SECONDS:
        return ()
    if not _looking.acquire(blocking=False):
        return known[1] if known else ()
    try:
        return remember(check_health().findings)
    finally:
        _looking.release()


def remember(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    global _known
    troubles = sorted(filter(_is_own_trouble, findings), key=lambda finding: finding.level is not Level.BAD)
    _known = (time.monotonic(), tuple(troubles))
    return _known[1]


def _is_own_trouble(finding: Finding) -> bool:
    if finding.level is Level.OK or finding.subject in TOLD_BY_SYSTEMS:
        return False
    return finding.subject != "Listeners" or finding.level is Level.BAD  # else a system is cut off, and says so


def forget() -> None:
    global _known
    _known = None
