"""Logging: one line a record on standard error, secrets taken out. The supervisor keeps the files."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
FORMATS = ("line", "json")

# Libraries that tell each connection, frame or request at INFO.
CHATTY = (
    "urllib3",
    "websockets",
    "asyncio",
    "uvicorn.access",
    "tornado.access",
    "celery.beat",
    "celery.worker.strategy",
)


def logging_settings(level: str, log_format: str = "line") -> dict[str, Any]:
    if level not in LEVELS:
        raise ImproperlyConfigured(f"HI_LOG_LEVEL must be one of {', '.join(LEVELS)}, not {level!r}.")
    if log_format not in FORMATS:
        raise ImproperlyConfigured(f"HI_LOG_FORMAT must be {' or '.join(FORMATS)}, not {log_format!r}.")
    quiet = "DEBUG" if level == "DEBUG" else "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": "hi.utils.log_format.LineFormatter",
                "format": "%(asctime)s %(levelname)s%(trace)s %(name)s: %(message)s",
            },
            "json": {"()": "hi.utils.log_format.JsonFormatter"},
        },
        "filters": {"refusals": {"()": "hi.utils.request_trace.Refusals"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": log_format},
            "job": {"class": "hi.integration.job_log.JobLogHandler"},
        },
        "root": {"handlers": ["stderr", "job"], "level": level},
        "loggers": {name: {"level": quiet} for name in CHATTY}
        # At DEBUG it writes down each frame, and a frame may hold a code, which is too short to be known everywhere.
        | {"websockets": {"level": "INFO" if level == "DEBUG" else "WARNING"}}
        # Tells each try of a request, with all of its address; what came of them is told once, by hi.
        | {"urllib3.connectionpool": {"level": "ERROR"}}
        # Warns at each start that workers don't answer before there are any.
        | {"flower.inspector": {"level": "ERROR"}}
        # Tells each wrong password by a digest; the sign-in page tells who has to wait.
        | {"axes": {"level": "ERROR"}}
        | {"django.request": {"filters": ["refusals"]}}
        # Django's defaults bring handlers of their own, among them mail to nobody.
        | {"django": {"handlers": [], "propagate": True}, "django.server": {"handlers": [], "propagate": True}},
    }
