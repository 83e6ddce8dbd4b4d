"""Giving back, changing and adding single dates, as applicants do it: by link, by login, and nobody else."""

import re
import uuid
from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from bookings.access.lookups import get_booking
from bookings.access.tokens import status_path
from bookings.enums import BookingStatus, SlotStatus
from bookings.models import Booking, Slot
from bookings.series.dates import Series
from bookings.series.pattern import pattern_from_rrule
from bookings.services import approve_booking, reject_booking
from hausderbegegnung.models import User
from notifications.models import Message
from rooms.models import House, HouseRules, Room
from tests.factories import (
    BERLIN,
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_booking_on,
    make_form_values,
    make_staff,
    make_user,
    weekly,
)


@pytest.fixture
def series(room: Room, applicant: User) -> Booking:
    """Four approved Tuesdays."""
    return make_booking_on(
        [room], weekly(DAY, 4), applicant=applicant, association=make_association(applicant)
    )


def link(booking: Booking, action: str = "") -> str:
    return status_path(booking) + (f"{action}/" if action else "")


def slots(booking: Booking) -> list[Slot]:
    return list(booking.slots.order_by("starts_at", "pk"))


def statuses(booking: Booking) -> list[str]:
    return [slot.status for slot in slots(booking)]


# How it stands ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("some", "headline"),
    [
        (["approved", "approved", "cancelled", "withdrawn"], "Alle 2 Termine sind genehmigt."),
        (["approved", "approved", "revoked", "cancelled"], "2 von 3 Terminen sind genehmigt."),
        (["approved"] * 3, "Alle 3 Termine sind genehmigt."),
        (["approved", "approved", "skipped"], "Alle 2 Termine sind genehmigt."),
        (["approved", "approved", "rejected"], "2 von 3 Terminen sind genehmigt."),
        (
            ["approved", "requested", "requested"],
            "1 von 3 Terminen ist genehmigt, 2 warten auf eine Antwort.",
        ),
        (["requested"] * 3, "Ihre Anfrage ist eingegangen."),
        (["rejected"] * 3, "Ihre Anfrage konnte nicht genehmigt werden."),
        (["approved", "skipped", "skipped"], "Ihre Buchung ist genehmigt."),
    ],
)
def test_the_headline_says_how_many_dates_stand(
    client: Client, room: Room, now: datetime, some: list[str], headline: str
) -> None:
    from bookings.services._status import derive_status

    booking = make_booking_on([room], weekly(DAY, len(some)), status=SlotStatus.REQUESTED)
    for slot, status in zip(slots(booking), some, strict=True):
        Slot.objects.filter(pk=slot.pk).update(status=status)
    Booking.objects.update(status=derive_status(some))
    assert client.get(link(booking)).context["headline"] == headline


def test_a_series_says_its_pattern_in_words(client: Client, room: Room, now: datetime) -> None:
    pattern = pattern_from_rrule(
        "FREQ=WEEKLY", first_day=DAY, starts=time(16), ends=time(18), until=date(2027, 6, 29)
    )
    series = Series(
        starts=datetime.combine(DAY, time(16)),
        ends=datetime.combine(DAY, time(18)),
        pattern=pattern,
        skip_public=True,
    )
    booking = make_booking_on([room], weekly(DAY, 11), series=series)
    page = client.get(link(booking)).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert "jeden Dienstag, 16:00–18:00 Uhr, bis Di., 29.06.2027, nicht an Feiertagen" in page


