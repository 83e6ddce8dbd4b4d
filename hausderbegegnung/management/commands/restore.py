"""`manage.py restore FILE`: an empty installation becomes the one a backup was made of."""

import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from hausderbegegnung.operations.backup.errors import BackupError
from hausderbegegnung.operations.backup.restoration import restore
from hausderbegegnung.operations.data_folder import lock_data_folder


class Command(BaseCommand):
    help = (
        "Fill this installation, which has to be empty, from a file of `manage.py backup`, wholly or not at "
        "all. Web server, worker and beat must not run. The file may come from SQLite or PostgreSQL and from "
        "an earlier version."
    )
    # They would ask a database that has no tables yet.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the backup; - is standard input")
        parser.add_argument(
            "--key", type=Path, metavar="FILE", help="file with the secret key of age, if it is encrypted"
        )

    def handle(self, *args: Any, file: str, key: Path | None, **options: Any) -> None:
        with ExitStack() as stack:
            stack.enter_context(lock_data_folder(settings.DATA_DIR))
            try:
                source = sys.stdin.buffer if file == "-" else stack.enter_context(Path(file).open("rb"))
            except OSError as error:
                raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
            try:
                restored = restore(source, name="The backup" if file == "-" else file, key_file=key)
            except BackupError as error:
                raise CommandError(f"{error} Nothing was changed.") from error
        self.stdout.write(str(restored))
