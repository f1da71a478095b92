"""Without a browser the ring never passes in silence: it installs one, fails, or says aloud that it was left out."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import chromium
from tests.e2e.process import ROOT

pytestmark = pytest.mark.pure
INSTALLS = """#!/bin/sh
echo "$@" >> "$0.log"
if [ "$2" = install ]; then printf '#!/bin/sh' > "${0%/*}/chromium"; chmod +x "${0%/*}/chromium"; fi
"""
A_TEST = "tests/browser/test_signing_in.py"


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HI_TEST_", "PYTEST_"))}
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, env={**inherited, **environment}, capture_output=True, text=True
    )


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    """A PATH without a browser, and without a way to get one. The shell's own commands are what an installer needs."""
    (tmp_path / "chmod").symlink_to(str(shutil.which("chmod")))
    return tmp_path


def test_a_missing_browser_ends_make_test_before_it_begins(nowhere: Path) -> None:
    done = run("tests.browser.chromium", PATH=str(nowhere))
    assert done.returncode == 1
    assert chromium.MISSING in done.stderr


def test_a_browser_named_but_not_there_is_no_reason_to_install_another(nowhere: Path) -> None:
    (nowhere / "apt-get").write_text(INSTALLS)
    (nowhere / "apt-get").chmod(0o755)
    done = run("tests.browser.chromium", PATH=str(nowhere), HI_TEST_CHROMIUM="no-such-browser")
    assert done.returncode == 1
    assert not (nowhere / "apt-get.log").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root installs")
def test_root_installs_debians_and_says_so(nowhere: Path) -> None:
    (nowhere / "apt-get").write_text(INSTALLS)
    (nowhere / "apt-get").chmod(0o755)
    done = run("tests.browser.chromium", PATH=str(nowhere))
    assert done.returncode == 0, done.stderr
    assert "installing Debian's" in done.stderr
    assert (nowhere / "apt-get.log").read_text().splitlines() == [
        "-q update",
        "-q install -y --no-install-recommends chromium",
    ]


def test_without_a_browser_the_ring_fails(nowhere: Path) -> None:
    done = run("pytest", "-q", A_TEST, PATH=str(nowhere))
    assert done.returncode == 1
    assert "There is no Chromium" in done.stdout


def test_a_ring_that_is_left_out_says_so(nowhere: Path) -> None:
    done = run("tests.browser.chromium", PATH=str(nowhere), HI_TEST_BROWSER="off")
    assert (done.returncode, "NOTHING is tested in a browser" in done.stderr) == (0, True)
    done = run("pytest", "-q", A_TEST, PATH=str(nowhere), HI_TEST_BROWSER="off")
    assert done.returncode == 0
    assert "1 skipped" in done.stdout
    assert "NOT tested in a browser" in done.stdout
