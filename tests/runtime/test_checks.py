import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hi.runtime import checks
from hi.runtime.refusal import Refusal


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_the_folders_of_the_data_folder_are_private(tmp_path: Path) -> None:
    checks.prepare_data_dir(tmp_path / "data")
    assert (tmp_path / "data" / "keys").stat().st_mode & 0o777 == 0o700


def test_a_data_folder_that_cannot_be_made_is_refused_by_name(tmp_path: Path) -> None:
    # Below a file, since root may write into any folder.
    (tmp_path / "file").touch()
    with pytest.raises(Refusal, match=r"file/data can't be written to .*: set HI_DATA_DIR"):
        checks.prepare_data_dir(tmp_path / "file" / "data")


def test_a_place_that_takes_no_folders_is_told_as_such() -> None:
    with pytest.raises(Refusal, match="no folder can be made there"):
        checks.prepare_data_dir(Path("/proc/hi"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_data_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Refusal, match="Permission denied"):
        checks.prepare_data_dir(tmp_path)


def test_a_second_lock_on_the_folder_is_refused_and_names_the_holder(tmp_path: Path) -> None:
    checks.prepare_data_dir(tmp_path)
    with checks.take_lock(tmp_path), pytest.raises(Refusal, match=rf"already running .*process {os.getpid()}"):
        checks.take_lock(tmp_path)


def test_the_lock_is_free_again_after_its_holder(tmp_path: Path) -> None:
    checks.prepare_data_dir(tmp_path)
    checks.take_lock(tmp_path).close()
    checks.take_lock(tmp_path).close()


def test_a_port_in_use_is_refused_with_the_variable_to_change(busy_port: int) -> None:
    with pytest.raises(Refusal, match=rf"Port {busy_port} on 127.0.0.1 is already in use: .*HI_PORT"):
        checks.check_ports([("HI_PORT", "127.0.0.1", busy_port)], patience_seconds=0)


def test_two_uses_of_one_port_are_refused() -> None:
    with pytest.raises(Refusal, match="HI_PORT and HI_FLOWER_PORT are both 9411"):
        checks.check_ports([("HI_PORT", "127.0.0.1", 9411), ("HI_FLOWER_PORT", "127.0.0.1", 9411)])


@pytest.mark.parametrize("host", ["192.0.2.77", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_refused(host: str) -> None:
    with pytest.raises(Refusal, match=f"{host} is not an address of this machine: set HI_HOST"):
        checks.check_ports([("HI_PORT", host, 45671)], patience_seconds=0)
