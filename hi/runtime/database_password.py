"""`python -m hi.runtime.database_password FOLDER`: the database's password, once and for all, as files in a volume.

Two, since each container reads its own form: `database_password` and `database_url`. POSTGRES_PASSWORD decides on the
first run; without it the password is made up. Only the containers of the database and of hi have that volume.
"""

import os
import secrets
import sys
from pathlib import Path
from urllib.parse import quote


def main(folder: Path) -> None:
    password_file = folder / "database_password"
    if not password_file.exists():
        _write(password_file, os.environ.get("POSTGRES_PASSWORD") or secrets.token_urlsafe(24))
    password = password_file.read_text(encoding="utf-8")
    _write(folder / "database_url", f"postgres://hi:{quote(password, safe='')}@db:5432/hi")


def _write(path: Path, text: str) -> None:
    """Whole or not at all. Both accounts read it, and share no group."""
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.chmod(0o644)
    new.replace(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
