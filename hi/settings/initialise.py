"""For `manage.py initialise`, `restore` and `new_key`: the moments at which there may be no keys yet."""

import secrets

from hi.settings.base import *

SECRET_KEY = SECRET_KEY or secrets.token_urlsafe(48)
