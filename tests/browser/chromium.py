"""The browser of the browser ring: Chromium, found, or installed where that can be done without asking.

`python -m tests.browser.chromium` is what `make test` begins with: it says loudly what it does, and fails where there
will be no browser. `HI_TEST_BROWSER=off` leaves the ring out, and says that as loudly.
"""

import os
import shutil
import subprocess
import sys

from playwright.sync_api import Browser, Playwright

NAMED = "HI_TEST_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
MISSING = (
    "There is no Chromium, so the browser ring cannot run. Install it (Debian: apt-get install chromium), name it in "
    f"{NAMED}, or leave the ring out with HI_TEST_BROWSER=off."
)


def is_off() -> bool:
    return os.environ.get("HI_TEST_BROWSER") == "off"


def find() -> str | None:
    given = os.environ.get(NAMED)
    return shutil.which(given) if given else next(filter(None, map(shutil.which, NAMES)), None)


def launch(playwright: Playwright, path: str | None = None) -> Browser:
    return playwright.chromium.launch(executable_path=path or find(), args=FLAGS)


def main() -> int:
    if is_off():
        _say("HI_TEST_BROWSER=off: NOTHING is tested in a browser.")
        return 0
    if find():
        return 0
    if NAMED not in os.environ and os.geteuid() == 0 and shutil.which("apt-get"):
        _say("There is no Chromium: installing Debian's for the browser ring.")
        for words in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(
                ["apt-get", "-q", *words], env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, check=False
            )
    if find():
        return 0
    _say(MISSING)
    return 1


def _say(text: str) -> None:
    print(f"\n{'=' * 79}\n{text}\n{'=' * 79}\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
