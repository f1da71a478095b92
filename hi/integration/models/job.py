import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from hi.integration.enums import EXCLUSIVE_JOB_KINDS, JobKind, JobStatus, JobTrigger
from hi.integration.models.instance import IntegrationInstance

# In indexes and queries alike, and in this odd shape: SQLite never matches a partial index to an IN list of parameters,
# and of an OR it makes such a list, reads the index of all statuses and sorts what it finds.
OPEN_JOBS = ~(~Q(status=JobStatus.QUEUED) & ~Q(status=JobStatus.RUNNING))
BAD_JOBS = ~(~Q(status=JobStatus.FAILED) & ~Q(status=JobStatus.LOST))
UNACKNOWLEDGED_JOBS = Q(acknowledged_at=None) & BAD_JOBS


class Job(models.Model):
    """One unit of queued work, from the moment it was asked for to its end. The row is the truth; the message that
    carries its id to a worker is only a hint, and may get lost, repeated or reordered."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=30, choices=[(kind, kind) for kind in JobKind])
    instance = models.ForeignKey(
        IntegrationInstance,
        on_delete=models.SET_NULL,
        null=True,
        related_name="jobs",
        db_index=False,  # `job_by_instance` begins with it
    )
    # The instance's name at the time: a job outlives the instance it deleted.
    subject = models.CharField(max_length=120, blank=True, default="")
    arguments = models.JSONField(default=dict, blank=True, help_text="ids and flags only, never a secret")
    trigger = models.CharField(max_length=10, default=JobTrigger.USER)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,  # `job_by_person` begins with it
    )

    # One id from the click to the outgoing request, in every log line on the way (hi/utils/trace.py).
    trace = models.CharField(max_length=32, blank=True, default="")

    status = models.CharField(max_length=10, default=JobStatus.QUEUED)
    attempt = models.PositiveIntegerField(default=0, help_text="how often a worker has claimed it")
    tries = models.PositiveSmallIntegerField(default=0, help_text="how often it failed, but may be tried again")
    losses = models.PositiveSmallIntegerField(default=0, help_text="how often its worker died or hung, in a row")
    worker = models.CharField(max_length=120, blank=True, default="", help_text="the process that has or had it")
    created_at = models.DateTimeField(default=timezone.now)
    run_after = models.DateTimeField(null=True, blank=True, help_text="not claimed before; empty for at once")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="not begun after: a schedule's backlog")
    sent_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True, help_text="when a person has seen that it failed")

    # What a schedule asked for: its newest slot, how many came while the job waited, how many before did not run.
    slot_at = models.DateTimeField(null=True, blank=True)
    slots = models.PositiveIntegerField(default=0)
    slots_missed = models.PositiveIntegerField(default=0)

    phase = models.CharField(max_length=60, blank=True, default="")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True, blank=True)
    message = models.TextField(blank=True, default="", help_text="a plain sentence for people")
    hint = models.TextField(blank=True, default="", help_text="what to do about a failure")
    steps = models.JSONField(default=list, blank=True, help_text="[{name, status, message, hint, milliseconds}]")
    result = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True, default="", help_text="the traceback, for operators")
    log = models.JSONField(default=list, blank=True, help_text="its last log lines, for operators")
    checkpoint = models.JSONField(default=dict, blank=True, help_text="where work that takes long goes on")

    class Meta:
        constraints = [
            # A second request joins the waiting one (see `jobs.enqueue`).
            models.UniqueConstraint(
                fields=["instance", "kind"], condition=Q(status=JobStatus.QUEUED), name="one_waiting_job_of_a_kind"
            ),
            # So does one whose connection is tested again and again.
            models.UniqueConstraint(
                fields=["instance"],
                condition=Q(status=JobStatus.RUNNING, kind=JobKind.TEST_CONNECTION),
                name="one_connection_test_at_work",
            ),
            # One source that is slow keeps one thread of a worker, never two.
            models.UniqueConstraint(
                fields=["instance"],
                condition=Q(status=JobStatus.RUNNING, kind__in=EXCLUSIVE_JOB_KINDS),
                name="one_exclusive_job_at_work",
            ),
        ]
        # One for each filter of the list (see `job_lists.py`), in its order.
        indexes = [
            models.Index(fields=["-created_at", "id"], name="job_newest_first"),
            models.Index(fields=["status", "-created_at", "id"], name="job_by_status"),
            models.Index(fields=["instance", "-created_at", "id"], name="job_by_instance"),
            models.Index(fields=["kind", "-created_at", "id"], name="job_by_kind"),
            models.Index(fields=["trigger", "-created_at", "id"], name="job_by_trigger"),
            models.Index(fields=["requested_by", "-created_at", "id"], name="job_by_person"),
            models.Index(fields=["-created_at", "id"], condition=OPEN_JOBS, name="job_open"),
            models.Index(fields=["-created_at", "id"], condition=BAD_JOBS, name="job_bad"),
            models.Index(fields=["-created_at", "id"], condition=UNACKNOWLEDGED_JOBS, name="job_unacknowledged"),
            models.Index(
                fields=["acknowledged_at"], condition=Q(acknowledged_at__isnull=False), name="job_acknowledged"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()

    def wait(self, now: datetime) -> timedelta:
        """From when it was due, the last time if it was tried again, to its beginning, or until now."""
        return (self.started_at or self.ended_at or now) - max(self.created_at, self.run_after or self.created_at)

    def run(self, now: datetime) -> timedelta | None:
        """From its last beginning to its end, or until now; None before it has begun."""
        return (self.ended_at or now) - self.started_at if self.started_at else None
