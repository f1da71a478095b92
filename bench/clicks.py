"""How long a person who clicks waits until the page shows that the job has begun."""

import re
import time
from html import unescape

import requests

from tests.e2e.hub import Hub, wait_until

HTMX = {"HX-Request": "true", "HX-Target": "instance-live"}
CLICK_SECONDS = 30


def click_times(hub: Hub, instance_id: int, clicks: int) -> tuple[list[float], list[float]]:
    """Click "Sync now" so often; milliseconds until the answer came, and until progress showed."""
    browser = hub.browser()
    answers, shown = [], []
    for _ in range(clicks):
        answer, progress = _click(hub, browser, instance_id)
        answers.append(answer)
        shown.append(progress)
        wait_until(lambda: not _has_open_job(hub, browser, instance_id), "the sync ends", CLICK_SECONDS)
    return answers, shown


def _click(hub: Hub, browser: requests.Session, instance_id: int) -> tuple[float, float]:
    path = f"/integrations/{instance_id}"
    page = browser.get(f"{hub.url}{path}/", timeout=10)
    before = _job(page.text)
    form = next(form for form in re.findall(r"<form\b.*?</form>", page.text, re.S) if 'value="sync_entities"' in form)
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    target = re.search(r'hx-post="([^"]+)"', form)
    assert target is not None, "the page has no button to sync"
    clicked_at = time.perf_counter()
    answer = browser.post(
        hub.url + target[1],
        data={**fields, "action": "sync_entities"},
        headers={**HTMX, "Referer": page.url},
        timeout=CLICK_SECONDS,
    )
    assert answer.ok, answer.text[:500]
    answered = (time.perf_counter() - clicked_at) * 1000
    live = answer.text
    while not _shows_progress(live, before):
        live = _poll(hub, browser, live)
        assert time.perf_counter() - clicked_at < CLICK_SECONDS, "the page never showed progress"
    return answered, (time.perf_counter() - clicked_at) * 1000


def _poll(hub: Hub, browser: requests.Session, live: str) -> str:
    """What the page shows after the next poll, made when and as the page's own attributes say."""
    address, number, unit = re.search(r'hx-get="([^"]+)" hx-trigger="every ([\d.]+)(m?s)', live).groups()  # type: ignore[union-attr]
    time.sleep(float(number) / (1000 if unit == "ms" else 1))
    answer = browser.get(hub.url + unescape(address), headers=HTMX, timeout=CLICK_SECONDS)
    return live if answer.status_code == 204 else answer.text


def _job(html: str) -> str:
    """The job that the page shows."""
    found = re.search(r'id="job-([0-9a-f-]{36})"', html)
    return found[1] if found else ""


def _shows_progress(html: str, before: str) -> bool:
    return _job(html) not in ("", before) and "step-waiting" not in html


def _has_open_job(hub: Hub, browser: requests.Session, instance_id: int) -> bool:
    return "Running now" in browser.get(f"{hub.url}/integrations/{instance_id}/", timeout=10).text
