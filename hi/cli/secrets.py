"""Secrets come from a file, from the environment or from the keyboard: never as a word of the command, which every
account of the machine can read, and which the shell remembers."""

import getpass
from pathlib import Path

from hi.cli.refusal import RefusalError
from hi.cli.terminal import Terminal
from hi.integration.config_file import references


def read_secret(label: str, terminal: Terminal, *, path: str = "", variable: str = "") -> str:
    """Empty where none is given and nobody can be asked."""
    try:
        if path:
            return references.read_file(str(Path(path).expanduser().absolute()))
        if variable:
            return references.read_variable(variable)
    except references.UnresolvedError as err:
        raise RefusalError(f"{label}: {err}") from err
    return getpass.getpass(f"{label}: ") if terminal.asks else ""


def option_of(key: str) -> str:
    """access_token -> --access-token"""
    return "--" + key.replace("_", "-")
