"""For `manage.py runserver` and a shell beside a running hi: the same data, with Django's error pages."""

from hi.settings.production import *

DEBUG = True
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
