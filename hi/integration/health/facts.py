"""What is looked at: plain data, so that judging it needs nothing but a clock."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from hi.backup.schedule import Failure
from hi.integration import exceptions
from hi.integration.models import IntegrationInstance, Leadership, Process

# A process says every 5 s that it is there; a worker's canary comes every minute.
ALIVE_SECONDS = 20
HEARD_SECONDS = 150


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """`error` is empty where the database answers; all else is only known then."""

    alias: str
    error: str = ""
    absent: bool = False  # there is no such file
    milliseconds: float = 0.0
    version: str = ""
    size_bytes: int = 0
    wal_bytes: int = 0  # SQLite's only
    writable: bool = True
    missing_migrations: int = 0

    @property
    def subject(self) -> str:
        return "Database" if self.alias == "default" else "History database"


@dataclass(frozen=True, slots=True)
class RedisFacts:
    error: str = ""
    milliseconds: float = 0.0
    version: str = ""
    memory_bytes: int = 0
    memory_limit_bytes: int = 0  # 0: none
    keeps_on_disk: bool = False
    write_failed: bool = False
    depths: dict[str, int] = field(default_factory=dict)  # queue -> messages that no worker has taken


@dataclass(frozen=True, slots=True)
class DiskFacts:
    folder: Path
    error: str = ""
    free_bytes: int = 0
    total_bytes: int = 0


@dataclass(frozen=True, slots=True)
class BackupFacts:
    folder: Path
    hours: float  # between scheduled ones; 0 for none
    error: str = ""  # why the folder can't be read
    newest_at: datetime | None = None
    failure: Failure | None = None  # of the last attempt


@dataclass(frozen=True, slots=True)
class KeyFacts:
    error: str = ""  # why there is no usable key
    readable_by_others: tuple[str, ...] = ()
    fits: bool = True  # the stored secrets were encrypted with it


@dataclass(frozen=True, slots=True)
class JobFacts:
    """The open jobs of one kind and status."""

    kind: str
    status: str
    count: int
    due: int  # a worker could take them now
    oldest_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class QueueFacts:
    name: str
    messages: int | None  # None: Redis does not say
    due: int
    oldest_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """A configured instance with what hi does for it."""

    instance: IntegrationInstance
    wanted: bool  # shall run, and does or is about to
    open_repairs: int
    lease_holder: str | None
    lease_expires_at: datetime | None
    due_at: datetime | None
    fault: exceptions.IntegrationError | None  # why the code of its integration cannot be used

    @property
    def listens(self) -> bool:
        """Exactly one of the two times is set while a listener is wanted."""
        return self.instance.live_since is not None or self.instance.live_lost_at is not None


@dataclass(frozen=True, slots=True)
class Facts:
    now: datetime
    databases: tuple[DatabaseFacts, ...]
    redis: RedisFacts
    disk: DiskFacts
    backups: BackupFacts
    keys: KeyFacts
    rows_error: str = ""  # why the following are not known
    processes: tuple[Process, ...] = ()
    leader: Leadership | None = None
    jobs: tuple[JobFacts, ...] = ()
    queues: tuple[QueueFacts, ...] = ()
    systems: tuple[SystemFacts, ...] = ()

    def is_alive(self, process: Process) -> bool:
        return (self.now - process.seen_at).total_seconds() < ALIVE_SECONDS

    def is_deaf(self, process: Process) -> bool:
        """Messages of its queue do not reach it. One all of whose slots are taken is busy, not deaf."""
        if not process.slots or process.busy >= process.slots:
            return False
        last = max(process.heard_at or process.started_at, process.started_at)
        return (self.now - last).total_seconds() > HEARD_SECONDS

    @property
    def is_running(self) -> bool:
        return any(self.is_alive(process) for process in self.processes)
