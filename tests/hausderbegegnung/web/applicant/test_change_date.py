"""Another time for one date of a booking, as its applicant asks for it."""

from datetime import date, datetime

import pytest
from django.test import Client
from django.utils.html import strip_tags

from bookings.models import Booking, Slot
from rooms.models import House, HouseRules, Room
from tests.factories import BERLIN, berlin, make_form_values
from tests.hausderbegegnung.web.bookings import link, slots


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
