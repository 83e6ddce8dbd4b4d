"""`manage.py migrate`: Django's command, one at a time; what cannot be prepared is told in a sentence."""

from typing import Any

from django.core.management.commands import migrate

from hausderbegegnung.operations.database import preparation


class Command(migrate.Command):
    def execute(self, *arguments: Any, **options: Any) -> str | None:
        """Begin with the checks, which ask the database, too."""
        with preparation():
            return super().execute(*arguments, **options)
