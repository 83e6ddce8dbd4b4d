"""Words are found whatever the case of their letters, on both engines."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.db.models import CharField, Field, Model, Value
from django.test import Client

from bookings.models import Association
from notifications.models import Message
from rooms.models import House
from tests.factories import DAY, berlin, make_association, make_booking, make_house, make_room, make_staff
from tests.notifications.scenes import make_notice

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


def field_of(model: type[Model], path: str) -> Field:
    """The column that a search of the administration looks at, from its path of relations."""
    first, _, rest = path.partition("__")
    field = model._meta.get_field(first)
    return field_of(field.related_model, rest) if rest else field


def test_every_search_of_the_administration_finds_a_word_in_either_case() -> None:
    """What a column holds is put in its place, as one row of any table would."""
    make_house()
    searches = [
        (model, path)
        for model, registered in admin.site._registry.items()
        for path in registered.search_fields
    ]
    missed = []
    for model, path in searches:
        lookup = {"^": "istartswith", "=": "iexact"}.get(path[0], "icontains")
        column = Value("Übungsleiter", output_field=field_of(model, path.lstrip("^=")))
        if not House.objects.alias(text=column).filter(**{f"text__{lookup}": "übungsleiter"}).exists():
            missed.append(f"{model.__name__}.{path}")
    assert missed == []
    assert {model.__name__ for model, _path in searches} >= {
        "Association",
        "Booking",
        "Message",
        "Room",
        "User",
    }


def test_staff_find_it_in_the_outbox(client: Client) -> None:
    make_house()
    message, other = make_notice(recipient="a@example.org"), make_notice(recipient="b@example.org")
    Message.objects.filter(pk=message.pk).update(subject="Übungsleiter gesucht")
    client.force_login(make_staff())
    page = client.get("/postausgang/", {"q": "übungsleiter"}).content.decode()
    assert (f"/postausgang/{message.pk}/" in page, f"/postausgang/{other.pk}/" in page) == (True, False)


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
