"""Addresses that a page names by the hundred. Django's own search for each would cost more than all else in a tile."""

from functools import cache

from django.urls import reverse

_SAMPLE = 987_654_321


def address_of(name: str, pk: int) -> str:
    """As `reverse("console:NAME", args=[pk])`."""
    begin, end = _around(name)
    return f"{begin}{pk}{end}"


@cache
def _around(name: str) -> tuple[str, str]:
    begin, _sample, end = reverse(f"console:{name}", args=[_SAMPLE]).partition(str(_SAMPLE))
    return begin, end
