"""Files on a thing's page: what may be shown is shown, all else is only saved, and nothing runs in our origin."""

from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import AsyncClient, Client

from hi.accounts.models import User
from hi.entity.models import Entity, EntityFile
from hi.integration import files
from tests.factories import EntityFactory

pytestmark = pytest.mark.either_database
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 3000  # larger than a piece


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return Path(settings.MEDIA_ROOT)


@pytest.fixture
def thing() -> Entity:
    return EntityFactory(source_name="Boiler")


def add(browser: Client, thing: Entity, name: str, content: bytes) -> EntityFile:
    upload = SimpleUploadedFile(name, content, content_type="text/html")
    assert browser.post(f"/things/{thing.pk}/files", {"file": upload}).status_code == 302
    return EntityFile.objects.latest("pk")


def fetch(person: User, row: EntityFile) -> tuple[HttpResponseBase, bytes]:
    """As under ASGI, where hi runs."""

    async def get() -> tuple[HttpResponseBase, bytes]:
        client = AsyncClient()
        await client.aforce_login(person)
        response = await client.get(f"/things/{row.entity_id}/files/{row.pk}/")
        return response, b"".join([piece async for piece in response.streaming_content])

    return async_to_sync(get)()


def test_a_picture_is_added_listed_and_shown_in_a_sandbox(browser: Client, person: User, thing: Entity) -> None:
    row = add(browser, thing, "photo.png", PNG)
    text = browser.get(f"/things/{thing.pk}/").text
    assert f'<img class="thumb" src="/things/{thing.pk}/files/{row.pk}/"' in text
    response, content = fetch(person, row)
    assert content == PNG
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["Content-Disposition"] == 'inline; filename="photo.png"'
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Length"] == str(len(PNG))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<script>alert(1)</script>"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("photo.png", b"<html>not a picture"),
        ("script.js", b"alert(1)"),
    ],
)
def test_what_could_run_is_only_ever_saved(
    browser: Client, person: User, thing: Entity, name: str, content: bytes
) -> None:
    response, got = fetch(person, add(browser, thing, name, content))
    assert got == content
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "<img" not in browser.get(f"/things/{thing.pk}/").text


def test_names_with_quotes_and_other_letters_arrive_whole(browser: Client, person: User, thing: Entity) -> None:
    response, _content = fetch(person, add(browser, thing, "Küche “neu”.pdf", b"%PDF-1.4"))
    assert response.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''K%C3%BCche")
    assert response.headers["Content-Type"] == "application/pdf"


def test_only_who_is_signed_in_and_asks_at_its_thing_gets_a_file(browser: Client, thing: Entity) -> None:
    row = add(browser, thing, "manual.pdf", b"%PDF-1.4")
    url = f"/things/{thing.pk}/files/{row.pk}/"
    assert Client().get(url).headers["Location"].startswith("/sign-in")
    assert browser.head(url).headers["Content-Length"] == "8"
    assert browser.get(f"/things/{EntityFactory().pk}/files/{row.pk}/").status_code == 404
    for path in (f"/media/{row.content.name}", f"/static/{row.content.name}", f"/{row.content.name}"):
        assert browser.get(path).status_code == 404


def test_a_file_that_is_not_on_the_disk_any_more_is_a_missing_page(browser: Client, thing: Entity, media: Path) -> None:
    row = add(browser, thing, "manual.pdf", b"%PDF-1.4")
    (media / (row.content.name or "")).unlink()
    assert browser.get(f"/things/{thing.pk}/files/{row.pk}/").status_code == 404
    assert browser.get(f"/things/{thing.pk}/").status_code == 200


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_too_large_and_none_at_all_are_said_in_the_form(
    browser: Client, thing: Entity, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", files.MEGABYTE)
    url = f"/things/{thing.pk}/files"
    large = SimpleUploadedFile("film.mov", b"x" * (files.MEGABYTE + 1))
    assert "This file is too large: 1.0 MB, and 1 MB are the most." in (
        browser.post(url, {"file": large}, headers=headers).text
    )
    assert "Choose a file first." in browser.post(url, {}, headers=headers).text
    assert not EntityFile.objects.exists()


def test_taking_a_file_away_asks_first(
    browser: Client, thing: Entity, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    row = add(browser, thing, "manual.pdf", b"%PDF-1.4")
    asked = browser.get(f"/things/{thing.pk}/files?remove={row.pk}").text
    assert "Remove manual.pdf for good?" in asked
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(f"/things/{thing.pk}/files/{row.pk}/remove", headers={"HX-Request": "true"})
    assert "manual.pdf" not in answer.text
    assert not EntityFile.objects.exists()
    assert [path for path in media.rglob("*") if path.is_file()] == []
