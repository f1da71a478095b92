"""`manage.py new_integration`: a small integration that works, with its tests, to be made into another."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hi.integration.scaffolding import ROOT, Scaffold, ScaffoldError, check_names

IN_TREE = """
Next:
  1. Run its tests:       .venv-dev/bin/python -m pytest {tests}
  2. Try it:              python {tests}/{name}_simulator.py 9500 simulates the system, with the key tomato-4711
  3. Make it yours:       wire.py and converter.py first; docs/adding-an-integration.md tells what is what
  4. Tell its settings:   docs/settings.md has those of every integration in this tree; its test says what is missing
"""
PACKAGE = """
Next, from hi's checkout:
  1. Install it:          .venv-dev/bin/pip install -e {folder}
  2. Run its tests:       .venv-dev/bin/python -m pytest {folder}
  3. Try it:              .venv/bin/pip install -e {folder}, then make run; its README tells how to simulate the system
  4. Make it yours:       wire.py and converter.py first; docs/adding-an-integration.md tells what is what
"""


class Command(BaseCommand):
    help = "Write a small integration that works, with its tests: in this tree, or as a package of its own."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="its integration_id, in snake_case, as in garden_pump")
        parser.add_argument("--label", default="", help="what people call it; made of the name if left out")
        parser.add_argument("--package", metavar="FOLDER", help="write a package of its own into this new folder")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        label = options["label"] or name.replace("_", " ").capitalize()
        folder = Path(options["package"]).expanduser().absolute() if options["package"] else None
        try:
            check_names(name, label)
            scaffold = Scaffold(name, label, folder)
            written = scaffold.write()
        except ScaffoldError as err:
            raise CommandError(str(err)) from err
        except OSError as err:
            raise CommandError(f"{err.filename} can't be written ({err.strerror}).") from err
        for path in written:
            self.stdout.write(os.path.relpath(path))
        told = PACKAGE if folder else IN_TREE
        tests = scaffold.places[1].relative_to(folder or ROOT)
        self.stdout.write(told.format(name=name, tests=tests, folder=options["package"]), ending="")
