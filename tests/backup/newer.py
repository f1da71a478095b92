"""`manage.py` of a version of hi whose code lies in the folder NEWER_CODE as well."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    sys.path.append(os.environ["NEWER_CODE"])
    execute_from_command_line(sys.argv)
