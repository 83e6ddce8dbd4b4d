"""`manage.py backup FILE`: everything the house knows in one file, while people go on working."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from hausderbegegnung.operations.backup.creation import back_up, back_up_to
from hausderbegegnung.operations.backup.encryption import recipient
from hausderbegegnung.operations.backup.errors import BackupError


class Command(BaseCommand):
    help = (
        "Write the rows of the database and the pictures to one file, as they are at one moment. People may "
        "go on working. `manage.py restore` fills an empty installation from it, on SQLite or PostgreSQL. "
        "It holds personal data, and neither SECRET_KEY nor other settings: keep those apart."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="where to write it, such as house.zip; - is standard output")
        parser.add_argument(
            "--to",
            action="append",
            metavar="KEY",
            help="a public key of age (age1…) to encrypt to, several times for several; default: BACKUP_TO",
        )

    def handle(self, *args: Any, file: str, to: list[str] | None, **options: Any) -> None:
        keys = settings.BACKUP_TO if to is None else to
        try:
            for key in keys:
                recipient(key)
            if file == "-":
                made = back_up(sys.stdout.buffer, keys=keys, now=timezone.now())
            else:
                made = back_up_to(Path(file), keys=keys, now=timezone.now())
        except ValueError as error:
            raise CommandError(f"{error}. No backup was made.") from error
        except OSError as error:
            raise CommandError(
                f"The backup cannot be written: {error}. What is there is not whole."
            ) from error
        except BackupError as error:
            raise CommandError(f"{error} No backup was made.") from error
        # Standard output may be the backup.
        self.stderr.write(str(made))