def test_the_number_of_queries_does_not_depend_on_the_dates(
    client: Client, room: Room, now: datetime
) -> None:
    counted = {}
    for number in [2, 52]:
        booking = make_booking_on([room], weekly(DAY, number), status=SlotStatus.REQUESTED)
        reject_booking(
            booking_id=booking.pk,
            actor=make_staff(),
            now=NOW,
            reason="Wahl",
            slot_ids=[slot.pk for slot in slots(booking)[: number // 2]],
        )
        with CaptureQueriesContext(connection) as captured:
            assert client.get(link(booking)).status_code == 200
        counted[number] = len(captured)
    assert counted[2] == counted[52] <= 13


def test_each_date_offers_what_can_be_done_with_it(client: Client, series: Booking, now: datetime) -> None:
    first, second, third, fourth = slots(series)
    Slot.objects.filter(pk=second.pk).update(status=SlotStatus.REQUESTED)
    Slot.objects.filter(pk=third.pk).update(status=SlotStatus.REJECTED)
    with time_machine.travel(first.ends_at, tick=False):
        page = client.get(link(series))
    lines = page.context["dates"].coming
    assert [(line.slot.pk, bool(line.change_url)) for line in lines] == [
        (second.pk, False),
        (fourth.pk, True),
    ]
    for slot, is_offered in [(first, False), (second, True), (third, False), (fourth, True)]:
        assert (f"?termin={slot.uid}" in page.content.decode()) == is_offered


def test_a_replaced_date_names_what_replaced_it_and_the_others_go_on(
    client: Client, series: Booking, room: Room, now: datetime
) -> None:
    second = slots(series)[1]
    values = make_form_values([room], second.starts_at.date(), starts="10:00", ends="12:00", association=None)
    response = client.post(link(series, f"termin/{second.uid}/aendern"), values)
    change = Booking.objects.get(replaces=series)
    assert response["Location"] == link(change)
    assert list(change.replaced_slots.all()) == [second]
    waiting = client.get(link(series))
    assert [line.change for line in waiting.context["dates"].coming] == [None, change, None, None]
    assert not waiting.context["dates"].coming[1].change_url
    approve_booking(booking_id=change.pk, actor=make_staff(), now=NOW)
    done = client.get(link(series))
    dates = done.context["dates"]
    assert ([line.replaced_by for line in dates.replaced], dates.gone) == ([change], [])
    assert f"Ersetzt durch {change.reference}" in done.content.decode()
    assert (done.context["replaced_by"], done.context["headline"]) == (
        None,
        "Alle 3 Termine sind genehmigt.",
    )
    assert done.context["words_apart"] == f"1 ersetzt durch {change.reference}"


def test_a_date_is_moved_with_what_can_change_about_it(
    as_applicant: Client, series: Booking, room: Room
) -> None:
    """All else is as in the booking; a word to the house stands before its remarks."""
    remarks = ("Wir bringen Kaffee mit. " * 83).strip()
    Booking.objects.filter(pk=series.pk).update(remarks=remarks, persons=12)
    second = slots(series)[1]
    path = f"/anfragen/{series.reference}/termin/{second.uid}/aendern/"
    page = as_applicant.get(path)
    form = page.context["form"]
    assert {name: form[name].value() for name in form.fields if name != "submission_key"} == {
        "rooms": [room.slug],
        "day": "27.04.2027",
        "starts": "16:00",
        "ends": "18:00",
        "last_day": "",
        "setup_minutes": 0,
        "teardown_minutes": 0,
        "persons": 12,
        "layout": "",
        "version": None,
        "note": None,
    }
    seen = " ".join(strip_tags(page.content.decode()).split()).replace("\N{NO-BREAK SPACE}", " ")
    assert "Termin am Di., 27.04.2027, 16:00–18:00 Uhr" in seen
    values = {name: form[name].value() for name in ["submission_key", "rooms", "starts", "ends", "persons"]}
    values |= {"day": "28.04.2027", "note": "Der Dienstag ist Wahltag."}
    response = as_applicant.post(path, values)
    change = Booking.objects.get(replaces=series)
    assert response["Location"] == f"/anfragen/{change.reference}/"
    told = ("title", "kind", "persons", "contact_name", "contact_email", "association_id", "visibility")
    series.refresh_from_db()
    assert [getattr(change, name) for name in told] == [getattr(series, name) for name in told]
    assert change.remarks == f"Der Dienstag ist Wahltag.\n\n{remarks}"
    assert (list(change.replaced_slots.all()), slots(change)[0].starts_at) == (
        [second],
        berlin(date(2027, 4, 28), "16:00"),
    )
    # Sent twice, it counts once.
    assert as_applicant.post(path, values)["Location"] == response["Location"]
    assert Booking.objects.filter(replaces=series).count() == 1


def test_a_date_that_is_sent_as_it_is_is_not_moved(as_applicant: Client, series: Booking) -> None:
    path = f"/anfragen/{series.reference}/termin/{slots(series)[1].uid}/aendern/"
    form = as_applicant.get(path).context["form"]
    names = ["submission_key", "rooms", "day", "starts", "ends", "persons"]
    response = as_applicant.post(path, {name: form[name].value() for name in names} | {"note": "Bitte"})
    assert (response.status_code, response.context["form"].non_field_errors()) == (
        400,
        ["Es ist nichts geändert."],
    )
    assert not Booking.objects.filter(replaces=series).exists()


def test_a_date_that_is_not_free_is_not_moved_and_what_was_typed_stays(
    as_applicant: Client, series: Booking, room: Room
) -> None:
    first, second = slots(series)[:2]
    path = f"/anfragen/{series.reference}/termin/{second.uid}/aendern/"
    values = make_form_values([room], first.starts_at.date(), starts="17:00", ends="19:00", note="Bitte")
    checked = as_applicant.post(path, {**values, "check": "1"})
    assert (checked.status_code, [reason.code for reason in checked.context["check"].broken]) == (
        200,
        ["clash"],
    )
    refused = as_applicant.post(path, values)
    form = refused.context["form"]
    assert (refused.status_code, form["starts"].value(), form["note"].value()) == (409, "17:00", "Bitte")
    assert not Booking.objects.filter(replaces=series).exists()


def test_the_house_rules_are_accepted_where_the_booking_has_not(
    as_applicant: Client, series: Booking, room: Room, house: House
) -> None:
    second = slots(series)[1]
    path = f"/anfragen/{series.reference}/termin/{second.uid}/aendern/"
    rules = HouseRules.objects.create(house=house, version="1", text="Leise", valid_from=date(2020, 1, 1))
    assert "accept_rules" in as_applicant.get(path).context["form"].fields
    values = make_form_values([room], second.starts_at.date(), starts="10:00", ends="12:00")
    assert list(as_applicant.post(path, values).context["form"].errors) == ["accept_rules"]
    assert as_applicant.post(path, {**values, "accept_rules": "on"}).status_code == 302
    assert Booking.objects.get(replaces=series).house_rules == rules
    Booking.objects.filter(pk=series.pk).update(house_rules=rules)
    third = slots(series)[2]
    accepted = as_applicant.get(f"/anfragen/{series.reference}/termin/{third.uid}/aendern/")
    assert "accept_rules" not in accepted.context["form"].fields


def test_a_change_says_how_many_dates_it_is_about(
    as_applicant: Client, as_staff: Client, series: Booking, room: Room
) -> None:
    """Of one date also which; “the booking” only where nothing of it stands beside the change."""
    every, old, everywhere = slots(series), series.reference, ["status", "list", "staff"]

    def said(change: Booking, sentence: str) -> list[str]:
        return pages_that_say(as_applicant, as_staff, change, sentence)

    one = make_change(series, [every[1]])
    asked = f"Diese Anfrage soll 1 Termin der Buchung {old} ersetzen: Di., 27.04.2027, 16:00–18:00 Uhr."
    assert said(one, asked) == everywhere
    approve_booking(booking_id=one.pk, actor=make_staff(), now=NOW)
    done = f"Diese Buchung hat 1 Termin der Buchung {old} ersetzt: Di., 27.04.2027, 16:00–18:00 Uhr."
    assert (said(one, done), said(one, asked)) == (everywhere, [])
    two = make_change(series, every[2:])
    assert said(two, f"Diese Anfrage soll 2 Termine der Buchung {old} ersetzen.") == everywhere
    reject_booking(booking_id=two.pk, actor=make_staff(), now=NOW, reason="Wahl")
    assert said(two, f"Diese Anfrage sollte 2 Termine der Buchung {old} ersetzen; an ihnen") == everywhere
    rest = make_change(series, [every[0], *every[2:]])
    assert said(rest, f"Diese Anfrage soll die Buchung {old} ersetzen.") == everywhere
    approve_booking(booking_id=rest.pk, actor=make_staff(), now=NOW)
    assert said(rest, f"Diese Buchung hat die Buchung {old} ersetzt.") == everywhere


def make_change(series: Booking, old: list[Slot]) -> Booking:
    """A request for the evening of the days of these dates."""
    change = make_booking_on(
        list(old[0].rooms.all()),
        [slot.starts_at.date() for slot in old],
        "19:00",
        "21:00",
        status=SlotStatus.REQUESTED,
        applicant=series.applicant,
        association=series.association,
    )
    Booking.objects.filter(pk=change.pk).update(replaces=series)
    change.replaced_slots.set(old)
    for new, replaced in zip(slots(change), old, strict=True):
        Slot.objects.filter(pk=new.pk).update(replaces=replaced)
    return change


def pages_that_say(as_applicant: Client, as_staff: Client, change: Booking, sentence: str) -> list[str]:
    """On which pages of a change a sentence stands, as it is seen."""
    pages = {
        "status": as_applicant.get(f"/anfragen/{change.reference}/"),
        "list": as_applicant.get("/meine-anfragen/"),
        "staff": as_staff.get(f"/eingang/{change.reference}/"),
    }
    said = []
    for name, page in pages.items():
        seen = re.sub(r'<span class="visually-hidden">[^<]*</span>', "", page.content.decode())
        if sentence in " ".join(strip_tags(seen).replace("\N{NO-BREAK SPACE}", " ").split()):
            said.append(name)
    return said


def test_pages_of_dates_are_closed_to_everybody_else(client: Client, series: Booking, now: datetime) -> None:
    uid = slots(series)[0].uid
    other = make_booking_on(list(slots(series)[0].rooms.all()), weekly(DAY + timedelta(days=1), 2))
    paths = ["weitere-termine", f"termin/{uid}/aendern", "stornieren"]
    for path in paths:
        address = f"/anfragen/{series.reference}/{path}/"
        assert client.get(address)["Location"].endswith(f"?next={address}")
    client.force_login(make_user())
    for path in paths:
        assert client.get(f"/anfragen/{series.reference}/{path}/").status_code == 404
        assert client.post(f"/anfragen/{series.reference}/{path}/", {}).status_code == 404
        assert client.get(f"/anfragen/{series.reference}/{'0' * 32}/{path}/").status_code == 404
    # A date of another booking, and one that nobody has.
    for foreign in [slots(other)[0].uid, uuid.uuid4()]:
        assert client.get(link(series, f"termin/{foreign}/aendern")).status_code == 404


# Giving back -----------------------------------------------------------------------------------


def give_back(client: Client, booking: Booking, **values: object):
    return client.post(
        link(booking, "stornieren"), {"which": "single", "note": "", "version": booking.version, **values}
    )


def test_single_dates_are_ticked_and_given_back(client: Client, series: Booking, now: datetime) -> None:
    first, second, third, _fourth = slots(series)
    page = client.get(link(series, "stornieren") + f"?termin={third.uid}")
    assert [choice.is_checked for choice in page.context["form"].date_choices()] == [
        False,
        False,
        True,
        False,
    ]
    response = give_back(client, series, dates=[str(first.uid), str(third.uid)], note="Ferien")
    assert response["Location"] == link(series)
    assert statuses(series) == ["cancelled", "approved", "cancelled", "approved"]
    assert [slot.reason for slot in slots(series)] == ["Ferien", "", "Ferien", ""]
    # What was given back is offered no more.
    assert [
        choice.slot.pk for choice in client.get(link(series, "stornieren")).context["form"].date_choices()
    ] == [
        second.pk,
        _fourth.pk,
    ]


def test_a_series_ends_from_a_date_on(client: Client, series: Booking, now: datetime) -> None:
    third = slots(series)[2]
    Slot.objects.filter(pk=slots(series)[3].pk).update(status=SlotStatus.REQUESTED)
    give_back(client, series, which="from", first=str(third.uid))
    assert statuses(series) == ["approved", "approved", "cancelled", "withdrawn"]
    assert Message.objects.filter(kind__in=["cancellation", "withdrawal"]).count() == 1


def test_pending_dates_are_withdrawn(client: Client, room: Room, now: datetime) -> None:
    booking = make_booking_on([room], weekly(DAY, 3), status=SlotStatus.REQUESTED)
    page = client.get(link(booking, "zurueckziehen"))
    assert "Welche Termine möchten Sie zurückziehen?" in page.content.decode()
    values = {"which": "from", "first": str(slots(booking)[0].uid), "note": "", "version": "1"}
    assert client.post(link(booking, "zurueckziehen"), values)["Location"] == link(booking)
    assert statuses(booking) == ["withdrawn"] * 3
    booking.refresh_from_db()
    assert booking.status == BookingStatus.WITHDRAWN


def test_the_last_date_of_a_series_is_given_back_without_choosing(
    client: Client, series: Booking, now: datetime
) -> None:
    with time_machine.travel(slots(series)[2].ends_at, tick=False):
        assert "which" not in client.get(link(series, "stornieren")).context["form"].fields
        client.post(link(series, "stornieren"), {"note": "", "version": "1"})
    assert statuses(series) == ["approved"] * 3 + ["cancelled"]


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({}, ["dates"]),
        ({"dates": ["x"]}, ["dates"]),
        ({"dates": [str(uuid.uuid4())]}, ["dates"]),
        ({"which": ""}, ["which"]),
        ({"which": "from", "first": "x"}, ["first"]),
        ({"which": "all"}, ["which"]),
    ],
)
def test_what_is_chosen_wrongly_is_told_beside_the_field(
    client: Client, series: Booking, now: datetime, values: dict, errors: list[str]
) -> None:
    response = give_back(client, series, note="Ferien", **values)
    form = response.context["form"]
    assert (response.status_code, list(form.errors), form["note"].value()) == (400, errors, "Ferien")
    assert statuses(series) == ["approved"] * 4


