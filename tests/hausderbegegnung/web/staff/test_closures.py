"""Closing rooms on the pages of staff."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from bookings.impact.hits import fingerprint
from bookings.models import Slot
from bookings.services import settlement as service
from rooms.clock import whole_day, whole_days
from rooms.intervals import Interval
from rooms.models import Closure
from tests.factories import (
    BERLIN,
    DAY,
    NOW,
    berlin,
    make_booking,
    make_house,
    make_room,
    make_staff,
    make_user,
)
from tests.hausderbegegnung.web.notices import notices

pytestmark = pytest.mark.django_db

URL = "/sperrzeiten/"


@pytest.fixture(autouse=True)
def fixed_now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def staff_client(house) -> Client:
    client = Client()
    client.force_login(make_staff())
    return client


def typed(**values) -> dict:
    return {"reason": "Wasserschaden", "first_day": "20.04.2027"} | values


def closed() -> list[tuple[Interval, str, list[str]]]:
    return [
        (Interval(one.starts_at, one.ends_at), one.reason, [room.name for room in one.rooms.all()])
        for one in Closure.objects.order_by("starts_at")
    ]


def make_closure(house, *rooms, first=DAY, last=DAY, reason="Ferien") -> Closure:
    period = whole_days(first, last, BERLIN)
    closure = Closure.objects.create(house=house, starts_at=period.start, ends_at=period.end, reason=reason)
    closure.rooms.set(rooms)
    return closure


@pytest.mark.parametrize(
    ("values", "period"),
    [
        ({}, whole_day(DAY, BERLIN)),
        ({"last_day": "22.4.27"}, whole_days(DAY, DAY + timedelta(days=2), BERLIN)),
        ({"starts": "12", "ends": "14:30"}, Interval(berlin(DAY, "12:00"), berlin(DAY, "14:30"))),
        (
            {"last_day": "21.04.2027", "starts": "18:00"},
            Interval(berlin(DAY, "18:00"), berlin(DAY + timedelta(days=2), "00:00")),
        ),
        ({"ends": "12"}, Interval(berlin(DAY, "00:00"), berlin(DAY, "12:00"))),
        ({"ends": "24:00"}, whole_day(DAY, BERLIN)),
    ],
)
def test_a_closure_is_entered_in_whole_days_or_with_times(staff_client, room, values, period):
    response = staff_client.post(URL, typed(rooms=[room.pk], **values))
    assert (response.status_code, response["Location"]) == (302, URL)
    assert closed() == [(period, "Wasserschaden", ["Saal A"])]
    assert notices(response) == ["Die Sperrzeit ist gespeichert."]


def test_the_night_of_the_clock_change_is_as_long_as_it_is(staff_client):
    staff_client.post(URL, typed(first_day="31.10.2027"))
    ((period, _reason, _rooms),) = closed()
    assert period.duration == timedelta(hours=25)


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"last_day": "19.04.2027"}, "last_day", "Der letzte Tag liegt vor dem ersten."),
        ({"starts": "14:00", "ends": "12:00"}, "ends", "Das Ende liegt vor dem Beginn."),
        ({"starts": "14:00", "ends": "14:00"}, "ends", "Das Ende liegt vor dem Beginn."),
        ({"reason": " "}, "reason", "Bitte sagen Sie, warum gesperrt ist."),
        ({"first_day": ""}, "first_day", "Bitte geben Sie das Datum ein."),
        ({"first_day": "28.03.2027", "starts": "02:30"}, "starts", "Diese Uhrzeit gibt es nicht"),
        ({"first_day": "01.02.2027"}, "last_day", "Diese Zeit ist schon vorbei."),
        ({"rooms": ["foreign"]}, "rooms", ""),
        ({"rooms": ["x", 10**30]}, "rooms", ""),
        ({"reason": "x" * 121}, "reason", ""),
        ({"first_day": "20.04.9999"}, "first_day", ""),
        ({"first_day": "20.04.4000", "last_day": ""}, "first_day", "Bitte prüfen Sie das Jahr."),
    ],
)
def test_what_cannot_be_meant_is_a_sentence_at_its_field(staff_client, room, values, field, sentence):
    if values.get("rooms") == ["foreign"]:
        values = {"rooms": [make_room(make_house()).pk]}
    response = staff_client.post(URL, typed(**values))
    assert response.status_code == 400
    assert list(response.context["form"].errors) == [field]
    assert sentence in str(response.context["form"].errors[field])
    assert closed() == []


def test_the_list_has_what_is_and_will_be_closed_and_not_what_was(staff_client, house, room):
    make_closure(house, room, first=NOW.date(), last=DAY, reason="Umbau")
    make_closure(
        house, first=NOW.date() - timedelta(days=3), last=NOW.date() - timedelta(days=1), reason="vorbei"
    )
    make_closure(make_house(), reason="anderes Haus")
    page = staff_client.get(URL).content.decode()
    assert "Umbau · Saal A" in page
    assert "vorbei" not in page
    assert "anderes Haus" not in page


@pytest.mark.parametrize("number", [1, 4])
def test_the_list_costs_the_same_number_of_queries(
    staff_client, house, room, django_assert_num_queries, number
):
    for _ in range(number):
        make_closure(house, room)
    staff_client.get(URL)
    with django_assert_num_queries(6):
        staff_client.get(URL)


def test_a_closure_is_made_longer(staff_client, house, room):
    closure = make_closure(house, room)
    url = f"{URL}{closure.pk}/"
    form = staff_client.get(url).context["form"]
    assert (form["first_day"].value(), form["starts"].value(), form["rooms"].value()) == (
        DAY,
        None,
        [room.pk],
    )
    response = staff_client.post(url, typed(reason="Ferien", last_day="21.04.2027", rooms=[room.pk]))
    assert response["Location"] == URL
    assert closed() == [(whole_days(DAY, DAY + timedelta(days=1), BERLIN), "Ferien", ["Saal A"])]


def test_times_of_a_closure_are_shown_as_they_were_entered(staff_client, house):
    closure = make_closure(house)
    Closure.objects.update(starts_at=berlin(DAY, "12:00"), ends_at=berlin(DAY, "14:30"))
    form = staff_client.get(f"{URL}{closure.pk}/").content.decode()
    assert 'value="12:00"' in form
    assert 'value="14:30"' in form


def test_a_closure_is_removed_after_a_question(staff_client, house):
    closure = make_closure(house)
    url = f"{URL}{closure.pk}/entfernen/"
    assert staff_client.get(url).status_code == 200
    assert Closure.objects.exists()
    assert staff_client.post(url)["Location"] == URL
    assert not Closure.objects.exists()
    assert staff_client.post(url).status_code == 404


def test_dates_in_the_way_are_decided_first(staff_client, house, room):
    booking = make_booking([room], berlin(DAY, "16:00"), title="Chor")
    page = staff_client.post(URL, typed(rooms=[room.pk]))
    assert page.status_code == 200
    content = page.content.decode()
    for words in [
        "Diese Änderung trifft 1 genehmigten Termin",
        "Sperrzeit Di.,\N{NO-BREAK SPACE}20.04.2027, Saal A: Wasserschaden",
        "Chor",
        booking.reference,
        "maria@example.org",
    ]:
        assert words in content
    assert closed() == []
    (hit,) = page.context["hits"]
    sent = typed(rooms=[room.pk]) | {
        "settle-seen": fingerprint([hit]),
        f"settle-date_{hit.slot.pk}": "revoke",
        "settle-reason": "Ein Rohr ist gebrochen.",
    }
    response = staff_client.post(URL, sent)
    assert response["Location"] == URL
    assert closed() == [(whole_day(DAY, BERLIN), "Wasserschaden", ["Saal A"])]
    assert Slot.objects.get().reason == "Ein Rohr ist gebrochen."
    assert notices(response) == [
        "1 Termin ist widerrufen. 1 E-Mail ist unterwegs.",
        "Die Sperrzeit ist gespeichert.",
    ]


def test_nobody_is_told_where_all_dates_stay(staff_client, house, room):
    for start in ("10:00", "14:00"):
        make_booking([room], berlin(DAY, start))
    told = "Niemand, solange alle Termine bestehen bleiben."
    for choice, nobody in [({}, False), ({"settle-all": "keep"}, True), ({"settle-all": "revoke"}, False)]:
        content = staff_client.post(URL, typed(rooms=[room.pk]) | choice).content.decode()
        assert (told in content, "<li>maria@example.org</li>" in content) == (nobody, not nobody)


def test_a_longer_closure_asks_about_the_dates_it_newly_hits_alone(staff_client, house, room):
    make_booking([room], berlin(DAY, "16:00"), title="kept")
    make_booking([room], berlin(DAY + timedelta(days=1), "16:00"), title="Chor")
    closure = make_closure(house)
    page = staff_client.post(f"{URL}{closure.pk}/", typed(last_day="21.04.2027"))
    assert [hit.slot.booking.title for hit in page.context["hits"]] == ["Chor"]


def test_too_many_dates_are_a_sentence_in_the_form(staff_client, house, room, monkeypatch):
    monkeypatch.setattr(service, "MOST_HITS", 1)
    for start in ("10:00", "14:00"):
        make_booking([room], berlin(DAY, start))
    response = staff_client.post(URL, typed())
    assert response.status_code == 400
    assert "mehr als 1 genehmigte Termine" in response.content.decode()
    assert closed() == []


@pytest.mark.parametrize("path", ["", "{pk}/", "{pk}/entfernen/"])
def test_visitors_log_in_and_others_than_staff_are_refused(house, path):
    url = URL + path.format(pk=make_closure(house).pk)
    visitor, association, caretaker = Client(), Client(), Client()
    association.force_login(make_user())
    caretaker.force_login(make_user(is_caretaker=True))
    for method in ("get", "post"):
        assert getattr(visitor, method)(url).status_code == 302
        for client in (association, caretaker):
            assert getattr(client, method)(url, typed()).status_code == 403
    assert Closure.objects.count() == 1


def test_the_pages_are_kept_by_nobody(staff_client):
    response = staff_client.get(URL)
    assert response["Cache-Control"] == "no-store, private"
    assert "/sperrzeiten/" in Client().get("/robots.txt").content.decode()
