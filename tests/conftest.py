"""What every test of hi may use beside what `hi.testing.plugin` brings: `initialised`, a data folder to copy; and the
order in which they run."""

import fcntl
import gc
import os
from collections import Counter
from pathlib import Path

import hypothesis
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tests import nursery

pytest_plugins = ["hi.testing.plugin"]

# Shared machines are slow at times; the same examples on each run in CI.
hypothesis.settings.register_profile("hi", deadline=None, derandomize=bool(os.environ.get("CI")), database=None)
hypothesis.settings.load_profile("hi")

ROOT = Path(__file__).parents[1]
SHARING = ("tests/browser/", "tests/backup/")
LONGEST_FIRST = ("browser", "e2e", "long")


class SharingScheduling(LoadFileScheduling):
    """With `--dist loadfile` the tests of a module stay with one worker, since they share what they start. So do all
    modules of some folders."""

    def _split_scope(self, nodeid: str) -> str:
        folder = next((folder for folder in SHARING if nodeid.startswith(folder)), None)
        return folder or super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SharingScheduling | None:
    return SharingScheduling(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins, so that it does not go on alone at the end while the other workers rest."""
    in_module = Counter(item.path for item in items)

    def place(item: pytest.Item) -> tuple[int, int]:
        longest = [number for number, name in enumerate(LONGEST_FIRST) if item.get_closest_marker(name)]
        return min(longest, default=len(LONGEST_FIRST)), -in_module[item.path]

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """What has been collected is no garbage: looking at it again and again is a tenth of what a test of pages takes."""
    gc.collect()
    gc.freeze()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where only the databases' tests are asked for, loading the other modules would take as long as those tests."""
    if config.getoption("markexpr") != "database" or not collection_path.name.startswith("test_"):
        return None
    return True if "pytest.mark.database" not in collection_path.read_text(encoding="utf-8") else None


@pytest.fixture(scope="session")
def initialised(shared_folder: Path) -> Path:
    """A data folder that `initialise` has made, with an API token in its file `token`, once for all that run beside
    each other: it takes seconds. To copy, never to change."""
    folder = shared_folder / "initialised"
    folder.mkdir(exist_ok=True)
    with (folder.parent / "initialised.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not any(folder.iterdir()):
            kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
            for words in (["initialise"], ["token", "tests", "--scope", "admin"]):
                done = nursery.run(["-m", "manage", *words], kept | {"HI_DATA_DIR": str(folder)})
                done.check_returncode()
            (folder / "token").write_text(done.stdout.strip())
    return folder
