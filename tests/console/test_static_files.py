"""Style and script as the web process sends them: collected, compressed, kept for ever."""

import asyncio
import gzip
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

from hi.console.static_files import StaticFiles

NAME = "console/tokens.css"


@pytest.fixture
def static_files(tmp_path: Path, settings: Any) -> StaticFiles:
    settings.STATIC_ROOT = tmp_path
    backend = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": backend}}
    call_command("collectstatic", interactive=False, verbosity=0)
    return StaticFiles()


def fetch(
    static_files: StaticFiles, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes] | None:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asked = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": asked}
    if not asyncio.run(static_files.answer(scope, send)):
        assert not sent
        return None
    start, body = sent
    return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body["body"]


def test_a_file_whose_name_carries_its_hash_is_kept_for_ever(static_files: StaticFiles) -> None:
    found = fetch(static_files, staticfiles_storage.url(NAME))
    assert found
    status, headers, body = found
    assert (status, headers["content-type"]) == (200, 'text/css; charset="utf-8"')
    assert "immutable" in headers["cache-control"]
    assert headers["x-content-type-options"] == "nosniff"
    assert int(headers["content-length"]) == len(body)
    assert b"--background" in body


def test_who_takes_it_compressed_gets_it_compressed(static_files: StaticFiles) -> None:
    url = staticfiles_storage.url(NAME)
    plain, packed = fetch(static_files, url), fetch(static_files, url, accept_encoding="gzip, br")
    assert plain
    assert packed
    assert (packed[1]["content-encoding"], packed[1]["vary"]) == ("gzip", "Accept-Encoding")
    assert len(packed[2]) < len(plain[2])
    assert gzip.decompress(packed[2]) == plain[2]


def test_who_has_it_already_gets_no_second_copy(static_files: StaticFiles) -> None:
    url = staticfiles_storage.url(NAME)
    first = fetch(static_files, url)
    assert first
    again = fetch(static_files, url, if_none_match=first[1]["etag"])
    assert again
    assert (again[0], again[2]) == (304, b"")
    looked = fetch(static_files, url, "HEAD")
    assert looked
    assert (looked[0], looked[2], looked[1]["content-length"]) == (200, b"", first[1]["content-length"])


@pytest.mark.parametrize("path", ["/", "/static/", "/static/nothing.css", "/static/../keys/secret.key", "/staticky"])
def test_everything_else_is_left_to_django(static_files: StaticFiles, path: str) -> None:
    assert fetch(static_files, path) is None


def test_only_looking_is_allowed(static_files: StaticFiles) -> None:
    found = fetch(static_files, staticfiles_storage.url(NAME), "POST")
    assert found
    assert (found[0], found[1]["allow"]) == (405, "GET, HEAD")
