"""Which queue carries what."""

from celery import current_app

QUEUES = ("control", "sync", "listen", "maintenance")


def queue_of(task: str) -> str:
    """The queue that messages of a task go to, by Celery's routes (`celeryconfig.py`)."""
    return str(current_app.amqp.router.route({}, task)["queue"].name)
