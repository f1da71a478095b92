"""A backup's file: a gzipped tar that any tool opens.

| part | what |
|---|---|
| `hi-backup.json` | what this is, of when, and the migrations that its tables are of |
| `rows/TABLE/00001.jsonl` | rows, each a JSON list in the order of the table's columns; as many parts as it takes |
| `media/…` | the files that people keep with things |
| `contents.json` | every table with its columns and number of rows, every part with its SHA-256 |
| `keys.json` | the installation's keys, locked with a passphrase (`key_box.py`); not in every backup |

What is counted while it is written can only stand at the end, which proves as well that there is one.
"""

import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, cast

from hi.backup.errors import BackupError

HEAD, CONTENTS, KEYS = "hi-backup.json", "contents.json", "keys.json"
ROWS, MEDIA = "rows/", "media/"
KIND = "backup of hi"
FORMAT = 1
COMPRESSION = 3  # a third of the time of gzip's usual 6, and a tenth larger
MOST_BYTES_OF_A_PART = 256 * 1024 * 1024  # of one that is read as a whole
LEAST_FREE_BYTES = 100_000_000
DAMAGED = (EOFError, zlib.error, tarfile.TarError, ValueError)


class ArchiveWriter:
    """Writes beside, and gives the file its name once all of it is on the disk. Left by an error, it leaves nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.digests: dict[str, str] = {}
        self._part = path.with_name(f"{path.name}.part")

    def __enter__(self) -> "ArchiveWriter":
        descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._raw = os.fdopen(descriptor, "wb")
        self._gzip = gzip.GzipFile(filename="", mode="wb", compresslevel=COMPRESSION, fileobj=self._raw)
        self._tar = tarfile.open(fileobj=self._gzip, mode="w|", format=tarfile.PAX_FORMAT)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if kind is not None:
            # What they still hold can't be written either, where the disk is full.
            for file in (self._tar, self._gzip, self._raw):
                with suppress(OSError, ValueError, tarfile.TarError):
                    file.close()
            self._part.unlink(missing_ok=True)
            return
        try:
            self._tar.close()
            self._gzip.close()
            self._raw.flush()
            os.fsync(self._raw.fileno())
            self._raw.close()
            os.replace(self._part, self.path)
        except BaseException:
            self._part.unlink(missing_ok=True)
            raise

    def add(self, name: str, data: bytes) -> None:
        self._add(name, io.BytesIO(data), len(data))

    def add_json(self, name: str, value: Any) -> None:
        self.add(name, json.dumps(value, indent=1).encode())

    def add_file(self, name: str, path: Path) -> bool:
        """False for one that has gone meanwhile."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return False
        with file:
            self._add(name, file, os.fstat(file.fileno()).st_size)
        return True

    def _add(self, name: str, file: IO[bytes], size: int) -> None:
        folder = self._part.parent
        if shutil.disk_usage(folder).free < LEAST_FREE_BYTES:
            raise BackupError(f"The disk of {folder} is nearly full.")
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        read = _Digesting(file)
        self._tar.addfile(info, read)
        self.digests[name] = read.digest.hexdigest()


class _Digesting:
    """Reads a file, and digests what it reads."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


@dataclass(frozen=True, slots=True)
class TableContents:
    columns: tuple[str, ...]
    rows: int
    last_id: int


@dataclass(frozen=True, slots=True)
class Archive:
    """A backup that was read from end to end and is whole."""

    path: Path
    made_at: str
    migrations: frozenset[tuple[str, str]]
    key_check: str  # a known text, encrypted with the key that the stored secrets were
    tables: dict[str, TableContents]
    contents_digest: bytes
    keys: bytes  # empty where it holds none


def read_archive(path: Path) -> Archive:
    """Read all of it, and compare it with what it says of itself. Raises BackupError with one sentence."""
    documents: dict[str, bytes] = {}
    digests: dict[str, str] = {}
    with reading(path):
        for name, file, size in walk(path):
            if name.startswith((ROWS, MEDIA)):
                digests[name] = hashlib.file_digest(file, "sha256").hexdigest()
            else:
                documents[name] = read_part(file, size)
            if len(documents) + len(digests) == 1:
                head = _read_head(path, documents)
    if CONTENTS not in documents:
        raise BackupError(f"{path} is not whole: its end is missing.")
    try:
        contents = json.loads(documents[CONTENTS])
    except ValueError as err:
        raise BackupError(f"{path} is damaged: its list of contents can't be read.") from err
    digests[HEAD] = hashlib.sha256(documents[HEAD]).hexdigest()
    expected = {HEAD, CONTENTS, KEYS} if contents["has_keys"] else {HEAD, CONTENTS}
    if digests != contents["parts"] or documents.keys() != expected:
        raise BackupError(f"{path} is damaged: what it holds is not what it says.")
    return Archive(
        path=path,
        made_at=head["made_at"],
        migrations=frozenset((app, name) for app, name in head["migrations"]),
        key_check=head["key_check"],
        tables={
            label: TableContents(tuple(table["columns"]), table["rows"], table["last_id"])
            for label, table in contents["tables"].items()
        },
        contents_digest=hashlib.sha256(documents[CONTENTS]).digest(),
        keys=documents.get(KEYS, b""),
    )


def _read_head(path: Path, documents: dict[str, bytes]) -> dict[str, Any]:
    try:
        head = json.loads(documents.get(HEAD, b"null"))
    except ValueError:
        head = None
    if not isinstance(head, dict) or head.get("kind") != KIND:
        raise BackupError(f"{path} is no backup of hi.")
    if head.get("format") != FORMAT:
        raise BackupError(f"{path} was made by a newer hi: use that one, or a later one.")
    return head


def walk(path: Path) -> Iterator[tuple[str, io.BufferedReader, int]]:
    """name, content and size of each part, in their order. Within `reading`."""
    with gzip.open(path) as unzipped, tarfile.open(fileobj=unzipped, mode="r|") as tar:
        for info in tar:
            cast(Any, tar).members.clear()  # or it keeps them all
            file = tar.extractfile(info)
            if file is None or not _is_harmless(info.name):
                raise BackupError(f"{path} is no backup of hi: it holds {info.name!r}.")
            yield info.name, cast(io.BufferedReader, file), info.size
        while unzipped.read(1 << 20):  # to the end, where gzip's own check stands
            pass


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """What is damaged, or not whole, raises BackupError."""
    try:
        yield
    except gzip.BadGzipFile as err:
        raise BackupError(f"{path} is no backup of hi, or damaged.") from err
    except DAMAGED as err:
        raise BackupError(f"{path} is damaged or not whole: {err}.") from err
    except OSError as err:
        raise BackupError(f"{path} can't be read: {err.strerror or err}.") from err


def read_part(file: IO[bytes], size: int) -> bytes:
    if size > MOST_BYTES_OF_A_PART:
        raise BackupError("This is no backup of hi: a part of it is larger than any that hi makes.")
    return file.read()


def _is_harmless(name: str) -> bool:
    """It leads nowhere but below where it is put."""
    return "\\" not in name and not {"", ".", ".."} & set(name.split("/"))
