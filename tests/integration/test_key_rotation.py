"""A new key for all that is stored: nothing is lost, whatever happens meanwhile."""

import re
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection

from hi.accounts import key_check
from hi.entity.enums import ControlType
from hi.integration import configuration, key_rotation
from hi.integration.core.settings import SettingSpec, SettingType
from hi.integration.key_rotation import STORED, RotationError
from hi.integration.models import Command, IntegrationAttribute, IntegrationInstance
from hi.utils import crypto, keys
from tests.factories import InstanceFactory
from tests.integration.orders import ask, make_state

pytestmark = pytest.mark.database
SPECS = (SettingSpec("url", "Address", SettingType.URL), SettingSpec("token", "Token", SettingType.SECRET))
ROOT = Path(__file__).parents[2]


def make_key() -> str:
    return Fernet.generate_key().decode()


@pytest.fixture
def key_file(tmp_path: Path, settings: Any) -> Path:
    """As at a start: one key, which is that of the database."""
    path = tmp_path / "secret.key"
    settings.HI_KEYS_DIR, settings.HI_SECRET_KEYS_FILE, settings.HI_SECRET_KEYS = tmp_path, path, (make_key(),)
    keys.write_key(path, settings.HI_SECRET_KEYS[0])
    key_check.check_key()
    return path


@pytest.fixture
def house(key_file: Path) -> IntegrationInstance:
    return connect("House", "t0ken-of-the-house")


def connect(label: str, token: str) -> IntegrationInstance:
    instance = InstanceFactory(label=label, integration_type="hass")
    configuration.write_configuration(instance, SPECS, {"url": "http://house.local", "token": token})
    return instance


def read_ring(path: Path) -> tuple[str, ...]:
    return keys.split_keys(keys.read_key(path))


def list_stored() -> list[str]:
    return [
        text
        for stored in STORED
        for text in stored.model._default_manager.filter(stored.rows).values_list(stored.column, flat=True)
    ]


def test_all_that_is_stored_is_under_the_new_key_and_reads_as_before(
    house: IntegrationInstance, key_file: Path
) -> None:
    door = make_state(house, ControlType.LOCK, options=["unlocked"], code_format="text", value="locked")
    command = ask(door, "unlocked", code="4711")
    (old,) = read_ring(key_file)
    revision = house.config_revision
    outcome = key_rotation.rotate()
    new = read_ring(key_file)[0]
    assert (outcome.secrets, outcome.renewed, outcome.lost, outcome.has_new_key) == (3, 3, 0, True)
    assert read_ring(key_file) == (new, old)
    assert all(crypto.is_newest(text, new) for text in list_stored())
    assert configuration.read_configuration(house)["token"] == "t0ken-of-the-house"
    assert crypto.decrypt(Command.objects.get(pk=command.pk).code) == "4711"
    house.refresh_from_db()
    assert house.config_revision == revision  # its listener goes on


def test_repeated_it_changes_nothing_more(house: IntegrationInstance, key_file: Path) -> None:
    key_rotation.rotate()
    before, ring = list_stored(), read_ring(key_file)
    outcome = key_rotation.rotate()
    assert (outcome.renewed, outcome.has_new_key) == (0, False)
    assert (list_stored(), read_ring(key_file)) == (before, ring)


