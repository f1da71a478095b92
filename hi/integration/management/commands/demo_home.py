"""Connects the simulated home and its cameras as any other system, labelled as a demo."""

import os
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hi.integration import exceptions, operations
from hi.integration.configuration import read_what_is_left
from hi.integration.enums import DesiredState, IntegrationStatus
from hi.integration.models import IntegrationInstance
from hi.settings import env
from hi.testing.demo import DemoHome, demo_homes

WAIT_SECONDS = 120


class Command(BaseCommand):
    help = "Connect the demo home and its cameras, by the secret in HI_DEMO_TOKEN. What is connected stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wait", action="store_true", help="until it is active, which HI_READY_FILE then tells")

    def handle(self, *_args: Any, **options: Any) -> None:
        token = os.environ.get("HI_DEMO_TOKEN", "")
        if not token:
            raise CommandError("HI_DEMO_TOKEN is not set: start the demo with `make demo`.")
        homes = demo_homes(settings.HI_DEMO_HOST, settings.HI_DEMO_PORT, settings.HI_DEMO_CAMERAS_PORT, token)
        try:
            instances = [_connect(demo) for demo in homes]
        except exceptions.IntegrationError as err:
            raise CommandError(str(err)) from err
        if options["wait"]:
            for instance in instances:
                _wait_until_active(instance)
            if ready_file := env.text("HI_READY_FILE"):
                Path(ready_file).touch()


def _connect(demo: DemoHome) -> IntegrationInstance:
    demos = IntegrationInstance.objects.filter(is_demo=True, is_draft=False)
    instance = demos.filter(integration_type=demo.integration_type).first()
    if instance is None:
        instance = operations.create_draft(demo.integration_type, demo.label, demo.settings, is_demo=True)
    elif not demo.settings.items() <= read_what_is_left(instance).items():  # another port than last time
        operations.update_settings(instance, demo.settings)
    if instance.desired_state == DesiredState.INACTIVE:
        operations.activate(instance)
    return instance


def _wait_until_active(instance: IntegrationInstance) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while instance.status != IntegrationStatus.ACTIVE:
        if time.monotonic() > deadline:
            raise CommandError(f"{instance.label} is not active after {WAIT_SECONDS} s: {instance.reason}")
        time.sleep(0.5)
        instance.refresh_from_db()
