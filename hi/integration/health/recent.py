"""What is not well with hi itself, for pages that ask all the time. The web process's keeper looks every few seconds;
no request waits for that, since it asks Redis and the disk as well.
"""

from collections.abc import Iterable

from hi.integration.health.check import check_health
from hi.integration.health.findings import Finding, Level

# What the mirrored systems are about; they say it themselves.
TOLD_BY_SYSTEMS = ("Integrations", "Scheduled syncs")

_known: tuple[Finding, ...] = ()


def list_troubles() -> tuple[Finding, ...]:
    """The worst first; nothing where all is well, or nobody has looked yet."""
    return _known


def look() -> None:
    remember(check_health().findings)


def remember(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    global _known
    troubles = sorted(filter(_is_own_trouble, findings), key=lambda finding: finding.level is not Level.BAD)
    _known = tuple(troubles)
    return _known


def _is_own_trouble(finding: Finding) -> bool:
    if finding.level is Level.OK or finding.subject in TOLD_BY_SYSTEMS:
        return False
    return finding.subject != "Listeners" or finding.level is Level.BAD  # else a system is cut off, and says so
