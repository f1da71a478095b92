"""`hub cancel`: end a job that waits or is at work."""

from argparse import ArgumentParser, Namespace

from hi.cli.job_view import is_open, read_job
from hi.cli.named import find_job
from hi.cli.refusal import DONE, FAILED, RefusalError
from hi.cli.session import Session
from hi.console import words
from hi.integration import operations


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("job", metavar="JOB", help="the beginning of its id, as `hub list jobs` tells it")


def run(session: Session, options: Namespace) -> int:
    job = read_job(find_job(options.job).pk)
    if not operations.cancel(job, session.user):
        job = read_job(job.pk)
        raise RefusalError(
            "This cannot be cancelled: half of it would be worse than the whole."
            if is_open(job)
            else f"It has ended already: {str(words.JOB_PILLS[job.status].word).lower()}.",
            code=FAILED,
        )
    session.terminal.tell(
        f"{session.terminal.mark('ok')} Cancelled: {words.job_title(job)}. What it has written stays."
    )
    return DONE
