"""One run of hi, from the first check to the last process."""

import contextlib
import http.client
import json
import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured

from hi.runtime import checks, forked, processes, redis_server
from hi.runtime.block import ready_block
from hi.runtime.child import Child, ChildSpec
from hi.runtime.logs import Output
from hi.runtime.refusal import Refusal
from hi.runtime.supervisor import Stopped, Supervisor
from hi.settings import env, places
from hi.utils import keys

READY_SECONDS = 60.0


def run(demo: bool) -> int:
    """Run until stopped; the exit code. Whatever ends it, no child outlives it."""
    # Databases, logs and keys are for the account that runs hi; its children inherit this.
    os.umask(0o077)
    try:
        House(demo).run()
    except (Refusal, ImproperlyConfigured) as err:
        print(f"hi: {err}", file=sys.stderr)
        return 1
    except OSError as err:
        # A full disk, too many open files: the machine's trouble, told as such.
        print(f"hi: {err.strerror or err}{f': {err.filename}' if err.filename else ''}.", file=sys.stderr)
        return 1
    return 0


class House:
    def __init__(self, demo: bool) -> None:
        self.demo = demo
        self.data_dir = env.data_dir()
        self.host = env.text("HI_HOST", "127.0.0.1")
        self.port = env.port("HI_PORT", 9411)
        self.flower_host = env.text("HI_FLOWER_HOST", "127.0.0.1")
        self.flower_port = env.port("HI_FLOWER_PORT", 9412)
        self.demo_port = env.port("HI_DEMO_PORT", 9413)
        self.demo_cameras_port = env.port("HI_DEMO_CAMERAS_PORT", 9414)
        self.url = env.text("HI_BASE_URL") or places.base_url(self.host, self.port, env.flag("HI_HTTPS"))
        # For commands in other shells: where Redis is, and under which address this hi is asked for.
        self.redis_note = self.data_dir / "run" / "redis.url"
        self.url_note = self.data_dir / "run" / "hi.url"

    def run(self) -> None:
        checks.prepare_data_dir(self.data_dir)
        with contextlib.ExitStack() as stack:
            stack.enter_context(checks.take_lock(self.data_dir))
            checks.check_ports(self._ports())
            output = Output(self.data_dir / "logs")
            stack.callback(output.close)
            for note in (self.redis_note, self.url_note):
                stack.callback(note.unlink, missing_ok=True)
            supervisor = stack.enter_context(Supervisor(env.ROOT, output))
            try:
                self._run(supervisor, output, stack)
            except Stopped:
                output.say("Stopping …")
                # A child that ends badly while stopping is nobody's concern any more.
                supervisor.stop()
                output.say("Stopped.")

    def _ports(self) -> list[tuple[str, str, int]]:
        wanted = [("HI_PORT", self.host, self.port), ("HI_FLOWER_PORT", self.flower_host, self.flower_port)]
        demo = [("HI_DEMO_PORT", self.demo_port), ("HI_DEMO_CAMERAS_PORT", self.demo_cameras_port)]
        return [*wanted, *((name, "127.0.0.1", port) for name, port in demo)] if self.demo else wanted

    def _run(self, supervisor: Supervisor, output: Output, stack: contextlib.ExitStack) -> None:
        sockets = self._provide_sockets(stack)
        redis_url = self._provide_redis(supervisor, sockets)
        self.redis_note.write_text(redis_url, encoding="utf-8")
        self.redis_note.chmod(0o600)
        self.url_note.write_text(self.url, encoding="utf-8")
        environment = processes.child_environment(self.data_dir, redis_url, sockets)
        first_steps = self._initialise(supervisor, environment)
        forked.load(environment)

        specs = processes.home_specs(self.data_dir, environment)
        demo_environment = dict(environment)
        if self.demo:
            demo_environment["HI_DEMO_TOKEN"] = keys.ensure_password(self.data_dir / "keys" / keys.DEMO_TOKEN)
            specs.append(ChildSpec("demo", self._simulator(), demo_environment, stops_last=True))
        children = [supervisor.start(spec) for spec in specs]

        notes = self._wait_until_ready(supervisor, children)
        if self.demo:
            notes += self._make_demo_home(supervisor, demo_environment, output)
        output.show(
            ready_block(
                url=self.url,
                sign_in=first_steps.get("sign_in_url") or "",
                flower=places.base_url(self.flower_host, self.flower_port, https=False),
                flower_password=self.data_dir / "keys" / keys.FLOWER_PASSWORD,
                data_dir=self.data_dir,
                notes=notes,
            )
        )
        while True:
            supervisor.tick()

    def _provide_sockets(self, stack: contextlib.ExitStack) -> Path:
        folder = redis_server.socket_folder(self.data_dir)
        if folder != self.data_dir / "run":
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        return folder

    def _provide_redis(self, supervisor: Supervisor, sockets: Path) -> str:
        configured = env.configured_redis_url()
        if configured:
            redis_server.check_configured(configured)
            return configured
        program = redis_server.find_server()
        socket_path = sockets / "redis.sock"
        socket_path.unlink(missing_ok=True)
        supervisor.start(redis_server.server_spec(program, self.data_dir, socket_path))
        redis_server.wait_until_answering(socket_path, lambda: supervisor.tick(0.03))
        return f"unix://{quote(str(socket_path))}"

    def _initialise(self, supervisor: Supervisor, environment: Mapping[str, str]) -> dict[str, str]:
        settings = {**environment, "DJANGO_SETTINGS_MODULE": "hi.settings.initialise"}
        code, lines = supervisor.run_once(ChildSpec("initialise", processes.manage("initialise", "--json"), settings))
        if code:
            reason = next((line for line in reversed(lines) if line.strip()), f"exit code {code}")
            raise Refusal(reason.removeprefix("CommandError: ").removeprefix("hi: "))
        found: dict[str, str] = json.loads(lines[-1])
        return found

    def _simulator(self) -> Sequence[str]:
        from hi.testing.demo import demo_command

        return demo_command(self.demo_port, self.demo_cameras_port)

    def _make_demo_home(self, supervisor: Supervisor, environment: Mapping[str, str], output: Output) -> list[str]:
        code, lines = supervisor.run_once(ChildSpec("demo-home", processes.manage("demo_home"), environment))
        if code == 0:
            return ["The demo home is being connected: watch it on the dashboard."]
        reason = next((line for line in reversed(lines) if line.strip()), f"exit code {code}")
        return [f"The demo home could not be made: {reason}", f"See {output.path('demo-home')}."]

    def _wait_until_ready(self, supervisor: Supervisor, children: Sequence[Child]) -> list[str]:
        """Until web answers and the workers work; else, after a minute, a sentence about what does not."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            waiting = [child.name for child in children if not child.ready]
            if not self._web_answers():
                waiting.insert(0, "web")
            if not waiting:
                return []
            supervisor.tick(0.1)
        names = " and ".join(waiting)
        return [f"Not ready after {READY_SECONDS:g} s: {names}. See {self.data_dir / 'logs'}."]

    def _web_answers(self) -> bool:
        here = {"0.0.0.0": "127.0.0.1", "::": "::1", "[::]": "::1"}  # nosec B104 - nothing is bound by these
        host = here.get(self.host, self.host)
        connection = http.client.HTTPConnection(host.strip("[]"), self.port, timeout=1)
        try:
            connection.request("GET", "/health/live")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