@pytest.mark.parametrize("after", [0, 1, 7])
def test_interrupted_anywhere_it_is_finished_by_the_next(
    after: int, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    houses = [connect(f"House {number}", f"t0ken-{number}") for number in range(8)]
    done = []

    def die(*args: Any) -> str:
        if len(done) == after:
            raise KeyboardInterrupt
        done.append(args)
        return rotate(*args)

    rotate = crypto.rotate
    monkeypatch.setattr(key_rotation, "BATCH", 3)
    monkeypatch.setattr(crypto, "rotate", die)
    with pytest.raises(KeyboardInterrupt):
        key_rotation.rotate()
    monkeypatch.setattr(crypto, "rotate", rotate)
    assert [configuration.read_configuration(house)["token"] for house in houses] == [f"t0ken-{n}" for n in range(8)]
    outcome = key_rotation.rotate()
    assert not outcome.has_new_key
    assert len(read_ring(key_file)) == 2
    assert all(crypto.is_newest(text, read_ring(key_file)[0]) for text in list_stored())


def test_the_old_key_is_dropped_once_nothing_needs_it(house: IntegrationInstance, key_file: Path) -> None:
    key_rotation.rotate()
    new, old = read_ring(key_file)
    late = Fernet(old).encrypt(b"written late").decode()  # by a process that had looked at the file just before
    IntegrationAttribute.objects.filter(integration_attr_key="token").update(value=late)
    assert key_rotation.retire().renewed == 1
    assert read_ring(key_file) == (new,)
    assert configuration.read_configuration(house)["token"] == "written late"
    assert key_check.key_fits()
    with pytest.raises(RotationError, match="one key only"):
        key_rotation.retire()


def test_what_is_written_while_the_old_key_is_dropped_is_kept(
    house: IntegrationInstance, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_rotation.rotate()
    old = read_ring(key_file)[1]
    replace_key = keys.replace_key

    def replace(*args: Any) -> None:
        late = Fernet(old).encrypt(b"written late").decode()
        IntegrationAttribute.objects.filter(integration_attr_key="token").update(value=late)
        replace_key(*args)

    monkeypatch.setattr(keys, "replace_key", replace)
    key_rotation.retire()
    assert configuration.read_configuration(house)["token"] == "written late"


def test_a_secret_that_no_key_fits_is_counted_and_left_as_it_is(house: IntegrationInstance, key_file: Path) -> None:
    cabin = connect("Cabin", "t0ken-of-the-cabin")
    foreign = Fernet(make_key()).encrypt(b"x").decode()
    cabin.attributes.filter(is_secret=True).update(value=foreign)
    assert key_rotation.rotate().lost == 1
    assert key_rotation.retire().lost == 1
    assert cabin.attributes.get(is_secret=True).value == foreign
    assert configuration.read_configuration(house)["token"] == "t0ken-of-the-house"


def test_what_changes_meanwhile_is_not_overwritten(
    house: IntegrationInstance, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotate = crypto.rotate

    def change_first(text: str, ring: tuple[str, ...]) -> str:
        row = IntegrationAttribute.objects.get(integration_attr_key="token")
        if row.value == text:
            configuration.write_configuration(house, SPECS, {"url": "http://house.local", "token": "a newer one"})
        return rotate(text, ring)

    monkeypatch.setattr(crypto, "rotate", change_first)
    key_rotation.rotate()
    assert configuration.read_configuration(house)["token"] == "a newer one"


def test_a_key_of_another_database_is_not_worked_with(house: IntegrationInstance, key_file: Path) -> None:
    before = list_stored()
    keys.replace_key(key_file, make_key())
    with pytest.raises(RotationError, match="not the one of this database"):
        key_rotation.rotate()
    assert list_stored() == before
    assert len(read_ring(key_file)) == 1


def test_two_at_once_make_one_key(house: IntegrationInstance, key_file: Path) -> None:
    with keys.renewing(key_file.parent), pytest.raises(RotationError, match="Another process"):
        key_rotation.rotate()
    assert len(read_ring(key_file)) == 1


def test_keys_that_are_configured_are_worked_with_and_never_written(
    house: IntegrationInstance, key_file: Path, settings: Any
) -> None:
    settings.HI_SECRET_KEYS_FILE = None
    with pytest.raises(RotationError, match="put a new one in front"):
        key_rotation.rotate()
    content = key_file.read_text()
    settings.HI_SECRET_KEYS = (make_key(), *settings.HI_SECRET_KEYS)
    assert key_rotation.rotate().renewed == 2
    assert key_rotation.retire().renewed == 0
    assert key_file.read_text() == content
    settings.HI_SECRET_KEYS = settings.HI_SECRET_KEYS[:1]
    assert configuration.read_configuration(house)["token"] == "t0ken-of-the-house"


def test_the_command_tells_what_it_did_and_no_key(
    house: IntegrationInstance, key_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("rotate_keys")
    call_command("rotate_keys")
    ring = read_ring(key_file)
    call_command("rotate_keys", "--retire")
    told = capsys.readouterr().out
    assert "2 stored secrets, of which 2 were encrypted anew." in told
    assert "so none was made" in told
    assert "The older keys are gone" in told
    assert all(key not in told for key in ring)
    with pytest.raises(CommandError, match="one key only"):
        call_command("rotate_keys", "--retire")


def test_whoever_encrypts_is_known_to_the_rotation() -> None:
    """A column that is missing in STORED would be lost with the old key."""
    callers = {
        str(path.relative_to(ROOT / "hi"))
        for path in (ROOT / "hi").rglob("*.py")
        if re.search(r"\bcrypto\.encrypt\(|\bFernet\(", path.read_text())
    }
    assert callers == {
        "backup/making.py",  # a known text in a backup's list, which tells by which key the rest was encrypted
        "console/once.py",  # a cookie of a minute, which says nothing more once its key is gone
        "accounts/key_check.py",  # KeyCheck.encrypted
        "integration/commands.py",  # Command.code
        "integration/configuration.py",  # IntegrationAttribute.value
        "utils/crypto.py",
    }


@pytest.mark.database(transaction=True)
def test_who_reads_and_writes_meanwhile_notices_nothing(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_rotation, "BATCH", 5)
    houses = [connect(f"House {number}", f"t0ken-{number}-0") for number in range(20)]
    written, failed, over = dict.fromkeys(range(20), 0), list[BaseException](), threading.Event()

    def work() -> None:
        try:
            while not over.is_set():
                for number, house in enumerate(houses):
                    fresh = IntegrationInstance.objects.get(pk=house.pk)
                    assert configuration.read_configuration(fresh)["token"] == f"t0ken-{number}-{written[number]}"
                    values = {"url": "http://house.local", "token": f"t0ken-{number}-{written[number] + 1}"}
                    configuration.write_configuration(fresh, SPECS, values)
                    written[number] += 1
        except BaseException as err:  # noqa: BLE001 - told by the test
            failed.append(err)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    for _time in range(3):
        key_rotation.rotate()
        key_rotation.retire()
    over.set()
    worker.join(20)
    assert failed == []
    assert len(read_ring(key_file)) == 1
    assert all(written.values())
    for number, house in enumerate(houses):
        assert configuration.read_configuration(house)["token"] == f"t0ken-{number}-{written[number]}"
