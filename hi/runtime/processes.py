"""The processes that hi consists of, as commands; docker-compose.yml starts the same ones."""

import sys
from collections.abc import Mapping
from pathlib import Path

from hi.runtime.child import ChildSpec
from hi.settings import env

CELERY = [sys.executable, "-m", "hi.runtime.celery"]
# Gossip and mingle find other workers, of which ours need nothing; mingle alone costs a second at each start.
LONELY = ["--without-gossip", "--without-mingle"]
# name -> its queues, and how many jobs it runs at once. Commands and what a person waits for have a worker of their
# own, so that no number of slow syncs can hold them up.
WORKERS = {
    "control": ("control,maintenance", 8),
    "worker": ("sync", 8),
    "listener": ("listen", 1),
}


def child_environment(data_dir: Path, redis_url: str, sockets: Path) -> dict[str, str]:
    """`sockets`: the folder that they lie in."""
    return {
        "HI_DATA_DIR": str(data_dir),
        "REDIS_URL": redis_url,
        "HI_MEDIA_ADDRESS": env.socket_address("HI_MEDIA_ADDRESS", sockets / "media.sock"),
        "DJANGO_SETTINGS_MODULE": "hi.settings.production",
        "PYTHONUNBUFFERED": "1",
        # Celery would run Django's checks, which load every page and the API into every worker. Web loads them anyway.
        "CELERY_SKIP_CHECKS": "1",
        # A worker leaves within `worker_soft_shutdown_timeout` of SIGTERM, and gives back what it has not done.
        "REMAP_SIGTERM": "SIGQUIT",
        # Compiling anew at each start would cost seconds.
        "PYTHONDONTWRITEBYTECODE": "",
    }


def manage(*words: str) -> list[str]:
    return [sys.executable, "manage.py", *words]


def home_specs(data_dir: Path, environment: Mapping[str, str]) -> list[ChildSpec]:
    """Web, the workers, beat, media and Flower, in the order in which they start."""

    def spec(name: str, argv: list[str]) -> ChildSpec:
        ready = data_dir / "run" / f"{name}.ready" if name in WORKERS else None
        told = {"HI_READY_FILE": str(ready)} if ready else {}
        return ChildSpec(name, argv, {**environment, "HI_ROLE": name, **told}, ready, is_hi=True)

    return [
        spec("web", [sys.executable, "-m", "hi.runtime.web"]),
        *(spec(name, worker_command(name)) for name in WORKERS),
        spec("beat", [*CELERY, "beat", "--pidfile="]),
        spec("media", [sys.executable, "-m", "hi.runtime.media"]),
        spec("flower", [sys.executable, "-m", "hi.runtime.flower"]),
    ]


def worker_command(name: str) -> list[str]:
    queues, threads = WORKERS[name]
    return [*CELERY, "worker", *LONELY, "-c", str(threads), "-Q", queues, "-n", f"{name}@%h"]
