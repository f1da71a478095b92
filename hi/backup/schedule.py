"""Backups that are made by themselves, and which of all are kept."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from hi.backup.errors import BackupError, told_as
from hi.backup.making import Made, Occasion, make_backup

KEEP_BEFORE = 3  # of those before an upgrade, and of those before a restore; what people made stays
LEFT_OVER = timedelta(days=1)  # what a process that was killed has left unfinished


@dataclass(frozen=True, slots=True)
class Failure:
    at: datetime
    why: str


def is_due() -> bool:
    if not settings.HI_BACKUP_HOURS:
        return False
    newest = newest_at(Occasion.SCHEDULED)
    # One from the future was made before the clock was set back.
    return newest is None or abs(timezone.now() - newest) >= timedelta(hours=settings.HI_BACKUP_HOURS)


def newest_at(*occasions: Occasion) -> datetime | None:
    """When the newest was made, of those of some occasions or of all. Raises OSError where the folder can't be read."""
    found = sorted((path for one in occasions or Occasion for path in _of(one)), key=_made_at, reverse=True)
    return datetime.fromtimestamp(found[0].stat().st_mtime, timezone.get_current_timezone()) if found else None


def make_due_backup() -> Made | None:
    """Make one if it is due and nobody else is at it. What fails is noted, and raised."""
    try:
        with told_as(f"No backup can be made in {settings.HI_BACKUP_DIR}"), _alone() as is_alone:
            if not is_alone or not is_due():
                return None
            made = make_backup(Occasion.SCHEDULED, settings.HI_BACKUP_PASSPHRASE)
            _tidy()
    except BackupError as err:
        _note().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _note().write_text(json.dumps({"at": timezone.now().isoformat(), "why": str(err)}), encoding="utf-8")
        raise
    _note().unlink(missing_ok=True)
    return made


def last_failure() -> Failure | None:
    """What went wrong the last time, where it did."""
    try:
        found = json.loads(_note().read_text(encoding="utf-8"))
        return Failure(datetime.fromisoformat(found["at"]), str(found["why"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _note() -> Path:
    # Not in the folder of backups, which may be what is wrong.
    path: Path = settings.HI_DATA_DIR / "run" / "backup.failed"
    return path


@contextmanager
def _alone() -> Iterator[bool]:
    settings.HI_BACKUP_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (settings.HI_BACKUP_DIR / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _tidy() -> None:
    too_many = [
        *_of(Occasion.SCHEDULED)[settings.HI_BACKUP_KEEP :],
        *_of(Occasion.BEFORE_UPGRADE)[KEEP_BEFORE:],
        *_of(Occasion.BEFORE_RESTORE)[KEEP_BEFORE:],
    ]
    before = (timezone.now() - LEFT_OVER).timestamp()
    too_many += [path for path in settings.HI_BACKUP_DIR.glob("hi-*.part") if path.stat().st_mtime < before]
    for path in too_many:
        with suppress(FileNotFoundError):
            path.unlink()


def _of(occasion: Occasion) -> list[Path]:
    """Newest first."""
    folder: Path = settings.HI_BACKUP_DIR
    names = os.listdir(folder) if folder.exists() else []
    found = [folder / name for name in names if name.startswith("hi-") and name.endswith(f"-{occasion}.tar.gz")]
    return sorted(found, key=_made_at, reverse=True)


def _made_at(path: Path) -> float:
    return path.stat().st_mtime
