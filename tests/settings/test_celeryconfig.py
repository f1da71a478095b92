import pytest

import celeryconfig
from hi.celery import app

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://host:6379/1", "redis://host:6379/1"),
        ("unix:///run/hi/redis.sock", "redis+socket:///run/hi/redis.sock"),
        ("unix:///a%20b/redis.sock?db=2", "redis+socket:///a%20b/redis.sock?virtual_host=2"),
    ],
)
def test_a_redis_url_is_spelled_as_the_broker_wants_it(url: str, expected: str) -> None:
    assert celeryconfig._broker_url(url) == expected


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        ("hi.tasks.lifecycle.activate_integration", "sync"),
        ("hi.tasks.lifecycle.deactivate_integration", "control"),
        ("hi.tasks.lifecycle.test_connection", "control"),
        ("hi.tasks.control.send_command", "control"),
        ("hi.tasks.sync.sync_entities", "sync"),
        ("hi.tasks.maintenance.sweep_jobs", "maintenance"),
        ("somebody.elses.task", "maintenance"),
    ],
)
def test_a_task_goes_to_its_queue(task: str, queue: str) -> None:
    assert app.amqp.router.route({}, task)["queue"].name == queue


def test_only_json_is_taken() -> None:
    assert app.conf.accept_content == ["json"]
