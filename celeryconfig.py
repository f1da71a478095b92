"""Celery's settings. A job's row is the truth and a message only a hint (docs/architecture.md), hence early
acknowledgement, no results, and no patience with a broker that does not answer."""

from urllib.parse import urlsplit

from hi.settings import env


def _broker_url(url: str) -> str:
    """The URL as kombu spells it: a unix socket is `unix://` for redis-py, `redis+socket://` here."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    query = parts.query.replace("db=", "virtual_host=")
    return f"redis+socket://{parts.path}" + (f"?{query}" if query else "")


broker_url = _broker_url(env.redis_url())
broker_connection_timeout = 2
broker_transport_options = {
    # A web page that queues a job must not hang on a dead broker; the sweeper sends later what could not be sent.
    "socket_connect_timeout": 2,
    "socket_timeout": 2,
    "socket_keepalive": True,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
    # A lost message would come back after this; no task runs as long, no countdown is above 60 s.
    "visibility_timeout": 600,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
task_publish_retry = False

accept_content = ["json"]
task_serializer = "json"
event_serializer = "json"
result_serializer = "json"
task_ignore_result = True
task_acks_late = False

task_default_queue = "maintenance"
task_create_missing_queues = True
task_routes = {
    "hi.tasks.lifecycle.activate_*": {"queue": "sync"},
    "hi.tasks.lifecycle.*": {"queue": "control"},
    "hi.tasks.control.*": {"queue": "control"},
    "hi.tasks.sync.*": {"queue": "sync"},
    "hi.tasks.maintenance.*": {"queue": "maintenance"},
}
# The modules of hi/tasks that hold tasks.
imports = tuple(f"hi.tasks.{name}" for name in ("lifecycle", "control", "sync", "maintenance"))

# Threads know no hard limit; a worker's keeper ends the process where one hangs (hi/tasks/keeper.py).
worker_pool = "hi.tasks.pool:ThreadPool"
worker_consumer = "hi.tasks.consumer:Consumer"
worker_prefetch_multiplier = 1
# Each worker also has a queue of its own, for the canaries that prove that it hears.
worker_direct = True
# With REMAP_SIGTERM=SIGQUIT (hi/runtime/processes.py): running tasks get this long, then their jobs go back.
worker_soft_shutdown_timeout = 1.5
worker_hijack_root_logger = False
worker_redirect_stdouts = False
worker_send_task_events = True
task_send_sent_event = True
# Concerns late acknowledgement only, so nothing of ours; unset, the worker warns at each lost connection.
worker_cancel_long_running_tasks_on_connection_loss = True

timezone = "UTC"
enable_utc = True
beat_scheduler = "hi.tasks.beat:SlotScheduler"
# Seconds; the defaults (5 and 180) would make an edited schedule take effect late, and forget slots on a crash.
beat_max_loop_interval = 1
beat_sync_every = 1
# No results are kept, so there is nothing to clean up.
result_expires = None
# Instances' schedules are rows that follow them (hi/integration/schedules.py).
beat_schedule = {
    "hi: keep house": {"task": "hi.tasks.maintenance.keep_house", "schedule": 3600.0, "options": {"expires": 3600.0}},
}
# Celery closes every database connection before and after each task, whatever CONN_MAX_AGE says; hi/celery.py closes
# those that are too old or broken.
CELERY_DB_REUSE_MAX = 1_000_000_000
