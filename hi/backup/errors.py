from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

from hi.utils.redact import redact


class BackupError(Exception):
    """Why a backup is not made or not restored, as one sentence for people. Nothing was changed."""


@contextmanager
def told_as(what: str) -> Iterator[None]:
    """The machine's and the database's trouble as ours."""
    try:
        yield
    except OSError as err:
        place = f" ({err.filename})" if err.filename else ""
        raise BackupError(f"{what}: {err.strerror or err}{place}.") from err
    except DatabaseError as err:
        raise BackupError(f"{what}: {first_line(err)}.") from err


def first_line(err: BaseException) -> str:
    """Of what it says; secrets taken out, and no full stop at the end."""
    lines = redact(str(err)).strip().splitlines()
    return (lines[0].rstrip(".") if lines else "") or type(err).__name__
