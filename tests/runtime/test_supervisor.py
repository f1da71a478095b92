"""The supervisor with small children of real processes."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hi.runtime.child import ChildSpec
from hi.runtime.logs import Output
from hi.runtime.refusal import Refusal
from hi.runtime.restarts import RestartPolicy
from hi.runtime.supervisor import Stopped, Supervisor

SLEEP = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def python(name: str, code: str, **options: object) -> ChildSpec:
    return ChildSpec(name, [sys.executable, "-S", "-c", code], **options)  # type: ignore[arg-type]


def alive(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.fixture
def terminal() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(tmp_path: Path, terminal: io.StringIO) -> Iterator[Supervisor]:
    output = Output(tmp_path, terminal)
    with Supervisor(tmp_path, output, lambda: RestartPolicy(first_seconds=0.05)) as running:
        yield running
    output.close()


def tick_until(supervisor: Supervisor, condition: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        supervisor.tick(0.02)


def test_a_crashed_child_is_started_again(supervisor: Supervisor, terminal: io.StringIO, tmp_path: Path) -> None:
    code = "import pathlib, sys, time\np = pathlib.Path('seen')\nif p.exists(): time.sleep(60)\n"
    code += "p.touch()\nsys.exit('broken')"
    child = supervisor.start(python("fragile", code))
    tick_until(supervisor, lambda: "starting it again" in terminal.getvalue())
    tick_until(supervisor, lambda: child.running)
    assert "fragile ended with exit code 1: broken; starting it again in 0.05 s." in terminal.getvalue()


def test_a_child_that_ends_without_an_error_is_started_again_too(supervisor: Supervisor, terminal: io.StringIO) -> None:
    supervisor.start(python("short", "pass"))
    tick_until(supervisor, lambda: "short ended with exit code 0; starting" in terminal.getvalue())


def test_a_killed_child_is_started_again(supervisor: Supervisor, terminal: io.StringIO) -> None:
    child = supervisor.start(python("victim", SLEEP))
    assert child.process
    os.kill(child.process.pid, signal.SIGKILL)
    tick_until(supervisor, lambda: "victim was ended by signal 9; starting" in terminal.getvalue())


def test_a_child_that_keeps_crashing_is_given_up_loudly(supervisor: Supervisor) -> None:
    supervisor.start(python("hopeless", "import sys; sys.exit('no luck')"))
    with pytest.raises(Refusal, match=r"hopeless crashed 5 times within 60 s \(.*no luck\): giving up; its log is"):
        tick_until(supervisor, lambda: False)


def test_a_program_that_does_not_exist_is_refused(supervisor: Supervisor) -> None:
    with pytest.raises(Refusal, match="ghost can't be started: /no/such/program"):
        supervisor.start(ChildSpec("ghost", ["/no/such/program"]))


def test_stop_ends_all_children_within_five_seconds_even_one_that_ignores_it(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    children = [
        supervisor.start(python("server", SLEEP, stops_last=True)),
        supervisor.start(python("polite", SLEEP)),
        supervisor.start(python("stubborn", STUBBORN)),
    ]
    tick_until(supervisor, lambda: (tmp_path / "stubborn.log").exists())
    processes = [child.process.pid for child in children if child.process]
    began = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - began < 5
    assert not [process_id for process_id in processes if alive(process_id)]


def test_the_server_that_others_need_is_stopped_last(supervisor: Supervisor, tmp_path: Path) -> None:
    told = "import pathlib, signal, sys, time\n"
    told += "def end(*_):\n    open('order', 'a').write(sys.argv[1] + '\\n'); sys.exit()\n"
    told += "signal.signal(signal.SIGTERM, end)\npathlib.Path(sys.argv[1]).touch()\ntime.sleep(60)"
    for name, last in (("redis", True), ("web", False)):
        spec = python(name, told, stops_last=last)
        supervisor.start(ChildSpec(name, [*spec.argv, name], stops_last=last))
    tick_until(supervisor, lambda: (tmp_path / "redis").exists() and (tmp_path / "web").exists())
    supervisor.stop()
    assert (tmp_path / "order").read_text().split() == ["web", "redis"]


def test_what_a_child_started_itself_is_ended_with_it(supervisor: Supervisor, tmp_path: Path) -> None:
    code = "import subprocess, sys, time\n"
    code += f"p = subprocess.Popen([sys.executable, '-c', {STUBBORN!r}])\n"
    code += "open('pid', 'w').write(str(p.pid)); time.sleep(60)"
    supervisor.start(python("parent", code))
    tick_until(supervisor, lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    grandchild = int((tmp_path / "pid").read_text())
    assert alive(grandchild)
    supervisor.stop()
    time.sleep(0.05)
    assert not alive(grandchild)


def test_ctrl_c_is_noticed_at_once(supervisor: Supervisor) -> None:
    supervisor.start(python("calm", SLEEP))
    os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(Stopped):
        supervisor.tick(5)


def test_a_second_ctrl_c_kills_at_once(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(python("stubborn", STUBBORN))
    tick_until(supervisor, lambda: (tmp_path / "stubborn.log").exists())
    signal.signal(signal.SIGALRM, supervisor._request_stop)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    began = time.monotonic()
    try:
        supervisor.stop()
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    assert time.monotonic() - began < 2


def test_a_step_gives_back_its_exit_code_and_lines(supervisor: Supervisor) -> None:
    code, lines = supervisor.run_once(python("step", "print('one'); print('two', end=''); raise SystemExit(3)"))
    assert (code, lines) == (3, ["one", "two"])


def test_a_child_that_writes_a_great_deal_is_never_blocked(supervisor: Supervisor, tmp_path: Path) -> None:
    code, lines = supervisor.run_once(python("chatty", "[print(n) for n in range(50_000)]"))
    assert (code, len(lines)) == (0, 50_000)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_a_killed_supervisor_leaves_no_orphan(tmp_path: Path) -> None:
    code = f"""
import pathlib, sys
from hi.runtime.child import ChildSpec
from hi.runtime.logs import Output
from hi.runtime.supervisor import Supervisor
with Supervisor(pathlib.Path.cwd(), Output(pathlib.Path.cwd())) as s:
    c = s.start(ChildSpec("c", [sys.executable, "-S", "-c", {STUBBORN!r}]))
    while not pathlib.Path("c.log").exists(): s.tick()
    print(c.process.pid, flush=True)
    while True: s.tick()
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=tmp_path, env=environment
    ) as process:
        assert process.stdout
        child = int(process.stdout.readline())
        assert alive(child)
        process.kill()
    deadline = time.monotonic() + 3
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(child)
