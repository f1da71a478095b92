from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from hi.utils import crypto


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
    renewed = crypto.rotate(token)
    settings.HI_SECRET_KEYS = (new,)
    assert crypto.decrypt(renewed) == "secret"


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
