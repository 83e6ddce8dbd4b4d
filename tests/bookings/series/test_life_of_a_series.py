"""From the wish to the last change: what is stored, what blocks, and what was told in the end."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from icalendar import Calendar

from bookings.access.lookups import get_booking
from bookings.enums import BookingStatus, SlotStatus
from bookings.models import Booking, Occupancy
from bookings.series.dates import Series
from bookings.series.pattern import pattern_from_rrule
from bookings.series.planner import Way
from bookings.series.request import Choices, SeriesWish, choose_dates, date_key, plan_series, token_of
from bookings.series.stored import series_of
from bookings.services import (
    Move,
    WantedDate,
    approve_booking,
    decide_booking,
    give_dates_back,
    move_dates,
    request_booking,
    request_change,
)
from notifications.models import Message
from notifications.wording.rendering import render
from rooms.models import House
from tests.factories import (
    BERLIN,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_house,
    make_request_data,
    make_room,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db

THURSDAY = date(2027, 4, 22)


def stored(booking: Booking) -> list[tuple[str, str, str, str]]:
    """Each date as people read it: when, where, how it stands, why."""
    slots = booking.slots.order_by("starts_at").prefetch_related("rooms")
    return [
        (
            f"{slot.starts_at.astimezone(BERLIN):%d.%m. %H:%M}–{slot.ends_at.astimezone(BERLIN):%H:%M}",
            ", ".join(room.name for room in slot.rooms.all()),
            slot.status,
            (slot.reason or str(slot.skip or slot.instead_of)).replace("\N{NO-BREAK SPACE}", " "),
        )
        for slot in slots
    ]


def blocking(*bookings: Booking) -> list[tuple[str, str]]:
    """What the bookings take of the house: part and gross time."""
    rows = Occupancy.objects.filter(slot__booking__in=bookings, is_blocking=True).order_by("starts_at")
    return [
        (
            row.part.name,
            f"{row.starts_at.astimezone(BERLIN):%d.%m. %H:%M}–{row.ends_at.astimezone(BERLIN):%H:%M}",
        )
        for row in rows
    ]


def in_a_calendar() -> dict[str, list[str]]:
    """What a calendar that took every file shows, by status; merged by UID and highest SEQUENCE."""
    merged: dict[str, tuple[int, str, str]] = {}
    for message in Message.objects.order_by("pk"):
        calendar = render(message).calendar
        for event in Calendar.from_ical(calendar.content).walk("VEVENT") if calendar else []:
            sequence = int(event["SEQUENCE"])
            if sequence >= merged.get(str(event["UID"]), (-1,))[0]:
                start = event["DTSTART"].dt.astimezone(BERLIN)
                merged[str(event["UID"])] = (sequence, str(event["STATUS"]), f"{start:%m-%d %H:%M}")
    shown: dict[str, list[str]] = {}
    for _sequence, status, start in sorted(merged.values(), key=lambda line: line[2]):
        shown.setdefault(status, []).append(start)
    return shown


def test_a_series_ends_in_exactly_the_dates_occupancies_and_mails_expected():
    house = make_house()
    hall = make_room(house, "Saal A", setup_minutes=15)
    other = make_room(house, "Saal B", setup_minutes=15)
    person, staff = make_user(), make_staff()
    association = make_association(person, name="Chor Erftklang")
    # Two clashes: on the first of these days the other hall is free, on the second nothing is.
    make_booking([hall], berlin(THURSDAY + timedelta(weeks=1), "16:00"))
    for room in (hall, other):
        for day in range(-3, 4):
            make_booking(
                [room],
                berlin(THURSDAY + timedelta(weeks=3, days=day), "08:15"),
                berlin(THURSDAY + timedelta(weeks=3, days=day), "22:00"),
            )

    # Asked for: ten Thursdays, not on public holidays, sent with the plan for the two clashes.
    pattern = pattern_from_rrule("FREQ=WEEKLY;COUNT=10", first_day=THURSDAY, starts=time(16), ends=time(18))
    series = Series(
        starts=datetime.combine(THURSDAY, time(16)),
        ends=datetime.combine(THURSDAY, time(18)),
        pattern=pattern,
        skip_public=True,
    )
    plan = plan_series(
        house=House.objects.get(), wish=SeriesWish(series=series, room_ids=(hall.pk,), persons=10), now=NOW
    )
    assert [plan_date.chosen.way for plan_date in plan.open] == [Way.ROOM, Way.SKIP]
    choices = Choices(
        {date_key(plan_date, BERLIN): token_of(plan_date.chosen, plan.facts) for plan_date in plan.open}
    )
    chosen = choose_dates(plan, choices, may_override=False)
    dates = chosen.dates
    assert chosen.undecided == ()
    data = make_request_data(
        [hall],
        dates[0].starts_at,
        dates[0].ends_at,
        dates=dates,
        series=series,
        association_id=association.pk,
    )
    booking = request_booking(data=data, actor=person, now=NOW)

    # Partly approved: on 20.05. the house is needed.
    of_day = {f"{slot.starts_at.astimezone(BERLIN):%d.%m.}": slot for slot in booking.slots.all()}
    pending = [day for day, slot in of_day.items() if slot.status == SlotStatus.REQUESTED]
    assert pending == ["22.04.", "29.04.", "20.05.", "03.06.", "10.06.", "17.06.", "24.06."]
    decide_booking(
        booking_id=booking.pk,
        actor=staff,
        now=NOW + timedelta(hours=1),
        approve=[of_day[day].pk for day in pending if day != "20.05."],
        reject=[of_day["20.05."].pk],
        reason="Wahl",
    )

    # One date moves to Friday morning in the other hall; one is cancelled by its people.
    friday = date(2027, 6, 4)
    move_dates(
        booking_id=booking.pk,
        actor=staff,
        now=NOW + timedelta(hours=2),
        moves=[Move(of_day["03.06."].pk, berlin(friday, "10:00"), berlin(friday, "12:00"), (other.pk,))],
    )
    give_dates_back(
        booking_id=booking.pk,
        actor=person,
        now=NOW + timedelta(hours=3),
        slot_ids=[of_day["10.06."].pk],
        note="Chorreise",
    )

    # From 17.06. on the choir wants to begin an hour later.
    later = [
        WantedDate(
            of_day[day].starts_at + timedelta(hours=1), of_day[day].ends_at + timedelta(hours=1), (hall.pk,)
        )
        for day in ("17.06.", "24.06.")
    ]
    change = request_change(
        booking_id=booking.pk,
        data=replace(
            make_request_data([hall], later[0].starts_at, later[0].ends_at, association_id=association.pk),
            dates=tuple(later),
        ),
        actor=person,
        now=NOW + timedelta(hours=4),
        slot_ids=[of_day["17.06."].pk, of_day["24.06."].pk],
    )
    approve_booking(booking_id=change.pk, actor=staff, now=NOW + timedelta(hours=5))

    booking, change = (get_booking(asked.reference, actor=staff) for asked in (booking, change))
    assert (booking.status, change.status) == (BookingStatus.PARTLY_APPROVED, BookingStatus.APPROVED)
    assert stored(booking) == [
        ("22.04. 16:00–18:00", "Saal A", "approved", ""),
        ("29.04. 16:00–18:00", "Saal B", "approved", "statt Saal A"),
        ("06.05. 16:00–18:00", "Saal A", "skipped", "Feiertag: Christi Himmelfahrt"),
        ("13.05. 16:00–18:00", "Saal A", "skipped", "Ausgelassen: nicht frei"),
        ("20.05. 16:00–18:00", "Saal A", "rejected", "Wahl"),
        ("27.05. 16:00–18:00", "Saal A", "skipped", "Feiertag: Fronleichnam"),
        ("04.06. 10:00–12:00", "Saal B", "approved", "statt Do., 03.06.2027, 16:00–18:00 Uhr, Saal A"),
        ("10.06. 16:00–18:00", "Saal A", "cancelled", "Chorreise"),
        ("17.06. 16:00–18:00", "Saal A", "cancelled", ""),
        ("24.06. 16:00–18:00", "Saal A", "cancelled", ""),
    ]
    assert stored(change) == [
        ("17.06. 17:00–19:00", "Saal A", "approved", ""),
        ("24.06. 17:00–19:00", "Saal A", "approved", ""),
    ]
    assert blocking(booking, change) == [
        ("Saal A", "22.04. 15:45–18:00"),
        ("Saal B", "29.04. 15:45–18:00"),
        ("Saal B", "04.06. 09:45–12:00"),
        ("Saal A", "17.06. 16:45–19:00"),
        ("Saal A", "24.06. 16:45–19:00"),
    ]
    assert list(Message.objects.order_by("pk").values_list("kind", "booking")) == [
        ("receipt", booking.pk),
        ("staff_new_request", booking.pk),
        ("partial_approval", booking.pk),
        ("moved", booking.pk),
        ("cancellation", booking.pk),
        ("staff_cancelled", booking.pk),
        ("change_receipt", change.pk),
        ("staff_new_request", change.pk),
        ("change_approved", change.pk),
    ]
    assert in_a_calendar() == {
        "CONFIRMED": ["04-22 16:00", "04-29 16:00", "06-04 10:00", "06-17 17:00", "06-24 17:00"],
        "CANCELLED": ["06-10 16:00", "06-17 16:00", "06-24 16:00"],
    }
    # The wish itself is kept as it was.
    assert series_of(booking) == series
