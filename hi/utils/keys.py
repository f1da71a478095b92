"""The files under `<data>/keys`: read anywhere, written by the init step alone. No framework here."""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECRET_KEY = "secret.key"
DJANGO_KEY = "django.key"
FLOWER_PASSWORD = "flower.password"
DEMO_TOKEN = "demo.token"


def read_key(path: Path) -> str:
    """The key in that file, or "" where there is none."""
    try:
        return path.read_text(encoding="ascii").strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def write_key(path: Path, value: str) -> None:
    """Write a new key file, readable by its owner alone; raises FileExistsError rather than replace one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(value + "\n")
        file.flush()
        os.fsync(file.fileno())


def replace_key(path: Path, value: str) -> None:
    """Write the file anew: whoever reads it meanwhile, and whatever crashes, finds the old content or the new one."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    write_key(fresh, value)
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def set_aside(path: Path) -> Path | None:
    """Keep a key under another name, for what it has encrypted may be in backups; None where there is none."""
    if not path.exists():
        return None
    return path.rename(path.with_name(f"{path.name}.until-{time.strftime('%Y%m%d-%H%M%S')}"))


@contextmanager
def renewing(folder: Path) -> Iterator[None]:
    """One process at a time renews the keys of a folder; raises BlockingIOError where another one does."""
    lock = os.open(folder / "renewing.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(lock)


def ensure_password(path: Path) -> str:
    """The password in that file, made up where there is none. For what can be made anew without loss."""
    if not read_key(path):
        path.unlink(missing_ok=True)
        write_key(path, secrets.token_urlsafe(18))
    return read_key(path)


def split_keys(text: str) -> tuple[str, ...]:
    """Encryption keys as configured: by comma or line, the first encrypts, all decrypt."""
    return tuple(text.replace(",", " ").split())
