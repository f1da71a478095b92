"""A whole hub of real processes for a test: Redis server, web, workers and beat, in a folder of their own.

The processes are the commands that `make run` starts, held as pytest-celery nodes, so that a test kills and restarts
them as it would containers. Tests look at the hub from outside: over HTTP, and by reading its database file.
"""

import json
import os
import re
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import requests
from pytest_celery import CeleryTestNode, CeleryTestWorker, RedisTestBroker
from requests.cookies import RequestsCookieJar

from hi.celery import app
from hi.runtime import processes, redis_server
from hi.runtime.child import ChildSpec
from hi.runtime.forked import CAN_FORK
from tests import nursery
from tests.e2e.process import LocalProcess, Process, wait_until
from tests.nursery import Nursery

# A slot while a sync is at work leaves another one waiting, which would do the work of the one under test.
RARELY = 7 * 24 * 3600


class Hub:
    """The hub under test. `nodes` by name: redis, web, control, worker, listener, beat."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.nodes: dict[str, CeleryTestNode] = {}
        self._socket = redis_server.socket_folder(folder) / "redis.sock"
        self.environment = {
            **processes.child_environment(folder, f"unix://{self._socket}", self._socket.parent),
            "HI_PORT": str(self.port),
            "HI_TIME_ZONE": "UTC",
            **settings,
        }
        for name in ("run", "redis", "logs"):
            (folder / name).mkdir(exist_ok=True)
        self._cookies: RequestsCookieJar | None = None
        self.session = requests.Session()
        self.session.trust_env = False

    def start(self) -> None:
        self.prepare()
        for spec in self.specs():
            self.start_process(spec)
        for node in self.nodes.values():
            node.ready()

    def prepare(self) -> None:
        """Redis, the database and the keys: what every process needs. A folder may bring the latter."""
        self._add(RedisTestBroker, self.redis_spec(), lambda: self._socket.exists())
        if not (self.folder / "keys").exists():
            self.manage("initialise", DJANGO_SETTINGS_MODULE="hi.settings.initialise")
        brought = self.folder / "token"
        self.token = (
            brought.read_text() if brought.exists() else self.manage("token", "tests", "--scope", "admin")
        ).strip()
        brought.unlink(missing_ok=True)

    def redis_spec(self) -> ChildSpec:
        return redis_server.server_spec(redis_server.find_server(), self.folder, self._socket)

    def specs(self) -> list[ChildSpec]:
        return [spec for spec in processes.home_specs(self.folder, self.environment) if spec.name != "flower"]

    def start_process(self, spec: ChildSpec, *more: str) -> None:
        """Start one without waiting for it, with `more` words at the end of its command."""
        spec = replace(spec, argv=[*spec.argv, *more])
        self._add(_node_type(spec.name), spec, self._readiness(spec), wait=False)

    def start_another(self, name: str) -> CeleryTestNode:
        """A second process of the kind, as on another machine; its node is called `name-2`."""
        spec = next(spec for spec in self.specs() if spec.name == name)
        ready = spec.ready_file and spec.ready_file.with_name(f"{name}-2.ready")
        second = replace(
            spec,
            name=f"{name}-2",
            argv=[word.replace(f"{name}@", f"{name}-2@") for word in spec.argv],
            ready_file=ready,
            env={**spec.env, **({"HI_READY_FILE": str(ready)} if ready else {})},
        )
        self._add(_node_type(name), second, self._readiness(second))
        return self.nodes[second.name]

    def pid(self, name: str) -> int:
        return int(self.nodes[name].container.pid)

    def new_process(self, spec: ChildSpec, is_ready: Callable[[], bool]) -> Process:
        log = self.folder / "logs" / f"{spec.name}.log"
        return LocalProcess(spec, log, is_ready, lambda: self._nursery if self._is_alike(spec) else None)

    @cached_property
    def _nursery(self) -> Nursery:
        """What the supervisor is in `make run`: it has loaded hi, which takes the keys."""
        return Nursery(self.process_environment())

    def unload(self) -> None:
        """The next process to start loads hi and its keys anew. Processes that run end."""
        nursery = vars(self).pop("_nursery", None)
        if nursery is not None:
            nursery.close()

    def _is_alike(self, spec: ChildSpec) -> bool:
        """Whether all its settings are those that the nursery has loaded."""
        own = {name: value for name, value in spec.env.items() if name not in ("HI_ROLE", "HI_READY_FILE")}
        return CAN_FORK and spec.is_hi and own == self.environment

    def stop(self) -> None:
        for node in reversed(self.nodes.values()):
            node.teardown()
        self.unload()

    def process_environment(self, **more: str) -> dict[str, str]:
        return {**os.environ, **self.environment, **more}

    def manage(self, *words: str, **environment: str) -> str:
        done = nursery.run(["-m", "manage", *words], self.process_environment(**environment))
        assert done.returncode == 0, done.stderr
        return done.stdout

    def connect(
        self,
        url: str,
        token: str = "",
        kind: str = "hass",
        browser: requests.Session | None = None,
        label: str = "House",
        **settings: str,
    ) -> int:
        """Connect a system as a person does, in three steps; returns the instance's id."""
        browser = browser or self.browser()
        page = f"/integrations/add/{kind}"
        answer = self.submit(browser, page, {"label": label, "url": url, "token": token, **settings})
        instance_id = int(re.search(r"/integrations/add/(\d+)/check", answer.url)[1])  # type: ignore[index]
        check = f"/integrations/add/{instance_id}/check"
        wait_until(lambda: "Start mirroring" in browser.get(self.url + check, timeout=10).text, "the test succeeds")
        self.submit(browser, f"/integrations/{instance_id}/activate", {}, page=check)
        return instance_id

    def sync_every(self, instance_id: int, seconds: int) -> None:
        page = f"/integrations/{instance_id}/"
        self.submit(self.browser(), f"{page}interval", {"every": str(seconds), "unit": "1"}, page=page)

    def get(self, path: str) -> Any:
        answer = self.session.get(f"{self.url}/api/v1/{path}", headers=self._headers(), timeout=10)
        assert answer.ok, (path, answer.status_code, answer.text)
        return answer.json()

    def post(self, path: str, body: dict[str, Any] | None = None, status: int = 202) -> Any:
        answer = self.session.post(f"{self.url}/api/v1/{path}", json=body, headers=self._headers(), timeout=10)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return answer.json()

    def get_all(self, path: str) -> list[Any]:
        """Every item of a paged list."""
        items: list[Any] = []
        after = None
        while True:
            page = self.get(f"{path}?limit=500" + (f"&after={after}" if after else ""))
            items += page["items"]
            after = page["next"]
            if after is None:
                return items

    def states(self) -> dict[str, dict[str, Any]]:
        """address -> state, of everything mirrored."""
        return {state["address"]: state for entity in self.get_all("entities") for state in entity["states"]}

    def query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Read the hub's database file."""
        with closing(sqlite3.connect(f"file:{self.folder / 'db.sqlite3'}?mode=ro", uri=True, timeout=20)) as db:
            return db.execute(sql, parameters).fetchall()

    def instance(self, instance_id: int) -> Any:
        return self.get(f"integrations/{instance_id}")

    def wait_for_status(self, instance_id: int, status: str, seconds: float = 30) -> Any:
        def has_it() -> Any:
            instance = self.instance(instance_id)
            return instance if instance["status"] == status else None

        return wait_until(has_it, f"integration {instance_id} is {status}", seconds, lambda: self.explain(instance_id))

    def wait_for_job(self, job: Any, seconds: float = 30) -> Any:
        def ended() -> Any:
            found = self.get(f"jobs/{job['id']}")
            return found if found["status"] not in ("QUEUED", "RUNNING") else None

        return wait_until(ended, f"job {job['kind']} ends", seconds)

    def wait_for_command(self, command: Any, seconds: float = 30) -> Any:
        def ended() -> Any:
            found = self.get(f"commands/{command['id']}")
            return found if found["ended_at"] else None

        return wait_until(ended, f"command {command['subject']} ends", seconds)

    def explain(self, instance_id: int) -> str:
        jobs = [(job["kind"], job["status"], job["message"]) for job in self.get("jobs")["items"][:5]]
        return json.dumps([self.instance(instance_id), jobs], indent=1)

    def browser(self) -> requests.Session:
        """A signed-in browser without JavaScript: one more window of the first that was asked for, since a link to sign
        in with takes a process."""
        browser = requests.Session()
        browser.trust_env = False
        if self._cookies is None:
            link = next(word for word in self.manage("sign_in_link").split() if word.startswith("http"))
            self.submit(browser, re.sub(r"^https?://[^/]+", "", link), {})
            self._cookies = browser.cookies.copy()
        browser.cookies.update(self._cookies)
        return browser

    def submit(self, browser: requests.Session, path: str, fields: dict[str, str], page: str = "") -> requests.Response:
        """Fill in a form as a person would: fetch the page it is on, and send its hidden fields with the rest."""
        shown = browser.get(self.url + (page or path), timeout=10)
        assert shown.ok, (path, shown.status_code)
        forms: list[str] = re.findall(r"<form\b.*?</form>", shown.text, re.DOTALL)
        fits = [form for form in forms if f'action="{path}"' in form or "action=" not in form]
        form = next((form for form in fits if f'value="{fields.get("action", "")}"' in form), next(iter(fits), None))
        assert form is not None, f"{page or path} has no form for {path}: {forms}"
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
        answer = browser.post(
            self.url + path, data={**dict(hidden), **fields}, headers={"Referer": shown.url}, timeout=10
        )
        assert answer.ok, (path, answer.status_code, answer.text[:500])
        return answer

    def _add(
        self, node_type: type[CeleryTestNode], spec: ChildSpec, is_ready: Callable[[], bool], *, wait: bool = True
    ) -> None:
        process = self.new_process(spec, is_ready)
        node = node_type(process, app)
        self.nodes[spec.name] = node
        process.start()
        if wait:
            node.ready()

    def _readiness(self, spec: ChildSpec) -> Callable[[], bool]:
        if spec.ready_file is not None:
            return spec.ready_file.exists
        if spec.name == "web":
            return self._web_answers
        return lambda: True

    def _web_answers(self) -> bool:
        try:
            return self.session.get(f"{self.url}/health/live", timeout=1).ok
        except requests.RequestException:
            return False

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def _node_type(name: str) -> type[CeleryTestNode]:
    return CeleryTestWorker if name in processes.WORKERS else CeleryTestNode


@contextmanager
def running_hub(folder: Path, kind: type[Hub] = Hub, **settings: str) -> Iterator[Hub]:
    hub = kind(folder, **settings)
    try:
        hub.start()
        yield hub
    finally:
        hub.stop()


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
