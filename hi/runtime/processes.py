"""The processes that hi consists of, as commands; docker-compose.yml starts the same ones."""

import sys
from collections.abc import Mapping
from pathlib import Path

from hi.runtime.child import ChildSpec

CELERY = [sys.executable, "-m", "celery", "-A", "hi"]
# Gossip and mingle find other workers, of which ours need nothing; mingle alone costs a second at each start.
LONELY = ["--without-gossip", "--without-mingle"]


def child_environment(data_dir: Path, redis_url: str) -> dict[str, str]:
    return {
        "HI_DATA_DIR": str(data_dir),
        "REDIS_URL": redis_url,
        "DJANGO_SETTINGS_MODULE": "hi.settings.production",
        "PYTHONUNBUFFERED": "1",
        # Compiling anew at each start would cost seconds.
        "PYTHONDONTWRITEBYTECODE": "",
    }


def manage(*words: str) -> list[str]:
    return [sys.executable, "manage.py", *words]


def home_specs(data_dir: Path, environment: Mapping[str, str]) -> list[ChildSpec]:
    """Web, worker, listener, beat and Flower, in the order in which they start."""

    def spec(name: str, argv: list[str], **extra: str) -> ChildSpec:
        ready = data_dir / "run" / f"{name}.ready" if name in {"worker", "listener"} else None
        told = {"HI_READY_FILE": str(ready)} if ready else {}
        return ChildSpec(name, argv, {**environment, "HI_ROLE": name, **told, **extra}, ready)

    worker = [*CELERY, "worker", "-P", "threads", *LONELY]
    # The worker leaves within `worker_soft_shutdown_timeout` of SIGTERM, and puts unstarted messages back.
    leave_in_time = {"REMAP_SIGTERM": "SIGQUIT"}
    return [
        spec("web", [sys.executable, "-m", "hi.runtime.web"]),
        spec(
            "worker",
            [*worker, "-c", "8", "-Q", "control,sync,maintenance", "-n", "worker@%h"],
            **leave_in_time,
        ),
        spec("listener", [*worker, "-c", "1", "-Q", "listen", "-n", "listener@%h"], **leave_in_time),
        spec("beat", [*CELERY, "beat", "--pidfile="]),
        spec("flower", [sys.executable, "-m", "hi.runtime.flower"]),
    ]
