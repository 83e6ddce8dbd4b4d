"""`manage.py load_demo`: the demo house, with something going on today."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hausderbegegnung.demo.loading import NotEmpty, load_demo


class Command(BaseCommand):
    help = (
        "Fill an empty database with the demo house and dates around today. Again on a later day it adds "
        "what is missing around that day. People to log in as are made only with DEMO=1."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            house, new = load_demo(timezone.now())
        except NotEmpty as error:
            raise CommandError(
                _("The database holds a house already. The demo house belongs into an empty database.")
            ) from error
        self.stdout.write(
            ngettext(
                "%(house)s: %(count)d booking added.",
                "%(house)s: %(count)d bookings added.",
                len(new),
            )
            % {"house": house.name, "count": len(new)}
        )
