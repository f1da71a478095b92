"""The Celery app. Its settings are in celeryconfig.py; the tasks in hi/tasks/."""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging, task_prerun, worker_ready
from django.db import close_old_connections

from hi.settings import env
from hi.tasks.worker_step import KeeperStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hi.settings.production")

app = Celery("hi")
app.config_from_object("celeryconfig")
# Being current holds for this thread only; a request or a task in another one would get an app that knows no broker.
app.set_default()
app.steps["worker"].add(KeeperStep)


@setup_logging.connect
def keep_django_logging(**_: Any) -> None:
    """Connected so that Celery installs no handlers of its own: Django's settings have done it, with redaction."""


@task_prerun.connect
def renew_connections(**_: Any) -> None:
    """Connections are kept from task to task (CELERY_DB_REUSE_MAX); those too old or broken are not."""
    close_old_connections()


@beat_init.connect
@worker_ready.connect
def tell_supervisor(**_: Any) -> None:
    ready_file = env.text("HI_READY_FILE")
    if ready_file:
        Path(ready_file).touch()
