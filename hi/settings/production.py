"""What `make run` and containers use: never DEBUG, and no step without the keys that init made."""

from django.core.exceptions import ImproperlyConfigured

from hi.settings.base import *

if not SECRET_KEY or not HI_SECRET_KEYS:
    raise ImproperlyConfigured(
        f"There are no keys in {HI_KEYS_DIR}: start hi once with `make run`, or point HI_DATA_DIR at its data folder."
    )
