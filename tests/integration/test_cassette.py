"""The file of a cassette: whole, its owner's alone, and in nobody's place."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hi.integration.cassette import write_cassette

pytestmark = pytest.mark.pure
DOCUMENT = {"cassette": 1, "said": [{"path": "/sensors", "text": "x" * 5000}]}


@contextmanager
def full_after(size: int) -> Iterator[None]:
    """As on a disk that is full then: what goes beyond is refused."""
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))


def test_it_is_whole_and_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "cassette.json"
    assert write_cassette(path, DOCUMENT) == path.stat().st_size
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        write_cassette(path, {"cassette": 2})
    assert b"x" * 5000 in path.read_bytes()


def test_half_of_one_is_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "cassette.json"
    with full_after(4096), pytest.raises(OSError, match="too large"):
        write_cassette(path, DOCUMENT)
    assert not path.exists()
