"""Run as a program, with a folder as its argument: activates from the page an integration that lies in that folder.

A process of its own, because the folder must be on `hi.services.__path__` before Django starts.
"""

import os
import sys

import hi.services

hi.services.__path__.append(sys.argv[1])
os.environ["DJANGO_SETTINGS_MODULE"] = "hi.settings.test"

import django  # noqa: E402 - after the path is set

django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

import hi.celery  # noqa: E402 - the app that tasks are sent with
from hi.accounts.models import User  # noqa: E402
from hi.integration.models import IntegrationInstance, Job  # noqa: E402
from hi.tasks import lifecycle  # noqa: E402


def run_waiting_job(task: object) -> str:
    job = Job.objects.get(status="QUEUED")
    task(str(job.pk), job.attempt)  # type: ignore[operator]
    job.refresh_from_db()
    return f"{job.kind}: {job.status} ({job.message})"


def main() -> None:
    for alias in ("default", "history"):
        call_command("migrate", database=alias, verbosity=0)
    client = Client()
    client.force_login(User.objects.create(username="admin", role="admin"))
    assert b"greenhouse" in client.get("/integrations/add").content
    answer = client.post("/integrations/add/greenhouse", {"label": "Greenhouse"})
    print(run_waiting_job(lifecycle.test_connection))
    assert b"Start mirroring" in client.get(answer["Location"]).content
    instance = IntegrationInstance.objects.get()
    client.post(f"/integrations/{instance.pk}/activate")
    print(run_waiting_job(lifecycle.activate_integration))
    instance.refresh_from_db()
    print(instance.status)
    print(b"Greenhouse" in client.get(f"/integrations/{instance.pk}/").content)
    client.post(f"/integrations/{instance.pk}/deactivate")
    print(run_waiting_job(lifecycle.deactivate_integration))
    instance.refresh_from_db()
    print(instance.status)


main()
