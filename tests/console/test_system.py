"""The System page: is the machine well, and what is to be done."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hi.integration.enums import JobStatus
from hi.integration.models import Leadership, Process
from hi.testing.redis_server import RedisServer
from tests.factories import InstanceFactory, JobFactory, ProcessFactory, make_well

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def well(redis_url: str) -> None:
    make_well()


def headline(text: str) -> str:
    found = re.search(r"<h1>([^<]+)</h1>", text)
    assert found
    return found[1]


def test_when_all_is_well_it_says_so_and_asks_for_nothing(browser: Client) -> None:
    text = browser.get("/system/").text
    assert headline(text) == "Everything hi needs is working."
    assert "What to do" not in text
    for words in ("worker@house", "0 of 8", "beat@house, since", "Redis server", "Flower"):
        assert words in text


def test_what_is_broken_comes_before_what_is_worth_a_look(browser: Client, redis_server: RedisServer) -> None:
    InstanceFactory(label="Villa", status="FAILED")
    redis_server.stop()
    Leadership.objects.all().delete()
    text = browser.get("/system/").text
    assert headline(text) == "Two things are not working."
    subjects = re.findall(r'<div class="need-text"><h3>([^<]+)</h3>', text)
    assert subjects == ["Redis", "Schedule", "Integrations"]
    assert "Start beat: <code>make run</code>, or" in text


def test_what_only_needs_a_look_does_not_count_as_broken(browser: Client) -> None:
    InstanceFactory(status="FAILED")
    assert headline(browser.get("/system/").text) == "hi works. One thing is worth a look."


@pytest.mark.parametrize(
    ("columns", "word"),
    [
        ({}, "Running"),
        ({"busy": 8}, "Busy"),
        ({"heard_at": timezone.now() - timedelta(hours=1), "started_at": timezone.now() - timedelta(hours=2)}, "Deaf"),
        ({"seen_at": timezone.now() - timedelta(hours=1)}, "Silent"),
    ],
)
def test_each_process_has_its_state_in_a_word(browser: Client, columns: dict[str, Any], word: str) -> None:
    Process.objects.all().delete()
    ProcessFactory(name="worker@attic", **columns)
    row = browser.get("/system/").text.split("worker@attic</td>")[1].split("</tr>")[0]
    assert f"</svg>{word}</span>" in row


def test_what_waits_is_told_by_queue(browser: Client) -> None:
    JobFactory.create_batch(3, status=JobStatus.QUEUED, run_after=timezone.now() - timedelta(minutes=2))
    row = browser.get("/system/").text.split('<td class="cell-name">sync</td>')[1].split("</tr>")[0]
    assert 'data-label="jobs waiting">3<' in row
    assert "2 min ago" in row


def test_it_renews_itself_and_brings_nothing_inline(browser: Client) -> None:
    text = browser.get("/system/").text
    assert 'hx-trigger="every 5000ms"' in text
    assert "style=" not in text
    assert 'href="/system/" class="nav-system" aria-current="page"' in text
    part = browser.get("/system/", headers={"HX-Request": "true"}).text
    assert part.startswith('<div id="system-live"')


def test_flower_is_one_click_away(browser: Client, settings: Any) -> None:
    settings.HI_FLOWER_HOST = "192.0.2.7"
    text = browser.get("/system/").text
    assert 'href="http://192.0.2.7:9412"' in text
    assert "own machine" not in text
