"""One run: a hub, its sources, a plan of faults, and the verdict at the end."""

import json
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import requests

from hi.testing.hass import SimulatedHass, home, specs
from hi.testing.line import Line
from hi.testing.postgres import Postgres
from tests.chaos import evidence, referee
from tests.chaos.faults import Scene, Source, Storm
from tests.chaos.house import House
from tests.chaos.plan import SECONDS, SOURCES, Planned
from tests.chaos.witness import Witness
from tests.chaos.workload import Workload
from tests.e2e.hub import wait_until

ENTITIES = 40
QUIET_SECONDS = 60.0
STEP_SECONDS = 0.1
# Short enough for the breaker to be closed again within the time given for quiet.
SETTINGS = {"HI_BREAKER_RESET_SECONDS": "10"}
OPEN_JOBS = "SELECT id, kind, created_at, status FROM integration_job WHERE status IN ('QUEUED', 'RUNNING')"
TOKEN = "a-token-for-chaos"


@dataclass
class Verdict:
    """What a run says of itself, as one JSON object."""

    seed: int
    faults: int
    database: str
    lost: int = 0
    duplicated: int = 0
    stuck: int = 0
    seconds: float = 0.0
    quiet_seconds: float = 0.0
    skipped: int = 0
    skipped_why: dict[str, str] = field(default_factory=dict)
    by_kind: dict[str, int] = field(default_factory=dict)
    jobs: dict[str, int] = field(default_factory=dict)
    slots: dict[str, int] = field(default_factory=dict)
    deaths: dict[str, int] = field(default_factory=dict)
    clicks: dict[str, int] = field(default_factory=dict)
    changes: int = 0
    findings: list[str] = field(default_factory=list)
    folder: str = ""

    @property
    def is_good(self) -> bool:
        return not self.findings

    def to_json(self) -> str:
        return json.dumps({key: value for key, value in asdict(self).items() if value not in ("", [], {})})


