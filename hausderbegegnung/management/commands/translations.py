"""`manage.py translations compile|update|check`: the German texts, without gettext's system tools."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from hausderbegegnung.operations import translations


class Command(BaseCommand):
    help = "Compile the German texts, update their catalogues from the code, or check that none is missing."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["compile", "update", "check"])

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if action == "compile":
            translations.compile_catalogues(settings.BASE_DIR)
        elif action == "update":
            translations.update(settings.BASE_DIR)
        elif findings := translations.find_problems(settings.BASE_DIR):
            raise CommandError("\n".join([*map(str, findings), f"{len(findings)} texts need a translator."]))
