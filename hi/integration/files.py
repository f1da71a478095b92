"""Files that people keep with things: manuals, receipts, pictures.

A file's name on the disk is made up, and no address leads to its folder. What a browser is told it is comes from its
first bytes, never from who sent it: a few kinds of picture may be shown, all else is only ever saved.
"""

import logging
import secrets
import time
import unicodedata
from collections.abc import Collection, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet

from hi.accounts.models import User
from hi.entity.models import Entity, EntityFile
from hi.integration import audit, exceptions, people
from hi.integration.audit import Verb
from hi.integration.health import probes
from hi.integration.health.machine import FULL_DISK_BYTES

logger = logging.getLogger(__name__)
MEGABYTE = 1024 * 1024
MAX_BYTES = 25 * MEGABYTE
MAX_FILES = 100
MAX_NAME = 150
BATCH = 500
FOLDER = "things"
# No row leads to what a request that died has left behind; one that is at work may take so long.
ORPHAN_AGE = timedelta(days=1)
ANYTHING = "application/octet-stream"
PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp")

TYPES = (*PICTURES, "application/pdf", ANYTHING)


def read_type(head: bytes) -> str:
    """What a file is, by its first bytes."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return "application/pdf" if head.startswith(b"%PDF-") else ANYTHING


def clean_name(name: str) -> str:
    """A name without folders, and without what is not seen or turns the direction of what is."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(character for character in name if unicodedata.category(character)[0] != "C")
    name = " ".join(name.split()).lstrip(".") or "file"
    ending = Path(name).suffix[:12]
    return name if len(name) <= MAX_NAME else name[: MAX_NAME - len(ending)] + ending


def attach(entity: Entity, upload: "UploadedFile[Any]", user: User | None) -> EntityFile:
    """Keep a file with a thing. Raises ConfigurationError for one that is empty, too large, or one too many."""
    size = upload.size or 0
    if not size:
        raise exceptions.ConfigurationError("This file is empty.", field="file")
    if size > MAX_BYTES:
        raise exceptions.ConfigurationError(
            f"This file is too large: {size / MEGABYTE:.1f} MB, and {MAX_BYTES // MEGABYTE} MB are the most.",
            field="file",
        )
    if probes.probe_disk().free_bytes - size < FULL_DISK_BYTES:
        raise exceptions.ConfigurationError(
            "There is too little room on the disk to keep this file.",
            field="file",
            hint="The System page says how much is free.",
        )
    head = upload.read(16)
    upload.seek(0)
    content = _keep(upload)
    try:
        with transaction.atomic():
            entity = people.lock(entity)
            if EntityFile.objects.filter(entity=entity).count() >= MAX_FILES:
                raise exceptions.ConfigurationError(f"{MAX_FILES} files are the most for one thing.", field="file")
            name = clean_name(upload.name or "")
            row = EntityFile.objects.create(
                entity=entity, name=name, content=content, content_type=read_type(head), size=size, added_by=user
            )
            audit.record(user, Verb.ATTACHED, f"{entity.name}: {name}", after=name, entity=entity)
    except BaseException:
        _remove([Path(settings.MEDIA_ROOT) / content])
        raise
    return row


def _keep(upload: "UploadedFile[Any]") -> str:
    """Write it to the disk, outside of any transaction: others could not write for as long as it takes."""
    try:
        return default_storage.save(f"{FOLDER}/{secrets.token_hex(16)}", File(upload))
    except OSError as err:
        logger.exception("a file cannot be kept in %s", settings.MEDIA_ROOT)
        raise exceptions.IntegrationError(
            "The file cannot be kept: the disk refuses it.", hint="The System page says whether it is full."
        ) from err


def detach(row: EntityFile, user: User | None) -> None:
    """Take a file away for good. Asked twice, it is told once."""
    with transaction.atomic():
        gone, _by_model = EntityFile.objects.filter(pk=row.pk).delete()
        if gone:
            audit.record(user, Verb.DETACHED, f"{row.entity.name}: {row.name}", before=row.name, entity=row.entity)
            remove_after_commit([row.content.name])


def paths_of(things: QuerySet[Entity]) -> list[str]:
    """Where the files of some things lie. Ask before the things are deleted, and give it to `remove_after_commit`."""
    return list(EntityFile.objects.filter(entity__in=things.values("pk")).values_list("content", flat=True))


def remove_after_commit(paths: Collection[str | None]) -> None:
    """Delete files once their rows are gone for certain. What a crash leaves, `sweep_orphans` finds."""
    transaction.on_commit(lambda: _remove(Path(settings.MEDIA_ROOT) / path for path in paths if path), robust=True)


def sweep_orphans() -> int:
    """Delete files that no row leads to. Returns how many."""
    before = time.time() - ORPHAN_AGE.total_seconds()
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    old = [path for path in folder.glob("*") if path.is_file() and path.stat().st_mtime < before]
    gone = 0
    for begin in range(0, len(old), BATCH):
        batch = {f"{FOLDER}/{path.name}": path for path in old[begin : begin + BATCH]}
        known = set(EntityFile.objects.filter(content__in=batch).values_list("content", flat=True))
        gone += _remove(path for name, path in batch.items() if name not in known)
    return gone


def _remove(paths: Iterable[Path]) -> int:
    gone = 0
    for path in paths:
        try:
            path.unlink(missing_ok=True)
            gone += 1
        except OSError:
            logger.exception("the file %s stays behind", path)
    return gone
