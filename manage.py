#!/usr/bin/env python
"""Django's command line for hi, on production settings unless DJANGO_SETTINGS_MODULE says otherwise."""

import os
import sys


def main() -> None:
    if sys.argv[1:2] in (["initialise"], ["restore"], ["doctor"], ["new_key"], ["new_integration"], ["quality"]):
        # What may run before there are keys, and what tells that they are missing.
        os.environ["DJANGO_SETTINGS_MODULE"] = "hi.settings.initialise"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hi.settings.production")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError as err:
        if err.name != "django":
            raise
        sys.exit("hi: this is another Python than hi's. Type .venv/bin/python manage.py …, which `make venv` makes.")

    try:
        import hi.celery  # noqa: F401 - a command that enqueues needs the app, and this thread's current one is it

        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as err:
        sys.exit(f"hi: {err}")
    except OSError as err:
        if sys.argv[1:2] != ["doctor"]:
            raise
        # Not even the settings can be read.
        sys.exit(f"hi: {err.filename} can't be read ({err.strerror}): give the account that runs hi the right to.")


if __name__ == "__main__":
    main()
