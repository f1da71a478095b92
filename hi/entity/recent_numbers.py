"""The last numbers of several states at once, for small pictures of their course."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from hi.entity.enums import Quality
from hi.entity.models import StateHistory

MAX_STATES = 60
SPAN = timedelta(hours=24)


def list_recent_numbers(
    state_ids: Iterable[int], now: datetime, limit: int = 32
) -> dict[int, list[tuple[datetime, float]]]:
    """The newest numbers of each state (of at most MAX_STATES) within a day, oldest first: one statement.

    A part for each state, so that each is read from the end of its index, as in `queries.list_history`.
    """
    ids = list(state_ids)[:MAX_STATES]
    if not ids:
        return {}
    part = (
        "SELECT * FROM (SELECT id, state_id, value, source_changed_at FROM entity_statehistory"
        " WHERE state_id = %s AND source_changed_at > %s AND quality = %s"
        " ORDER BY source_changed_at DESC, sequence DESC LIMIT %s) AS part{}"
    )
    statement = " UNION ALL ".join(part.format(number) for number in range(len(ids)))
    parameters = [parameter for pk in ids for parameter in (pk, now - SPAN, Quality.GOOD.value, limit)]
    found: dict[int, list[tuple[datetime, float]]] = {}
    for change in StateHistory.objects.raw(statement, parameters):
        try:
            number = float(change.value or "")
        except ValueError:
            continue
        found.setdefault(change.state_id, []).append((change.source_changed_at, number))
    return {state_id: sorted(numbers) for state_id, numbers in found.items()}
