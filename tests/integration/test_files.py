"""Files that people keep with things: on the disk exactly as long as in the database."""

import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from hi.accounts.models import User
from hi.entity.models import Entity, EntityFile
from hi.integration import exceptions, files, housekeeping, jobs, overview, removal
from hi.integration.enums import JobKind
from hi.integration.job_run import JobRun
from hi.integration.models import AuditEntry, IntegrationInstance
from tests.factories import EntityFactory, UserFactory
from tests.integration.home import home, make_instance, sync

pytestmark = pytest.mark.database
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return Path(settings.MEDIA_ROOT)


@pytest.fixture
def anna() -> User:
    return UserFactory(username="anna")


def upload(name: str = "manual.pdf", content: bytes = b"%PDF-1.7 how to") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


def on_disk() -> list[Path]:
    return sorted(path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def test_a_file_is_kept_under_a_name_that_nobody_chose_for_its_owner_alone(anna: User) -> None:
    row = files.attach(EntityFactory(source_name="Lamp"), upload("../../etc/passwd"), anna)
    (path,) = on_disk()
    assert path.read_bytes() == b"%PDF-1.7 how to"
    assert (path.parent.name, len(path.name), path.suffix) == ("things", 32, "")
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert (row.name, row.size, row.added_by) == ("passwd", 15, anna)
    entry = AuditEntry.objects.get()
    assert (entry.who, entry.verb, entry.after) == ("anna", "attached", "passwd")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (PNG, "image/png"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", "application/octet-stream"),
        (b"%PDF-1.4", "application/pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", "application/octet-stream"),
        (b"<!doctype html><script>", "application/octet-stream"),
    ],
)
def test_what_a_file_is_comes_from_its_first_bytes_and_not_from_who_sent_it(head: bytes, expected: str) -> None:
    assert files.attach(EntityFactory(), upload("picture.png", head), None).content_type == expected


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Users\\anna\\Receipt 2024.pdf", "Receipt 2024.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("...", "file"),
        ("Anleitung für Küche 🍳.pdf", "Anleitung für Küche 🍳.pdf"),
    ],
)
def test_its_name_keeps_what_can_be_read(given: str, kept: str) -> None:
    assert files.clean_name(given) == kept


def test_a_long_name_keeps_its_ending() -> None:
    name = files.clean_name("x" * 400 + ".pdf")
    assert (len(name), name[-5:]) == (files.MAX_NAME, "x.pdf")


def test_too_large_too_many_and_nothing_are_refused_and_leave_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    thing = EntityFactory()
    monkeypatch.setattr(files, "MAX_BYTES", 20)
    monkeypatch.setattr(files, "MAX_FILES", 1)
    for content in (b"", b"x" * 21):
        with pytest.raises(exceptions.ConfigurationError):
            files.attach(thing, upload(content=content), None)
    files.attach(thing, upload(), None)
    with pytest.raises(exceptions.ConfigurationError):
        files.attach(thing, upload("second.pdf"), None)
    assert len(on_disk()) == EntityFile.objects.count() == AuditEntry.objects.count() == 1


def test_a_disk_that_is_nearly_full_takes_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    nearly_full = shutil.disk_usage("/")._replace(free=100_000_010)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: nearly_full)
    with pytest.raises(exceptions.ConfigurationError, match="too little room"):
        files.attach(EntityFactory(), upload(), None)
    assert on_disk() == []
    assert files.attach(EntityFactory(), upload(content=b"x" * 10), None).size == 10


def test_a_file_for_a_thing_that_is_deleted_meanwhile_leaves_nothing() -> None:
    thing = EntityFactory()
    Entity.objects.all().delete()
    with pytest.raises(Entity.DoesNotExist):
        files.attach(thing, upload(), None)
    assert on_disk() == []


class Watched(FileSystemStorage):
    """Notes whether others could not write while it did."""

    held_up: list[bool]

    def _save(self, name: str, content: Any) -> str:
        Watched.held_up.append(connection.in_atomic_block)
        return str(super()._save(name, content))


@pytest.mark.database(transaction=True)
def test_nobody_waits_for_the_database_while_a_file_is_written(client: Client, settings: Any, anna: User) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": f"{__name__}.Watched"}}
    Watched.held_up = []
    client.force_login(anna)
    client.post(f"/things/{EntityFactory().pk}/files", {"file": upload()})
    assert len(on_disk()) == EntityFile.objects.count() == 1
    assert Watched.held_up == [False]


def test_taking_a_file_away_takes_it_off_the_disk_once_that_is_certain(
    anna: User, django_capture_on_commit_callbacks: Any
) -> None:
    row = files.attach(EntityFactory(), upload(), anna)
    with django_capture_on_commit_callbacks() as callbacks:
        files.detach(row, anna)
    assert len(on_disk()) == 1
    for callback in callbacks:
        callback()
    assert on_disk() == []
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == ["attached", "detached"]


def test_a_file_that_two_take_away_is_told_once(anna: User) -> None:
    row = files.attach(EntityFactory(), upload(), anna)
    seen_by_another = EntityFile.objects.get(pk=row.pk)
    files.detach(row, anna)
    files.detach(seen_by_another, anna)
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == ["attached", "detached"]


def delete(instance: IntegrationInstance) -> None:
    job = jobs.enqueue(JobKind.DELETE, instance)
    run = JobRun.claim(job.pk, job.attempt, "tests")
    assert run is not None
    removal.delete_instance(instance, run)


def test_deleting_an_integration_deletes_the_files_of_what_only_it_mirrors(
    django_capture_on_commit_callbacks: Any,
) -> None:
    instance = make_instance()
    sync(instance, home())
    files.attach(Entity.objects.get(), upload(), None)
    kept = files.attach(EntityFactory(), upload("other.pdf"), None)
    assert overview.what_deletion_loses(instance).files == 1
    with django_capture_on_commit_callbacks(execute=True):
        delete(instance)
    assert [path.name for path in on_disk()] == [Path(kept.content.name or "").name]
    assert list(EntityFile.objects.all()) == [kept]


def test_housekeeping_takes_old_files_that_no_row_leads_to_and_no_other() -> None:
    kept = files.attach(EntityFactory(), upload(), None)
    folder = Path(settings.MEDIA_ROOT) / files.FOLDER
    long_ago = time.time() - files.ORPHAN_AGE.total_seconds() - 60
    for name in ("orphan", "being-written"):
        (folder / name).write_bytes(b"x")
    for path in (folder / "orphan", Path(kept.content.path)):
        os.utime(path, (long_ago, long_ago))
    housekeeping.keep_house()
    assert {path.name for path in on_disk()} == {"being-written", Path(kept.content.path).name}
