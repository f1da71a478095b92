"""What every job's task has in common: claim the row, keep it fresh, write its end."""

import logging
import traceback
from collections.abc import Callable

from celery import shared_task
from celery.app.task import Task

from hi.integration import exceptions, trouble
from hi.integration.job_run import Heartbeat, JobRun
from hi.utils.redact import redact

logger = logging.getLogger(__name__)

# Does the work and returns what to tell people, with a result for programs if it has one.
Work = Callable[[JobRun], str | tuple[str, dict[str, int]]]


def job_task(work: Work) -> Task:
    """Make a Celery task of a function that does a job. The message carries the job's id and the attempt it is for."""

    @shared_task(name=f"{work.__module__}.{work.__name__}")
    def task(job_id: str, attempt: int) -> None:
        run_job(job_id, attempt, work)

    return task


def run_job(job_id: str, attempt: int, work: Work) -> None:
    """Run one attempt at a job. Does nothing if another worker has it, or it is no longer wanted."""
    run = JobRun.claim(job_id, attempt)
    if run is None:
        return
    with Heartbeat(run):
        try:
            outcome = work(run)
        except exceptions.IntegrationError as err:
            logger.info("job %s (%s) failed: %s", job_id, run.job, err)
            run.fail(str(err), hint=err.hint, traceback=traceback.format_exc())
            trouble.give_up(run.job, redact(str(err)))
        except Exception:
            logger.exception("job %s (%s) met an unexpected error", job_id, run.job)
            run.fail(
                "hi met an unexpected error.",
                hint="This is a fault in hi, not in what you did; the details are with the job.",
                traceback=traceback.format_exc(),
            )
            trouble.give_up(run.job, "hi met an unexpected error; the details are with the job.")
        else:
            message, result = outcome if isinstance(outcome, tuple) else (outcome, {})
            run.succeed(message, dict(result))