def test_a_stale_page_gives_nothing_back(client: Client, series: Booking, now: datetime) -> None:
    Booking.objects.update(version=7)
    response = give_back(client, series, dates=[str(slots(series)[0].uid)])
    assert (response.status_code, response.context["form"]["version"].value()) == (409, 7)
    assert response.context["form"].date_choices()[0].is_checked
    assert statuses(series) == ["approved"] * 4


def test_when_nothing_comes_there_is_nothing_to_give_back(client: Client, series: Booking) -> None:
    with time_machine.travel(slots(series)[3].ends_at, tick=False):
        response = client.get(link(series, "stornieren"), follow=True)
    assert response.redirect_chain[-1][0] == link(series)
    assert [str(message) for message in response.context["messages"]] == ["Es steht kein Termin mehr an."]


def test_staff_give_back_in_their_place_and_return_to_deciding(as_staff: Client, series: Booking) -> None:
    first = slots(series)[0]
    response = as_staff.post(
        f"/anfragen/{series.reference}/stornieren/",
        {"which": "single", "dates": [str(first.uid)], "note": "Angerufen", "version": "1"},
    )
    assert response["Location"] == f"/eingang/{series.reference}/"
    assert statuses(series)[0] == "cancelled"


# Another time for one date ---------------------------------------------------------------------


