"""What processes take, as Linux tells it in /proc."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Use:
    """Memory now; time and writes since the process began, or between two looks."""

    pss_bytes: int = 0
    cpu_seconds: float = 0.0
    written_bytes: int = 0

    def __add__(self, other: "Use") -> "Use":
        return Use(
            self.pss_bytes + other.pss_bytes,
            self.cpu_seconds + other.cpu_seconds,
            self.written_bytes + other.written_bytes,
        )


def look(processes: Mapping[int, str]) -> dict[int, tuple[str, Use]]:
    """By process id: what it is called, and what it has taken."""
    return {pid: (_name(pid, command), _use(Path(f"/proc/{pid}"))) for pid, command in processes.items()}


def differences(before: Mapping[int, tuple[str, Use]], after: Mapping[int, tuple[str, Use]]) -> dict[str, Use]:
    """What each took between the two looks. One that ended meanwhile would falsify that, and is an error."""
    gone = [name for pid, (name, _use) in before.items() if pid not in after]
    assert not gone, f"{', '.join(gone)} ended while being measured"
    spent: dict[str, Use] = {}
    for pid, (name, now) in after.items():
        then = before.get(pid, (name, Use()))[1]
        use = Use(now.pss_bytes, now.cpu_seconds - then.cpu_seconds, now.written_bytes - then.written_bytes)
        spent[name] = spent.get(name, Use()) + use
    return spent


def _name(pid: int, command: str) -> str:
    if "unixsocket" in command:
        return "redis"
    name = Path(f"/proc/{pid}/comm").read_text().strip()
    return name.removeprefix("hi-") if name.startswith("hi-") else "flower" if "flower" in command else "supervisor"


def _use(folder: Path) -> Use:
    memory = re.search(r"^Pss:\s+(\d+) kB", (folder / "smaps_rollup").read_text(), re.MULTILINE)
    written = re.search(r"^write_bytes: (\d+)", (folder / "io").read_text(), re.MULTILINE)
    # Fields behind the command's closing bracket: the 12th and 13th are user and system time.
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    assert memory is not None
    assert written is not None
    return Use(int(memory[1]) * 1024, (int(fields[11]) + int(fields[12])) / TICKS, int(written[1]))
