"""Words are found whatever the case of their letters, on both engines."""

from datetime import timedelta

import pytest
from django.db.models import CharField, Value
from django.test import Client

from bookings.models import Association
from tests.factories import DAY, berlin, make_association, make_booking, make_house, make_room, make_staff

pytestmark = pytest.mark.django_db
NAME = "ÜBUNGSLEITER für Ältere"


@pytest.mark.parametrize("word", ["übungsleiter", "ÜBUNGSLEITER", "FÜR ä", "leiter", "ältere", "ÄLTERE"])
def test_a_word_is_found_in_either_case(word: str) -> None:
    association = make_association(name=NAME)
    assert list(Association.objects.filter(name__icontains=word)) == [association]


@pytest.mark.parametrize(
    ("lookup", "word", "is_found"),
    [
        ("istartswith", "übungs", True),
        ("istartswith", "ältere", False),
        ("iendswith", "ÄLTERE", True),
        ("iendswith", "übungs", False),
        ("iexact", "übungsleiter FÜR ältere", True),
        ("iexact", "übungsleiter", False),
        ("icontains", "übungslehrer", False),
        ("icontains", "ü%l", False),
        ("icontains", "ü_ungs", False),
    ],
)
def test_as_a_part_or_as_a_whole_and_never_as_a_pattern(lookup: str, word: str, is_found: bool) -> None:
    make_association(name=NAME)
    assert Association.objects.filter(**{f"name__{lookup}": word}).exists() is is_found


def test_what_has_no_text_is_not_found() -> None:
    house = make_house()
    assert not type(house).objects.annotate(nothing=Value(None, CharField())).filter(nothing__icontains="ü")


@pytest.mark.parametrize(
    "url", ["/eingang/alle/", "/admin/bookings/booking/", "/admin/bookings/association/"]
)
def test_staff_find_it_everywhere(client: Client, url: str) -> None:
    hall = make_room(make_house())
    make_booking([hall], berlin(DAY, "16:00"), association=make_association(name="Übungsleiter e. V."))
    make_booking(
        [hall], berlin(DAY + timedelta(days=7), "16:00"), association=make_association(name="Kirchenchor")
    )
    client.force_login(make_staff(is_superuser=True))
    page = client.get(url, {"q": "übungsleiter"}, follow=True).content.decode()
    assert ("Übungsleiter e. V." in page, "Kirchenchor" in page) == (True, False)