def test_the_form_of_a_change_holds_that_date(
    client: Client, series: Booking, room: Room, now: datetime
) -> None:
    third = slots(series)[2]
    page = client.get(link(series, f"termin/{third.uid}/aendern"))
    form = page.context["form"]
    assert [form[name].value() for name in ["day", "starts", "ends", "rooms"]] == [
        "04.05.2027",
        "16:00",
        "18:00",
        [room.slug],
    ]
    # It does not clash with itself, but with its neighbours in the series.
    assert page.context["check"].broken == []
    second = slots(series)[1].starts_at.astimezone(BERLIN).date()
    values = make_form_values([room], second, association=None)
    response = client.post(link(series, f"termin/{third.uid}/aendern"), values)
    assert (response.status_code, Booking.objects.filter(replaces=series).count()) == (409, 0)


@pytest.mark.parametrize("status", ["requested", "cancelled", "skipped"])
def test_only_an_approved_date_is_changed(
    client: Client, series: Booking, now: datetime, status: str
) -> None:
    first = slots(series)[0]
    Slot.objects.filter(pk=first.pk).update(status=status)
    assert client.get(link(series, f"termin/{first.uid}/aendern")).status_code == 409


def test_of_several_dates_the_one_to_change_is_named(client: Client, series: Booking, now: datetime) -> None:
    assert client.get(link(series, "aendern")).status_code == 409


