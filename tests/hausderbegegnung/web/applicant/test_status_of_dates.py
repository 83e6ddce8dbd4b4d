"""The page of a booking of several dates: how they stand, and giving some of them back."""

import uuid
from datetime import date, datetime, time

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.enums import BookingStatus, SlotStatus
from bookings.models import Booking, Slot
from bookings.series.dates import Series
from bookings.series.pattern import pattern_from_rrule
from bookings.services import approve_booking, reject_booking
from bookings.services._status import derive_status
from notifications.models import Message
from rooms.models import Room
from tests.factories import DAY, NOW, make_booking_on, make_form_values, make_staff, weekly
from tests.hausderbegegnung.web.bookings import link, slots, statuses
from tests.hausderbegegnung.web.notices import notices


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


def give_back(client: Client, booking: Booking, **values: object):
    return client.post(
        link(booking, "zurueckgeben"), {"which": "single", "note": "", "version": booking.version, **values}
    )


def test_single_dates_are_ticked_and_given_back(client: Client, series: Booking, now: datetime) -> None:
    first, second, third, _fourth = slots(series)
    page = client.get(link(series, "zurueckgeben") + f"?termin={third.uid}")
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
        choice.slot.pk for choice in client.get(link(series, "zurueckgeben")).context["form"].date_choices()
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
    page = client.get(link(booking, "zurueckgeben"))
    assert "Welche Termine möchten Sie zurückziehen?" in page.content.decode()
    values = {"which": "from", "first": str(slots(booking)[0].uid), "note": "", "version": "1"}
    assert client.post(link(booking, "zurueckgeben"), values)["Location"] == link(booking)
    assert statuses(booking) == ["withdrawn"] * 3
    booking.refresh_from_db()
    assert booking.status == BookingStatus.WITHDRAWN


def test_the_last_date_of_a_series_is_given_back_without_choosing(
    client: Client, series: Booking, now: datetime
) -> None:
    with time_machine.travel(slots(series)[2].ends_at, tick=False):
        assert "which" not in client.get(link(series, "zurueckgeben")).context["form"].fields
        client.post(link(series, "zurueckgeben"), {"note": "", "version": "1"})
    assert statuses(series) == ["approved"] * 3 + ["cancelled"]


def test_the_date_that_is_left_is_not_given_back_for_one_that_is_over_by_now(
    client: Client, series: Booking, now: datetime
) -> None:
    third, fourth = slots(series)[2:]
    with time_machine.travel(third.ends_at, tick=False):
        refused = give_back(client, series, dates=[str(third.uid)])
        assert (refused.status_code, list(refused.context["form"].errors)) == (400, ["dates"])
        assert statuses(series) == ["approved"] * 4
        give_back(client, series, dates=[str(fourth.uid)])
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
        response = client.get(link(series, "zurueckgeben"), follow=True)
    assert response.redirect_chain[-1][0] == link(series)
    assert notices(response) == ["Es steht kein Termin mehr an."]


def test_staff_give_back_in_their_place_and_return_to_deciding(as_staff: Client, series: Booking) -> None:
    first = slots(series)[0]
    response = as_staff.post(
        f"/anfragen/{series.reference}/zurueckgeben/",
        {"which": "single", "dates": [str(first.uid)], "note": "Angerufen", "version": "1"},
    )
    assert response["Location"] == f"/eingang/{series.reference}/"
    assert statuses(series)[0] == "cancelled"
