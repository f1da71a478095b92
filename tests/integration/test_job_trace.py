"""One id from the request through the job to the request that goes out."""

import logging
import re
import socket

import pytest

from hi.integration import jobs
from hi.integration.client import ApiClient
from hi.integration.enums import JobKind
from hi.integration.job_run import JobRun
from hi.integration.models import Job
from hi.tasks.base import run_job
from hi.utils import trace
from tests.integration.home import make_instance
from tests.raw_servers import http, serving


class Recorder:
    """A server that keeps the ids it was sent; redirects once if `elsewhere` is set."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.redirects = 0

    def talk(self, connection: socket.socket) -> None:
        head = connection.recv(4096).decode()
        self.ids += re.findall(r"(?im)^X-Request-ID: (.*?)\r$", head) or [""]
        if self.redirects:
            self.redirects -= 1
            connection.sendall(http("302 Found", "", "text/html", "Location: /there\r\n"))
        else:
            connection.sendall(http("200 OK", "[7]", "application/json"))


@pytest.mark.wire
def test_each_request_carries_the_id_bound_when_it_is_made() -> None:
    recorder = Recorder()
    with serving(recorder.talk) as port, ApiClient(f"http://127.0.0.1:{port}") as client:
        with trace.bind("first"):
            client.get_json("/")
        with trace.bind("second"):
            client.get_json("/")
        client.get_json("/")
    assert recorder.ids == ["first", "second", ""]


@pytest.mark.wire
def test_a_redirect_carries_the_same_id() -> None:
    recorder = Recorder()
    recorder.redirects = 1
    with serving(recorder.talk) as port, ApiClient(f"http://127.0.0.1:{port}") as client, trace.bind("one"):
        client.get_json("/")
    assert recorder.ids == ["one", "one"]


@pytest.mark.wire
def test_a_request_is_logged_without_its_query(caplog: pytest.LogCaptureFixture) -> None:
    with (
        serving(Recorder().talk) as port,
        ApiClient(f"http://127.0.0.1:{port}") as client,
        caplog.at_level(logging.INFO, "hi"),
    ):
        client.get_json("/api?key=c4n4ry")
    assert re.search(rf"GET http://127\.0\.0\.1:{port}/api: 200 in \d+ ms", caplog.text)
    assert "c4n4ry" not in caplog.text


@pytest.mark.database
def test_a_job_keeps_the_id_of_who_asked_for_it() -> None:
    with trace.bind("the-click"):
        job = jobs.enqueue(JobKind.SYNC, make_instance())
    assert Job.objects.get(pk=job.pk).trace == "the-click"


@pytest.mark.database
def test_a_job_that_nobody_clicked_for_gets_an_id_of_its_own() -> None:
    assert len(jobs.enqueue(JobKind.SYNC, make_instance()).trace) == 32


@pytest.mark.database
def test_a_request_that_joins_says_which_job_it_joined(caplog: pytest.LogCaptureFixture) -> None:
    instance = make_instance()
    with trace.bind("the-first"):
        jobs.enqueue(JobKind.SYNC, instance)
    with trace.bind("the-second"), caplog.at_level(logging.INFO, "hi"):
        job = jobs.enqueue(JobKind.SYNC, instance)
    assert job.trace == "the-first"
    assert f"trace the-second joins job {job.pk} with trace the-first" in caplog.text


@pytest.mark.database
def test_the_work_is_done_under_the_jobs_id() -> None:
    with trace.bind("the-click"):
        job = jobs.enqueue(JobKind.SYNC, make_instance())
    seen: list[str] = []

    def work(_run: JobRun) -> str:
        seen.extend((trace.current(), trace.current_job()))
        return "Done."

    run_job(str(job.pk), 0, work)
    assert seen == ["the-click", str(job.pk)]
    assert trace.current() == ""
