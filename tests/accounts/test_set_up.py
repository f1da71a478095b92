"""The init step on a folder and databases of its own: in processes, since keys are read when settings load."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hi.accounts import key_check
from hi.accounts.administrator import ensure_administrator, issue_sign_in_url, needs_sign_in_link
from hi.accounts.models import KeyCheck, SignInLink, User
from hi.accounts.roles import Role
from tests import nursery


def manage(data_dir: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {"PATH": os.environ["PATH"], "HI_DATA_DIR": str(data_dir)}
    return nursery.run(["-m", "manage", *words], kept | environment)


@pytest.mark.e2e
def test_the_first_set_up_makes_everything_and_the_second_changes_nothing(tmp_path: Path) -> None:
    first = manage(tmp_path, "initialise")
    assert first.returncode == 0, first.stderr
    assert "/sign-in/" in first.stdout
    key = (tmp_path / "keys" / "secret.key").read_text()
    collected = (tmp_path / "static" / "staticfiles.json").stat().st_mtime_ns
    second = manage(tmp_path, "initialise")
    assert second.returncode == 0, second.stderr
    assert (tmp_path / "keys" / "secret.key").read_text() == key
    assert (tmp_path / "static" / "staticfiles.json").stat().st_mtime_ns == collected


@pytest.mark.e2e
def test_a_key_that_is_no_key_is_refused_in_one_sentence(tmp_path: Path) -> None:
    answer = manage(tmp_path, "initialise", HI_SECRET_KEYS="short")
    assert answer.returncode == 1
    assert answer.stderr.startswith("hi: A key in HI_SECRET_KEYS or keys/secret.key is not a valid Fernet key: put")
    assert answer.stderr.count("\n") == 1


@pytest.mark.e2e
def test_a_database_that_does_not_answer_is_refused_without_its_password(tmp_path: Path) -> None:
    url = "postgres://hi:canary@127.0.0.1:1/hi"
    answer = manage(tmp_path, "initialise", HI_DATABASE_URL=url, HI_DATABASE_WAIT_SECONDS="0")
    assert answer.returncode == 1
    assert answer.stderr.startswith("CommandError: The database can't be used: ")
    assert answer.stderr.count("\n") == 1
    assert "canary" not in answer.stderr


OTHER_KEY = "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("lost", "instead", "environment", "told"),
    [
        ("secret.key", OTHER_KEY, {}, ("is kept as", "A new key stands in", "passwords of your systems")),
        ("secret.key", "", {}, ("A new key stands in", "passwords of your systems")),
        ("secret.key", "", {"HI_SECRET_KEYS": OTHER_KEY}, ("passwords of your systems",)),
        ("django.key", "", {}, ("A new key stands in", "who was signed in")),
    ],
    ids=["wrong", "gone", "named by the environment", "of sessions"],
)
def test_a_key_that_is_lost_for_good_is_replaced_on_demand(
    initialised: Path, tmp_path: Path, lost: str, instead: str, environment: dict[str, str], told: tuple[str, ...]
) -> None:
    data_dir = shutil.copytree(initialised, tmp_path / "hi", copy_function=shutil.copy2)
    (data_dir / "keys" / lost).unlink()
    if instead:
        (data_dir / "keys" / lost).write_text(f"{instead}\n")
    refused = manage(data_dir, "initialise", **environment)
    assert refused.returncode == 1
    assert "`make new-key` makes another" in refused.stderr
    done = manage(data_dir, "new_key", **environment)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if not any(part in line for part in told)] == []
    assert all(part in done.stdout for part in told)
    assert manage(data_dir, "initialise", **environment).returncode == 0
    again = manage(data_dir, "new_key", **environment)
    assert again.returncode == 1
    assert again.stderr.endswith("nothing is lost.\n")


@pytest.mark.database
def test_the_right_key_passes_and_a_wrong_one_is_told() -> None:
    key_check.check_key()
    key_check.check_key()
    KeyCheck.objects.update(encrypted="gAAAAABsomething-encrypted-with-another-key")
    with pytest.raises(key_check.WrongKeyError):
        key_check.check_key()


@pytest.mark.database
def test_the_first_administrator_is_made_once_and_has_no_password() -> None:
    made = ensure_administrator()
    assert ensure_administrator() == made
    assert made.username == "admin"
    assert made.role == Role.ADMIN
    assert not made.has_usable_password()


@pytest.mark.database
def test_a_sign_in_link_is_needed_until_the_administrator_can_come_in_without() -> None:
    administrator = ensure_administrator()
    assert needs_sign_in_link(administrator)
    administrator.set_password("long-enough-1")
    assert not needs_sign_in_link(administrator)


@pytest.mark.database
def test_the_link_that_is_printed_works() -> None:
    url = issue_sign_in_url(ensure_administrator())
    assert url.startswith("http://localhost:9411/sign-in/")
    assert SignInLink.redeem(url.rpartition("/")[2]) == User.objects.get()
