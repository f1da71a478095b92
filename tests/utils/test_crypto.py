from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from hi.utils import crypto, keys


def make_key() -> str:
    return Fernet.generate_key().decode()


@pytest.fixture
def key_file(tmp_path: Path, settings: Any) -> Path:
    """With the key that this process has read at its start."""
    settings.HI_SECRET_KEYS = (make_key(),)
    settings.HI_SECRET_KEYS_FILE = tmp_path / "secret.key"
    keys.write_key(tmp_path / "secret.key", settings.HI_SECRET_KEYS[0])
    return tmp_path / "secret.key"


def test_a_secret_comes_back_and_is_not_readable_in_between() -> None:
    token = crypto.encrypt("päss wörd")
    assert "päss" not in token
    assert crypto.decrypt(token) == "päss wörd"


def test_the_first_key_encrypts_and_older_ones_still_decrypt(settings: Any) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    settings.HI_SECRET_KEYS = (old,)
    token = crypto.encrypt("secret")
    settings.HI_SECRET_KEYS = (new, old)
    assert crypto.decrypt(token) == "secret"
    assert not crypto.is_newest(token, new)
    renewed = crypto.rotate(token, (new, old))
    assert crypto.is_newest(renewed, new)
    settings.HI_SECRET_KEYS = (new,)
    assert crypto.decrypt(renewed) == "secret"


def test_a_process_finds_a_key_that_came_after_its_start(key_file: Path, settings: Any) -> None:
    old, new = settings.HI_SECRET_KEYS[0], make_key()
    before = crypto.encrypt("before")
    keys.replace_key(key_file, f"{new}\n{old}")
    after = Fernet(new).encrypt(b"after").decode()
    assert crypto.decrypt(after) == "after"
    assert crypto.decrypt(before) == "before"


def test_who_encrypts_uses_the_key_that_is_the_newest_now(key_file: Path, settings: Any) -> None:
    old, new = settings.HI_SECRET_KEYS[0], make_key()
    keys.replace_key(key_file, f"{new}\n{old}")
    assert crypto.is_newest(crypto.encrypt("secret"), new)


def test_a_process_that_slept_through_the_renewal_knows_the_key_that_is_left(key_file: Path) -> None:
    new = make_key()
    keys.replace_key(key_file, new)
    assert crypto.is_newest(crypto.encrypt("secret"), new)


@pytest.mark.parametrize("content", ["", "not-a-key", "\x00\x01"])
def test_a_key_file_that_is_damaged_changes_nothing_for_who_runs(content: str, key_file: Path, settings: Any) -> None:
    known = list(settings.HI_SECRET_KEYS)
    key_file.write_text(content)
    assert crypto.decrypt(crypto.encrypt("secret")) == "secret"
    assert list(settings.HI_SECRET_KEYS) == known
    key_file.unlink()
    assert crypto.decrypt(crypto.encrypt("secret")) == "secret"


def test_keys_that_stand_in_the_environment_are_as_they_were_at_the_start(settings: Any) -> None:
    settings.HI_SECRET_KEYS_FILE = None
    assert not crypto.look_again()


def test_another_key_is_told_apart_from_other_trouble(settings: Any) -> None:
    token = crypto.encrypt("secret")
    settings.HI_SECRET_KEYS = (Fernet.generate_key().decode(),)
    with pytest.raises(crypto.DecryptionError):
        crypto.decrypt(token)


def test_a_text_that_was_never_encrypted_is_refused() -> None:
    with pytest.raises(crypto.DecryptionError):
        crypto.decrypt("plain text")


def test_a_key_that_is_none_is_refused_without_quoting_it(settings: Any) -> None:
    settings.HI_SECRET_KEYS = ("not-a-key",)
    with pytest.raises(ImproperlyConfigured) as caught:
        crypto.encrypt("secret")
    assert "not-a-key" not in str(caught.value)


def test_no_key_at_all_is_refused(settings: Any) -> None:
    settings.HI_SECRET_KEYS = ()
    with pytest.raises(ImproperlyConfigured, match="make run"):
        crypto.encrypt("secret")
