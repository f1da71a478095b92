"""What every job's task has in common: claim the row, do the work, write its end."""

import logging
import traceback
from collections.abc import Callable

from celery import shared_task
from celery.app.task import Task
from django.db import InterfaceError, OperationalError, close_old_connections

from hi.integration import exceptions, jobs, quiet, trouble
from hi.integration.job_log import capture
from hi.integration.job_run import JobRun, WorkPaused, at_work
from hi.utils import trace
from hi.utils.redact import redact

logger = logging.getLogger(__name__)

# Does the work and returns what to tell people, with a result for programs if it has one.
Work = Callable[[JobRun], str | tuple[str, dict[str, int]]]


def job_task(work: Work) -> Task:
    """Make a Celery task of a function that does a job. The message carries the job's id and the attempt it is for."""

    @shared_task(name=f"{work.__module__}.{work.__name__}", bind=True)
    def task(self: Task, job_id: str, attempt: int) -> None:
        run_job(job_id, attempt, work, worker=self.request.hostname or "")

    return task


def run_job(job_id: str, attempt: int, work: Work, worker: str = "") -> None:
    """Run one attempt at a job. Does nothing if another worker has it, or it is no longer wanted."""
    run = JobRun.claim(job_id, attempt, worker)
    if run is None:
        return
    with trace.bind(run.job.trace, job=job_id), capture(run.log), at_work(run):
        logger.info("job %s (%s) begins, attempt %s", job_id, run.job, run.job.attempt)
        _run(run, work)
    if run.job.instance_id is not None:
        jobs.send_next(run.job)


def _run(run: JobRun, work: Work) -> None:
    try:
        outcome = work(run)
    except WorkPaused as pause:
        if run.pause(pause):
            jobs.send(run.job)
    except exceptions.JobEndedError:
        logger.info("job %s (%s) was ended from outside", run.job.pk, run.job)
    except exceptions.IntegrationError as err:
        logger.info("job %s (%s) failed: %s", run.job.pk, run.job, err)
        if err.retry_after and run.job.instance_id is not None:
            quiet.leave_alone(run.job.instance_id, err.retry_after)
        if run.may_try_again(err):
            run.try_again(str(err), hint=err.hint, after_seconds=err.retry_after)
        elif run.fail(str(err), hint=err.hint, traceback=traceback.format_exc()):
            trouble.give_up(run.job, redact(str(err)), err)
    except (OperationalError, InterfaceError) as err:
        # The database was away: restarted, locked for long, its disk full. The work is repeated once it answers.
        logger.warning("job %s (%s) could not reach the database: %s", run.job.pk, run.job, err)
        close_old_connections()
        trouble.lose(run.job, "The database did not answer.")
    except Exception:
        logger.exception("job %s (%s) met an unexpected error", run.job.pk, run.job)
        failed = run.fail(
            "hi met an unexpected error.",
            hint="This is a fault in hi, not in what you did; the details are with the job.",
            traceback=traceback.format_exc(),
        )
        if failed:
            trouble.give_up(run.job, "hi met an unexpected error; the details are with the job.")
    else:
        message, result = outcome if isinstance(outcome, tuple) else (outcome, {})
        logger.info("job %s (%s) is done: %s", run.job.pk, run.job, message)
        run.succeed(message, dict(result))
