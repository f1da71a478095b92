"""Log records as text: a line each, secrets taken out, with the id of what was being done."""

import json
import logging
import os
from datetime import UTC, datetime

from hi.utils import trace
from hi.utils.redact import LINE_END, redact


class LineFormatter(logging.Formatter):
    """For people. Formats a record with its traceback as one line, then redacts the whole: arguments and tracebacks
    leak too. `%(trace)s` is the beginning of the bound id in brackets, or nothing."""

    def format(self, record: logging.LogRecord) -> str:
        record.trace = f" [{trace.current()[: trace.SHORT]}]" if trace.current() else ""
        return redact(super().format(record)).replace("\r", "").replace("\n", LINE_END)


class JsonFormatter(logging.Formatter):
    """For programs. One object a line, without the fields that are empty."""

    def format(self, record: logging.LogRecord) -> str:
        exception = self.formatException(record.exc_info) if record.exc_info else ""
        return dump_fields(
            {
                "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
                "level": record.levelname,
                "logger": record.name,
                "message": record.getMessage(),
                "trace": trace.current(),
                "role": os.environ.get("HI_ROLE", ""),
                "job": trace.current_job(),
                "exception": "\n".join(part for part in (exception, record.stack_info) if part),
            }
        )


def dump_fields(fields: dict[str, str]) -> str:
    """Redacts each field on its own: in the finished text quotes are escaped, and a secret could span two fields."""
    return json.dumps({name: redact(value) for name, value in fields.items() if value}, ensure_ascii=False)


def load_fields(line: str) -> dict[str, str] | None:
    """The fields of a line that `dump_fields` may have made; None for any other line."""
    if not line.startswith("{"):
        return None
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    is_ours = isinstance(fields, dict) and all(isinstance(value, str) for value in fields.values())
    return fields if is_ours else None
