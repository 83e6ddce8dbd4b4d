"""The people of the demo, whom everybody may be with one click."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class DemoPerson:
    who: str
    email: str
    role: Promise
    can: Promise


DEMO_PEOPLE = {
    person.who: person
    for person in [
        DemoPerson("verein", "verein@demo.example", _("Association"), _("asks for rooms")),
        DemoPerson("verwaltung", "verwaltung@demo.example", _("Staff"), _("decides on requests")),
        DemoPerson("hausmeister", "hausmeister@demo.example", _("Caretaker"), _("sees the day plan")),
    ]
}


def demo_people() -> list[DemoPerson]:
    """Return whom the login page offers; outside the demo nobody."""
    return list(DEMO_PEOPLE.values()) if settings.DEMO else []
