"""Backups of real databases, restored onto real ones."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.backup.installation import PASSPHRASE, Installation, rows_in

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(("here", "there"), [("sqlite", "sqlite"), ("sqlite", "postgres"), ("postgres", "sqlite")])
def test_everything_is_there_again_on_whichever_database(
    request: pytest.FixtureRequest, tmp_path: Path, new_database: Callable[..., str], here: str, there: str
) -> None:
    source: Installation = request.getfixturevalue(f"on_{here}")
    target = Installation(tmp_path / "target", new_database() if there == "postgres" else "")
    backup = source.one_backup
    said = target.manage("restore", str(backup), HI_BACKUP_PASSPHRASE=PASSPHRASE)
    assert "with the backup's keys" in said
    assert "API tokens are as they were then: revoke again what you revoked since" in said
    target.take_static_files_of(source.folder)
    target.manage("initialise")
    before, after = source.tell(), target.tell()
    assert after["home"] == before["home"]
    assert after["home"]["secrets"] == ["canary-of-a-token"]
    assert after["rest"]["key fits"]
    assert after["rest"]["not carried"] == [0, 0, 0, 0]
    # A number that history knows from a state that was deleted is not given again.
    assert after["rest"]["number of the next state"] > max(row["state_id"] for row in after["home"]["history"])
    # A backup of it holds the very same rows: each database has them as if hi had written them there.
    assert _comparable(target.backup()) == _comparable(backup)


def _comparable(backup: Path) -> dict[str, list[list[object]]]:
    return {
        label: [[_without_order(value) for value in json.loads(row)] for row in rows]
        for label, rows in rows_in(backup).items()
    }


def _without_order(value: object) -> object:
    """PostgreSQL orders the keys of a JSON object its own way."""
    try:
        return json.loads(value) if isinstance(value, str) and value[:1] in ("{", "[") else value
    except ValueError:
        return value
