"""What sources have recorded of a thing, newest first."""

from collections.abc import Iterable

from hi.integration.models import Recording
from hi.utils import keyset
from hi.utils.keyset import Cursor

MAX_NEW = 100


def list_recordings(
    entity_id: int, limit: int, after: Cursor[int] | None = None
) -> tuple[list[Recording], Cursor[int] | None]:
    """A page of them, and where the next one begins."""
    kept = Recording.objects.filter(entity=entity_id)
    return keyset.read_page(kept, ("-began_at", "-pk"), limit, place_of, after)


def count_newer(entity_id: int, than: Cursor[int] | None) -> int:
    """MAX_NEW at most: nobody counts further."""
    newer = Recording.objects.filter(entity=entity_id)
    if than is not None:
        newer = newer.filter(keyset.beyond(("began_at", "pk"), than))
    return newer[:MAX_NEW].count()


def list_ended(entity_id: int, going: Iterable[int]) -> list[Recording]:
    """Those of a few that went on, and do no more."""
    return list(Recording.objects.filter(pk__in=[*going] or [0], entity=entity_id, ended_at__isnull=False))


def forget(recording_id: int) -> None:
    """Its source has it no more."""
    Recording.objects.filter(pk=recording_id).delete()


def place_of(recording: Recording) -> Cursor[int]:
    return recording.began_at, recording.pk
