"""Where a secret is that a file refers to."""

import os
from pathlib import Path

import pytest

from hi.integration.config_file import references
from hi.integration.config_file.references import Reference, UnresolvedError, name_variable

pytestmark = pytest.mark.pure


def test_a_variable_and_a_file_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HI_A_TOKEN", " secret-one ")
    (tmp_path / "token").write_text("secret-two\n")
    assert Reference("env", "HI_A_TOKEN").resolve() == "secret-one"
    assert Reference("file", str(tmp_path / "token")).resolve() == "secret-two"


def test_what_is_read_is_masked_in_logs_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HI_A_TOKEN", "plain-words-as-a-secret")
    Reference("env", "HI_A_TOKEN").resolve()
    assert references.redact.redact("x plain-words-as-a-secret y") == "x ••• y"


def test_where_nothing_is_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    os.mkfifo(tmp_path / "pipe")  # nobody ever writes into it
    for reference, told in (
        (Reference("env", "HI_NOBODY_SETS_THIS"), "The variable HI_NOBODY_SETS_THIS is not set."),
        (Reference("file", str(tmp_path / "none")), "can't be read (No such file or directory)."),
        (Reference("file", str(tmp_path)), "can't be read" if os.name == "nt" else str(tmp_path)),
        (Reference("file", str(tmp_path / "pipe")), "is not a file."),
        (Reference("file", str(tmp_path / "empty")), "is empty."),
        (Reference("file", str(tmp_path / "binary")), "is not text."),
    ):
        with pytest.raises(UnresolvedError) as caught:
            reference.resolve()
        assert told in str(caught.value)


def test_a_variable_is_called_like_what_it_is_for() -> None:
    assert name_variable("House", "token", ()) == "HI_HOUSE_TOKEN"
    assert name_variable("Ömas Häuschen 2", "api_key", ()) == "HI_OMAS_HAUSCHEN_2_API_KEY"
    assert name_variable("家", "token", ()) == "HI_INTEGRATION_TOKEN"
    assert name_variable("HOUSE!", "token", {"HI_HOUSE_TOKEN"}) == "HI_HOUSE_TOKEN_2"
    assert references.VARIABLE.fullmatch(name_variable("x" * 120, "y" * 60, ()))