# Further dates ---------------------------------------------------------------------------------


def lines(*days: str, starts: str = "16:00", ends: str = "18:00", **values: object) -> dict[str, object]:
    typed: dict[str, object] = {"lines": "4", "setup_minutes": "", "teardown_minutes": ""}
    for number in range(4):
        typed |= {f"day_{number}": "", f"starts_{number}": starts, f"ends_{number}": ends}
    typed |= {f"day_{number}": day for number, day in enumerate(days)}
    return typed | values


def test_lines_are_filled_with_the_usual_times(
    client: Client, series: Booking, room: Room, now: datetime
) -> None:
    form = client.get(link(series, "weitere-termine")).context["form"]
    assert [[field.value() for field in row] for row in form.rows()] == [[None, "16:00", "18:00"]] * 4
    assert form["rooms"].value() == [room.slug]


def test_further_dates_are_asked_for_and_the_booking_shows_that_they_wait(
    client: Client, series: Booking, room: Room, now: datetime
) -> None:
    values = lines("18.05.2027", "", "25.5.27", rooms=[room.slug], version=series.version)
    response = client.post(link(series, "weitere-termine"), values, follow=True)
    assert response.redirect_chain[-1][0] == link(series)
    assert statuses(series) == ["approved"] * 4 + ["requested"] * 2
    assert response.context["headline"] == "4 von 6 Terminen sind genehmigt, 2 warten auf eine Antwort."
    assert [str(message) for message in response.context["messages"]] == [
        "2 weitere Termine sind angefragt. Das Haus antwortet Ihnen."
    ]
    # Three working days from today on, whenever the booking was received.
    assert response.context["answer_date"] == date(2027, 3, 4)
    assert sorted(Message.objects.values_list("kind", flat=True)) == ["dates_added", "staff_dates_added"]


