"""`make demo`, as a person meets it: the block, the link, a living home, and nothing left after Ctrl-C."""

import re
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.e2e.hub import wait_until
from tests.runtime.whole import Hi

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def hi(initialised: Path) -> Iterator[Hi]:
    with tempfile.TemporaryDirectory(prefix="hi-demo-") as folder:
        hi = Hi(Path(folder) / "data")
        shutil.copytree(initialised, hi.data_dir, copy_function=shutil.copy2)
        hi.start_and_wait("--demo")
        yield hi
        hi.kill()


@pytest.fixture(scope="module")
def browser(hi: Hi) -> requests.Session:
    """Signed in by the link that the terminal shows."""
    link = re.search(r"http://localhost:\d+(/sign-in/\S+)", hi.terminal)
    assert link
    browser = requests.Session()
    browser.trust_env = False
    address = f"http://127.0.0.1:{hi.port}{link[1]}"
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(address, timeout=10).text)
    assert token
    answer = browser.post(address, data={"csrfmiddlewaretoken": token[1]}, headers={"Referer": address}, timeout=10)
    assert "/sign-in" not in answer.url
    return browser


def test_the_demo_is_active_with_its_states_within_15_seconds_of_the_block(hi: Hi, browser: requests.Session) -> None:
    token = hi.run("-m", "manage", "token", "test").stdout.strip()
    address = f"http://127.0.0.1:{hi.port}/api/v1/integrations"

    def active() -> bool:
        found = browser.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=10).json()["items"]
        counts = {
            demo["label"]: demo["state_count"] for demo in found if demo["is_demo"] and demo["status"] == "ACTIVE"
        }
        return counts.get("Demo home", 0) >= 150 and counts.get("Demo cameras", 0) >= 30

    wait_until(active, "the demo is active", seconds=15)
    home = browser.get(f"http://127.0.0.1:{hi.port}/", timeout=10).text
    assert "Demo home" in home
    assert "Demo cameras" in home


def test_a_value_on_the_things_page_changes_within_5_seconds(hi: Hi, browser: requests.Session) -> None:
    page = browser.get(f"http://127.0.0.1:{hi.port}/things/", timeout=10).text
    shown = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.partition('id="results"')[2])
    polled = re.search(r'hx-get="([^"]+)" hx-trigger="every 2s"', page)
    assert polled

    def changed() -> str:
        answer = browser.get(f"http://127.0.0.1:{hi.port}{polled[1]}", params=shown, timeout=10)
        return answer.text if answer.status_code == 200 and "hx-swap-oob" in answer.text else ""

    assert wait_until(changed, "a shown value changes", seconds=5)


def test_one_ctrl_c_ends_everything_within_5_seconds(hi: Hi) -> None:
    # One may just be started again: a port that was free when it was chosen need not be so any more.
    wait_until(lambda: len(hi.processes()) == 10, "ten processes run", explain=lambda: str(hi.processes()))
    began = time.monotonic()
    assert hi.end(signal.SIGINT) == 0
    assert time.monotonic() - began < 5
    assert hi.processes() == {}
    assert "Traceback" not in hi.terminal
