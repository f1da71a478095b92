"""For `manage.py initialise`, `restore`, `new_key`, `new_integration` and `quality`: there may be no keys yet."""

import secrets

from hi.settings.base import *

SECRET_KEY = SECRET_KEY or secrets.token_urlsafe(48)
