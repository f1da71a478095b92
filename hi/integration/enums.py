"""The machinery's vocabulary."""

from enum import StrEnum


class DesiredState(StrEnum):
    """What the user asked for; survives restarts."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    INACTIVE = "INACTIVE"


class IntegrationStatus(StrEnum):
    """What is. Every move between two of these goes through `status.move`."""

    INACTIVE = "INACTIVE"
    ACTIVATING = "ACTIVATING"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    DEGRADED = "DEGRADED"
    AUTH_FAILED = "AUTH_FAILED"
    FAILED = "FAILED"
    DEACTIVATING = "DEACTIVATING"


class RemovalPolicy(StrEnum):
    """What deactivating does with the things that only this instance mirrors."""

    REMOVE = "remove"
    KEEP = "keep"


class RemovalCause(StrEnum):
    """Why a link is a tombstone. Only MISSING counts against the brake of the next sync."""

    MISSING = "missing"
    APPROVED = "approved"
    DEACTIVATED = "deactivated"
    DESELECTED = "deselected"  # people chose not to mirror it


class ItemKind(StrEnum):
    """What a link leads to."""

    LOCATION = "location"
    ENTITY = "entity"
    STATE = "state"


class LeaseRole(StrEnum):
    SYNC = "sync"
    LISTEN = "listen"


class JobKind(StrEnum):
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    TEST_CONNECTION = "test_connection"
    SYNC = "sync"
    DELETE = "delete"


# Of these at most one is at work for an instance: they write what it mirrors.
EXCLUSIVE_JOB_KINDS = (JobKind.ACTIVATE, JobKind.SYNC)


class JobStatus(StrEnum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    LOST = "LOST"


OPEN_JOB_STATUSES = (JobStatus.QUEUED, JobStatus.RUNNING)
BAD_JOB_STATUSES = (JobStatus.FAILED, JobStatus.LOST)


class JobTrigger(StrEnum):
    """Who or what asked for a job."""

    USER = "user"
    SCHEDULE = "schedule"
    SOURCE = "source"  # the mirrored system said that its structure changed
    SYSTEM = "system"  # hi itself


class ProcessRole(StrEnum):
    """What a process of hi is there for."""

    WEB = "web"
    CONTROL = "control"
    WORKER = "worker"
    LISTENER = "listener"
    BEAT = "beat"
    MEDIA = "media"


class RunOutcome(StrEnum):
    APPLIED = "applied"
    HELD = "held"  # applied, but its removals wait for a person
    PARTIAL = "partial"  # applied without removals: the source's answer was not complete
    FAILED = "failed"


class CommandStatus(StrEnum):
    """What has become of a command. The last five are final."""

    REQUESTED = "REQUESTED"
    SENT = "SENT"  # written before it goes out, so that whatever crashes then, it never goes out twice
    ACKNOWLEDGED = "ACKNOWLEDGED"  # the system took it; the state that should follow has not come yet
    CONFIRMED = "CONFIRMED"  # the state that followed says so
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"  # not sent in time, and so never
    SUPERSEDED = "SUPERSEDED"  # somebody wanted something newer before this was done
    UNKNOWN = "UNKNOWN"  # sent, but nobody knows what came of it


OPEN_COMMAND_STATUSES = (CommandStatus.REQUESTED, CommandStatus.SENT, CommandStatus.ACKNOWLEDGED)


class NewThings(StrEnum):
    """What happens to a thing that a source lists for the first time, once an instance has been mirrored."""

    MIRROR = "mirror"
    ASK = "ask"  # it waits in the inbox


class Decision(StrEnum):
    """What a person said of a thing that a source offers."""

    WAITING = "waiting"
    APPROVED = "approved"
    IGNORED = "ignored"


class RepairKind(StrEnum):
    AUTHENTICATION = "authentication"
    REMOVAL_REVIEW = "removal_review"
    SERVER_CHANGED = "server_changed"
    SECRET_LOST = "secret_lost"


# Of a stopped instance these say why, better than its status.
EXPLAINING_REPAIRS = (RepairKind.AUTHENTICATION, RepairKind.SERVER_CHANGED, RepairKind.SECRET_LOST)


class BreakerState(StrEnum):
    """pybreaker's own words."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"
