from pathlib import Path

import pytest

from hi.utils import keys
from hi.utils.singleton import Singleton

pytestmark = pytest.mark.pure


def test_a_key_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "secret.key"
    keys.write_key(path, "value")
    assert keys.read_key(path) == "value"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_file_is_never_replaced(tmp_path: Path) -> None:
    keys.write_key(tmp_path / "secret.key", "first")
    with pytest.raises(FileExistsError):
        keys.write_key(tmp_path / "secret.key", "second")


def test_a_key_file_is_renewed_at_once_and_stays_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    keys.write_key(path, "first")
    (tmp_path / ".secret.key.new").write_text("left by a crash")
    with path.open() as reader:
        keys.replace_key(path, "second\nfirst")
        assert reader.read() == "first\n"
    assert keys.split_keys(keys.read_key(path)) == ("second", "first")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["secret.key"]


def test_one_process_at_a_time_renews_keys(tmp_path: Path) -> None:
    with keys.renewing(tmp_path), pytest.raises(BlockingIOError), keys.renewing(tmp_path):
        pass
    with keys.renewing(tmp_path):
        pass
    assert (tmp_path / "renewing.lock").stat().st_mode & 0o777 == 0o600  # as all files there


def test_a_key_that_is_not_there_reads_as_empty(tmp_path: Path) -> None:
    assert keys.read_key(tmp_path / "secret.key") == ""


@pytest.mark.parametrize("text", ["a,b", "a, b", "a\nb\n", " a b "])
def test_several_keys_may_be_parted_by_comma_or_line(text: str) -> None:
    assert keys.split_keys(text) == ("a", "b")


def test_a_singleton_is_one_object_a_class() -> None:
    class Parent(Singleton):
        pass

    class Child(Parent):
        pass

    assert Parent() is Parent()
    assert Child() is Child()
    assert Child() is not Parent()