class Run:
    """`intervals` are those of the sources' schedules, in seconds; there are as many sources. It lasts as long as its
    plan, and at least `lasting` seconds."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        plan: Sequence[Planned],
        *,
        database: str = "sqlite",
        intervals: Sequence[int] = (5, 6, 8, 10)[:SOURCES],
        seconds: Sequence[str] = SECONDS,
        settings: dict[str, str] | None = None,
        lasting: float = 0.0,
        tell: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self.folder = folder
        self.plan = list(plan)
        self.verdict = Verdict(seed, len(self.plan), database)
        self._intervals = intervals
        self._seconds = seconds
        self._settings = {**SETTINGS, **(settings or {})}
        self._lasting = lasting
        self._say = tell
        self.began = time.monotonic()

    def execute(self) -> None:
        with ExitStack() as stack:
            postgres = None
            if self.verdict.database == "postgres":
                postgres = Postgres()
                stack.callback(postgres.stop)
            house = House(self.folder, postgres.start() if postgres else "", self._seconds, **self._settings)
            stack.callback(lambda: house.close(keep=not self.verdict.is_good))
            stack.callback(house.stop)
            house.start()
            browser = house.browser()
            sources = [stack.enter_context(self._source(house, browser, seconds)) for seconds in self._intervals]
            for source in sources:
                house.wait_for_status(source.instance_id, "ACTIVE", 60)
            self._tell(f"{len(house.nodes)} processes and {len(sources)} sources are up")
            self._storm(Scene(house, sources, postgres))

    @contextmanager
    def _source(self, house: House, browser: requests.Session, seconds: int) -> Iterator[Source]:
        """A home behind its line, connected and on its schedule."""
        with (
            SimulatedHass.running(home=home.sized(ENTITIES), token=TOKEN) as simulator,
            Line.running(target_port=simulator.port) as line,
        ):
            simulator.add_entity(replace(specs.camera(), name="Porch"))
            instance_id = house.connect(line.url, TOKEN, browser=browser, label=f"House at {simulator.port}")
            page = f"/integrations/{instance_id}/"
            house.submit(browser, f"{page}interval", {"every": str(seconds), "unit": "1"}, page=page)
            yield Source(simulator, line, instance_id)

    def _storm(self, scene: Scene) -> None:
        house, verdict = scene.house, self.verdict
        witness, workload = Witness(house), Workload(house, scene.sources, verdict.seed)
        storm = Storm(scene, self.plan)
        witness.start()
        workload.start()
        began = time.monotonic()
        while not storm.is_over or time.monotonic() - began < self._lasting:
            storm.step(time.monotonic() - began, self._tell)
            house.tend()
            time.sleep(STEP_SECONDS)
        workload.stop()
        self._tell("the storm is over")
        self._wait_for_quiet(scene, workload)
        # Only beat sends what waits for its time: nothing may, when it goes.
        self._let(house, lambda: not house.query(OPEN_JOBS), 15)
        beats = [name for name in ("beat", "beat2") if name in house.nodes]
        house.keep_down(*beats)
        stopped_at = time.time()
        self._let(house, lambda: not house.query(OPEN_JOBS), 15)
        witness.stop()
        found = evidence.gather(house, scene.sources, witness, storm.done, stopped_at)
        house.stop()
        found.leftovers = house.leftovers()
        self._record(found, house, storm, workload)

    def _wait_for_quiet(self, scene: Scene, workload: Workload) -> None:
        """Until everything asked for is at its end and the mirror shows what its sources do; what is then not so is
        for the referee to find."""
        began, healed_at = time.monotonic(), time.time()
        restless = scene.sources[-1].instance_id

        def is_quiet() -> bool:
            house = scene.house
            ids = {source.instance_id: source for source in scene.sources}
            instances = house.query("SELECT id, status, sync_error, live_since FROM integration_integrationinstance")
            statuses = {pk: status for pk, status, _error, _live in instances}
            if statuses[restless] in ("INACTIVE", "FAILED"):
                workload.post(f"integrations/{restless}/activate", "activate")
                return False
            # ACTIVE alone is not enough: it has half a minute of grace.
            if any(status != "ACTIVE" or error or not live for pk, status, error, live in instances if pk in ids):
                return False
            jobs = evidence.read_jobs(house)
            if any(job.status not in referee.FINAL and job.created_at < healed_at for job in jobs):
                return False
            return all(evidence.read_mirror(house, pk) == evidence.read_source(s.simulator) for pk, s in ids.items())

        self._let(scene.house, is_quiet, QUIET_SECONDS)
        self.verdict.quiet_seconds = round(time.monotonic() - began, 1)
        self._tell(f"quiet after {self.verdict.quiet_seconds} s")

    def _let(self, house: House, look: Callable[[], bool], seconds: float) -> None:
        """Wait for it, as long as that; never raises."""

        def tended() -> bool:
            house.tend()
            return look()

        try:
            wait_until(tended, "it is so", seconds)
        except AssertionError:
            self._tell(f"gave up waiting after {seconds:g} s")

    def _record(self, found: referee.Evidence, house: House, storm: Storm, workload: Workload) -> None:
        verdict = self.verdict
        findings = referee.judge(found)
        verdict.findings = [f"{finding.verdict}: {finding.what}" for finding in findings]
        counts = Counter(finding.verdict for finding in findings)
        verdict.lost, verdict.duplicated, verdict.stuck = counts["lost"], counts["duplicated"], counts["stuck"]
        verdict.skipped, verdict.skipped_why = storm.skips, storm.skipped
        verdict.by_kind = dict(Counter(done.planned.kind for done in storm.done))
        verdict.jobs = dict(Counter(job.status for job in found.jobs))
        scheduled = [job for job in found.jobs if job.slot_at is not None]
        verdict.slots = {
            "jobs": len(scheduled),
            "slots": sum(job.slots for job in scheduled),
            "missed": sum(job.missed for job in scheduled),
        }
        verdict.deaths = dict(Counter(name for name, _at in house.deaths))
        verdict.clicks, verdict.changes = dict(workload.clicks), workload.changes
        (self.folder / "evidence.json").write_text(json.dumps(_plain(asdict(found)), indent=1, default=str))

    def _tell(self, line: str) -> None:
        self._say(f"{time.monotonic() - self.began:6.1f} s  {line}")


def execute(seed: int, plan: Sequence[Planned], **options: Any) -> Verdict:
    """A run in a folder of its own, which stays when something was found in it."""
    folder = Path(tempfile.mkdtemp(prefix="hi-chaos-"))
    run = Run(folder, seed, plan, tell=lambda line: print(line, file=sys.stderr, flush=True), **options)
    try:
        run.execute()
    except Exception as err:  # noqa: BLE001 - the edge of a run: the next seed shall run, and this one be told as failed
        traceback.print_exc()
        run.verdict.findings.append(f"the run ended early: {type(err).__name__}: {err}")
    run.verdict.seconds = round(time.monotonic() - run.began, 1)
    if run.verdict.is_good:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        run.verdict.folder = str(folder)
    return run.verdict


def _plain(value: Any) -> Any:
    """JSON has texts for keys only."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
