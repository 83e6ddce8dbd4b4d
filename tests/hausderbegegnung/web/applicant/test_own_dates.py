"""Adding dates to a booking, as applicants do it, and who may open the pages of its dates."""

import uuid
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from bookings.access.lookups import get_booking
from bookings.enums import SlotStatus
from bookings.models import Booking
from notifications.models import Message
from rooms.models import House, Room
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_booking,
    make_booking_on,
    make_staff,
    make_user,
    weekly,
)
from tests.hausderbegegnung.web.bookings import link, slots, statuses
from tests.hausderbegegnung.web.notices import notices


def test_pages_of_dates_are_closed_to_everybody_else(client: Client, series: Booking, now: datetime) -> None:
    uid = slots(series)[0].uid
    other = make_booking_on(list(slots(series)[0].rooms.all()), weekly(DAY + timedelta(days=1), 2))
    paths = ["weitere-termine", f"termin/{uid}/aendern", "zurueckgeben"]
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
    assert notices(response) == ["2 weitere Termine sind angefragt. Das Haus antwortet Ihnen."]
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
