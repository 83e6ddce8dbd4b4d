#!/usr/bin/env python
"""Run Django's administrative commands for this project."""

import os
import sys
from importlib import import_module

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

LOOK = "Look whether it runs, and whether DATABASE_URL is its address; after an update: manage.py migrate."


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hausderbegegnung.settings")
    try:
        # Django would go on without settings and complain about something else.
        import_module(os.environ["DJANGO_SETTINGS_MODULE"])
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # A wrong setting is told in a sentence; where it was noticed helps nobody.
        sys.exit(f"Error: {error}")
    except OperationalError as error:
        sys.exit(f"Error: The database does not answer as it should: {error}\n{LOOK}")


if __name__ == "__main__":
    main()
