"""What a person enters as a secret, and everything that hi leaves anywhere."""

import base64
import json
import logging
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import redis
from django.apps import apps
from django.conf import settings
from django.test import Client

from hi.accounts.models import ApiToken, User
from hi.accounts.roles import Role, Scope
from hi.integration import configuration, operations
from hi.integration.enums import CommandStatus
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import IntegrationInstance
from hi.testing.conformance.orders import carry_out, request
from hi.testing.conformance.world import World, is_live, wait_until
from hi.utils.log_format import LineFormatter

LEAST_LENGTH = 10


class Secrets:
    def test_secrets_are_nowhere(
        self, world: World, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """After trouble of every kind that tells of requests: logs, what is printed, Redis, tables, pages, answers,
        diagnostics."""
        caplog.set_level(logging.DEBUG)
        logging.getLogger("websockets").setLevel(logging.INFO)  # as in hi's own settings
        get_into_trouble(world)
        with world.listening(instance := IntegrationInstance.objects.get()):
            give_orders(world, instance)
            world.line.cut()
            wait_until(lambda: is_live(instance), "it is live again")
        secrets = find_secrets(world)
        assert all(len(secret) >= LEAST_LENGTH for secret in secrets.values()), "longer ones tell more"
        spellings = {spelling: key for key, secret in secrets.items() for spelling in spell(secret)}
        found = {
            (place, spellings[spelling])
            for place, text in (
                *read_everything(instance, caplog),
                *(("what is printed", text) for text in capfd.readouterr()),
            )
            for spelling in spellings
            if spelling in text
        }
        assert found == set()


def find_secrets(world: World) -> dict[str, str]:
    """What was entered and what the far end gave for it, by what it is."""
    specs = get_integration_gateway(world.integration_type).settings
    entered = {spec.key: value for spec in specs if spec.is_secret and (value := world.given().get(spec.key))}
    return {**entered, **{f"grant {number}": secret for number, secret in enumerate(world.far_end.granted(), start=1)}}


def get_into_trouble(world: World) -> None:
    instance = world.draft()
    for fault in (world.line.html, world.line.garbage, lambda: world.line.answer(401), world.line.refuse):
        fault()
        world.test(instance)
        world.line.heal()
    world.run(operations.activate(instance))
    instance.refresh_from_db()
    world.line.answer(500)
    world.sync(instance)
    world.line.heal()
    world.sync(instance)


def give_orders(world: World, instance: IntegrationInstance) -> None:
    """One that meets nonsense, and one that the system takes."""
    if "pick_order" in world.far_end.cannot:
        return
    order = world.far_end.pick_order()
    asked_for = request(instance, order)
    world.line.garbage()
    assert carry_out(asked_for).status in (CommandStatus.FAILED, CommandStatus.UNKNOWN)
    wait_until(lambda: not is_live(instance), "the gap is noticed")
    world.line.heal()
    wait_until(lambda: is_live(instance), "it is live once more")
    assert carry_out(request(instance, order)).status in (CommandStatus.ACKNOWLEDGED, CommandStatus.CONFIRMED)


def spell(secret: str) -> set[str]:
    """In all the ways in which a log, a URL or JSON may write it."""
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")[:-2]
    return {secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1], encoded}


def read_everything(instance: IntegrationInstance, caplog: pytest.LogCaptureFixture) -> Iterator[tuple[str, str]]:
    formatter = LineFormatter("%(message)s")
    yield from (("a log", formatter.format(record)) for record in caplog.records)
    yield from (("Redis", text) for text in read_redis())
    for model in apps.get_models():
        yield from ((model._meta.label, repr(row)) for row in model._default_manager.values_list())
    yield from read_pages(instance)
    assert configuration.read_configuration(instance), "they are still there"


def read_redis() -> Iterator[str]:
    readers = {
        b"string": lambda client, key: client.get(key),
        b"list": lambda client, key: client.lrange(key, 0, -1),
        b"hash": lambda client, key: client.hgetall(key),
        b"set": lambda client, key: client.smembers(key),
        b"zset": lambda client, key: client.zrange(key, 0, -1, withscores=True),
        b"stream": lambda client, key: client.xrange(key),
    }
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for key in client.scan_iter(count=1000):
            yield f"{key!r} {readers[client.type(key)](client, key)!r}"


def read_pages(instance: IntegrationInstance) -> Iterator[tuple[str, str]]:
    user = User.objects.create_user("conformance", role=Role.ADMIN)
    browser, program = Client(), Client(headers={"Authorization": f"Bearer {ApiToken.issue(user, 'kit', Scope.ADMIN)}"})
    browser.force_login(user)
    jobs = [f"/jobs/{job_id}/" for job_id in instance.jobs.values_list("pk", flat=True)]
    own = [f"/integrations/{instance.pk}/{page}" for page in ("", "diagnostics", "choose", "runs/")]
    for path in ("/", "/integrations/", "/things/", "/jobs/", "/activity/", "/system/", *own, *jobs):
        yield path, read(browser, path)
    answers = [f"integrations/{instance.pk}", "integrations/kinds", "integrations", "jobs", "entities", "activity"]
    for path in answers:
        yield path, read(program, f"/api/v1/{path}")


def read(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()
