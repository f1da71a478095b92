"""For pytest and the checks: throw-away keys and databases in a folder of its own, never the data folder."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

# Before base reads them: nothing that a test does may reach the real data folder or a real Redis, and nothing in the
# developer's shell may change what a test sees.
_folder = tempfile.mkdtemp(prefix="hi-test-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
for _name in [name for name in os.environ if name.startswith("HI_") and not name.startswith(("HI_TEST_", "HI_REAL_"))]:
    del os.environ[_name]
os.environ["HI_DATA_DIR"] = _folder
os.environ["REDIS_URL"] = f"unix://{_folder}/nobody-listens.sock"

if os.environ.get("HI_TEST_POSTGRES") == "1":
    from hi.testing.postgres import Postgres

    # The workers of a run are children of who reads this first, and share its server: each has a database of its own.
    if "HI_TEST_POSTGRES_URL" not in os.environ:
        _postgres = Postgres()
        atexit.register(_postgres.stop)
        os.environ["HI_TEST_POSTGRES_URL"] = _postgres.start()
    os.environ["HI_DATABASE_URL"] = os.environ["HI_TEST_POSTGRES_URL"]

from hi.settings.base import *  # noqa: E402 - see above

SECRET_KEY = "not-a-secret-for-tests-only"
HI_SECRET_KEYS = (Fernet.generate_key().decode(),)
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT.mkdir()

# Files, not memory: threads and other processes of a test see the same rows. Nothing needs to survive a power cut.
for _alias, _database in DATABASES.items() if HISTORY_IS_SEPARATE else ():
    _database["TEST"] = {"NAME": str(Path(_folder) / f"test-{_alias}.sqlite3")}
    _database["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