def test_the_promise_counts_from_when_dates_were_added(client: Client, series: Booking, room: Room) -> None:
    with time_machine.travel(NOW + timedelta(days=14), tick=False):
        client.post(link(series, "weitere-termine"), lines("18.05.2027", rooms=[room.slug]))
        assert client.get(link(series)).context["answer_date"] == date(2027, 3, 18)


def test_an_end_before_the_start_is_on_the_next_day(
    client: Client, series: Booking, room: Room, now: datetime
) -> None:
    House.objects.update(max_minutes=24 * 60)
    values = lines("18.05.2027", starts="20:00", ends="01:00", rooms=[room.slug])
    response = client.post(link(series, "weitere-termine"), values)
    assert [reason.code for reason in response.context["form"].non_field_errors().as_data()] == [
        "outside_hours"
    ]
    staff = Client()
    staff.force_login(make_staff())
    by_login = f"/anfragen/{series.reference}/weitere-termine/"
    refused = staff.post(by_login, values)
    assert (refused.status_code, refused.context["may_override"]) == (400, True)
    assert (
        staff.post(by_login, {**values, "override": "on", "override_reason": "Absprache"})["Location"]
        == f"/eingang/{series.reference}/"
    )
    added = slots(series)[-1]
    assert (added.starts_at, added.ends_at) == (
        berlin(date(2027, 5, 18), "20:00"),
        berlin(date(2027, 5, 19), "01:00"),
    )


def test_more_lines_keep_what_was_typed(client: Client, series: Booking, room: Room, now: datetime) -> None:
    values = lines("morgen", "18.05.2027", rooms=[room.slug], more="1")
    form = client.post(link(series, "weitere-termine"), values).context["form"]
    assert (form.number, form.errors) == (8, {})
    assert [row[0].value() for row in form.rows()][:2] == ["morgen", "18.05.2027"]
    assert [row[1].value() for row in form.rows()] == ["16:00"] * 8


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({}, ["day_0"]),
        ({"day_0": "gestern"}, ["day_0"]),
        ({"day_1": "18.05.2027", "starts_1": "", "ends_1": ""}, ["starts_1", "ends_1"]),
        ({"day_0": "28.03.2027", "starts_0": "02:30"}, ["starts_0"]),
        ({"day_0": "18.05.2027", "rooms": []}, ["rooms"]),
        ({"day_0": "20.04.2027"}, ["__all__"]),
        ({"day_0": "18.05.2027", "day_1": "18.05.2027"}, ["__all__"]),
        ({"day_0": "18.05.1027"}, ["__all__"]),
        ({"lines": "x"}, ["lines"]),
    ],
)
def test_what_is_wrong_with_a_line_is_told_beside_it(
    client: Client, series: Booking, room: Room, now: datetime, values: dict, errors: list[str]
) -> None:
    response = client.post(link(series, "weitere-termine"), lines(**{"rooms": [room.slug], **values}))
    assert list(response.context["form"].errors)[: len(errors)] == errors
    assert response.status_code in {400, 409}
    assert series.slots.count() == 4


def test_a_booking_that_is_gone_takes_no_further_dates(client: Client, room: Room, now: datetime) -> None:
    booking = make_booking([room], berlin(DAY, "10:00"), status=SlotStatus.CANCELLED)
    response = client.post(link(booking, "weitere-termine"), lines("18.05.2027", rooms=[room.slug]))
    assert response.status_code == 409
    assert get_booking(booking.reference, actor=make_staff()).slots.count() == 1
