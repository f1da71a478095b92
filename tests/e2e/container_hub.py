"""The same hub with each process in a container of its own: hi's image, and Redis's, through the docker command.

They share the hub's folder, under its own path, and the machine's network, so that the simulators on loopback are
reached. Names and process ids are each container's own, as with docker compose.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from hi.runtime.child import ChildSpec
from tests.e2e.hub import Hub
from tests.e2e.process import Process

# `make test-containers` builds it. Not `hi`, which may be somebody's home.
IMAGE = "hi-test"
REDIS_IMAGE = "redis:7-alpine"
# What a test run that was itself killed leaves: docker rm -fv $(docker ps -aq --filter label=hi-test)
LABEL = "hi-test"
# The engine's own work on a container, beside what the process in it takes (seconds).
PATIENCE = 60


def docker(*words: str, seconds: float = PATIENCE) -> str:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 0, f"docker {words[0]}: {done.stderr.strip() or done.stdout.strip()}"
    return done.stdout.strip()


def why_not() -> str:
    """Why there can be no containers here; empty if there can."""
    if shutil.which("docker") is None:
        return "there is no docker command"
    done = subprocess.run(["docker", "info"], capture_output=True, text=True, timeout=PATIENCE)
    return (
        "" if done.returncode == 0 else "`docker info` fails: " + (done.stderr.strip() or "no engine").splitlines()[-1]
    )


class ContainerProcess(Process):
    """A container that is made once and started again, as an engine does with one that ends."""

    def __init__(self, spec: ChildSpec, folder: Path, label: str, is_ready: Callable[[], bool]) -> None:
        super().__init__(spec, is_ready)
        self.id = f"{label}-{spec.name}"
        options = ["--name", self.id, "--hostname", self.id]
        docker("create", *options, *command(spec, folder, label))

    @property
    def pid(self) -> int:
        """As this machine counts."""
        return int(self._inspect("{{.State.Pid}}"))

    @property
    def address(self) -> str:
        return f"{self.id}:1"

    @property
    def status(self) -> str:
        return self._inspect("{{.State.Status}}")

    def start(self) -> None:
        self.forget_readiness()
        docker("start", self.id)

    def logs(self) -> str:
        done = subprocess.run(
            ["docker", "logs", self.id], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE
        )
        return done.stdout.decode(errors="replace")

    def teardown(self) -> None:
        docker("stop", "--time", "10", self.id)

    def remove(self) -> None:
        docker("rm", "--force", "--volumes", self.id)

    def send(self, number: int) -> None:
        docker("kill", "--signal", str(number), self.id)

    def wait(self, seconds: float) -> None:
        docker("wait", self.id, seconds=seconds)

    def _inspect(self, form: str) -> str:
        return docker("inspect", "--format", form, self.id)


def command(spec: ChildSpec, folder: Path, label: str) -> list[str]:
    """Options, image and words of a container that runs the process; its program is the image's own."""
    image, program = (REDIS_IMAGE, "redis-server") if spec.name == "redis" else (IMAGE, "python")
    options = ["--label", f"{LABEL}={label}", "--network", "host", "--volume", f"{folder}:{folder}"]
    # The folder's files belong to who runs the tests, and are read by them.
    options += ["--user", f"{os.getuid()}:{os.getgid()}", "--entrypoint", program]
    return [*options, *_environment(spec), image, *list(spec.argv)[1:]]


def _environment(spec: ChildSpec) -> list[str]:
    return [word for name, value in spec.env.items() for word in ("--env", f"{name}={value}")]


class ContainerHub(Hub):
    def __init__(self, folder: Path, **settings: str) -> None:
        # On the machine's network the image's own 0.0.0.0 would be open to everybody.
        super().__init__(folder, HI_HOST="127.0.0.1", **settings)
        self._label = f"hi-test-{uuid4().hex[:8]}"

    def stop(self) -> None:
        for node in reversed(self.nodes.values()):
            node.container.remove()

    def new_process(self, spec: ChildSpec, is_ready: Callable[[], bool]) -> ContainerProcess:
        return ContainerProcess(spec, self.folder, self._label, is_ready)

    def manage(self, *words: str, **environment: str) -> str:
        spec = ChildSpec("manage", ["python", "manage.py", *words], {**self.environment, **environment})
        return docker("run", "--rm", *command(spec, self.folder, self._label))
