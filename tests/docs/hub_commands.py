"""Run as a program: many commands of `manage.py hub` in one process, since starting one takes a second.

Reads the words of a command as a JSON list, one a line, and answers each with what it wrote and its exit code.
"""

import io
import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hi.settings.production")

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - after the set-up

import hi.celery  # noqa: E402, F401 - the app that tasks are sent with


def main() -> None:
    for line in sys.stdin:
        out, err, code = io.StringIO(), io.StringIO(), 0
        try:
            call_command("hub", *json.loads(line), stdout=out, stderr=err)
        except SystemExit as ended:
            code = int(ended.code or 0)
        print(json.dumps([out.getvalue(), err.getvalue(), code]), flush=True)


if __name__ == "__main__":
    main()
