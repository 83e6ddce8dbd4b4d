"""What stands in the request form when a series goes on: as last year, or otherwise from a day on."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bookings.enums import SlotStatus
from bookings.models import Booking, Slot
from bookings.series.dates import MOST_DATES, Series
from bookings.series.next_year import YEAR, following
from bookings.series.pattern import Pattern
from bookings.series.request import pauses_on
from bookings.series.scheduler import pattern_dates
from bookings.series.stored import series_of
from hausderbegegnung.web.applicant.forms.request import values_of
from hausderbegegnung.web.applicant.forms.wish import time_values
from hausderbegegnung.web.shared.forms.series import series_values
from rooms.clock import between, day_of, wall_times, week_of
from rooms.holidays import complete_calendar
from rooms.models import House


def values_as_last_year(booking: Booking) -> dict[str, Any]:
    """Return the values of a request form that asks for the booking again in the time that follows."""
    values = values_of(booking, _usual_slot(booking)) | {"association": str(booking.association_id)}
    series = series_of(booking)
    again = following(series) if series else None
    if again is not None:
        return values | _values_of_series(again, booking.house)
    zone, net = booking.house.zone, booking.slots.order_by("starts_at")[0].net
    starts, ends = wall_times(net, zone)
    return values | time_values(between(starts + YEAR, ends + YEAR, zone), booking.house)


def _usual_slot(booking: Booking) -> Slot:
    """Return a date with the rooms most dates of the booking have; of a moved one nobody asks again."""
    every = list(booking.slots.all())
    slots = [slot for slot in every if slot.status != SlotStatus.SKIPPED] or every
    rooms = [frozenset(room.pk for room in slot.rooms.all()) for slot in slots]
    return max(zip(slots, rooms, strict=True), key=lambda dated: rooms.count(dated[1]))[0]


def _values_of_series(series: Series, house: House) -> dict[str, Any]:
    return time_values(between(series.starts, series.ends, house.zone), house) | series_values(series)


def values_from(booking: Booking, series: Series, first: date) -> dict[str, Any]:
    """Return the values of a form for the series from `first` on.

    Days of the rhythm on which no date stands any more, because somebody gave it up or moved it,
    stay left out; dates on other days stay as further ones.
    """
    house, zone, pattern = booking.house, booking.house.zone, series.pattern
    slots = [slot for slot in booking.slots.all() if day_of(slot.starts_at, zone) >= first]
    going_on = [day for day in pattern_dates(pattern, most=MOST_DATES) if day >= first] if pattern else []
    if pattern is None or not going_on:
        return values_of(booking, slots[0])
    rest = replace(pattern, first_day=going_on[0], until=going_on[-1], count=None)
    shift = rest.first_day - series.starts.date()
    series = replace(series, starts=series.starts + shift, ends=series.ends + shift, pattern=rest)
    standing = {day_of(slot.starts_at, zone): slot for slot in slots if slot.status in SlotStatus.STANDING}
    calendar = complete_calendar(house, going_on[0], going_on[-1])
    series = replace(
        series,
        skipped=tuple(
            day for day in going_on if day not in standing and not pauses_on(day, series, calendar)
        ),
        added=tuple(
            slot.starts_at.astimezone(zone).replace(tzinfo=None)
            for day, slot in standing.items()
            if day not in going_on
        ),
    )
    values = values_of(booking, slots[0]) | _values_of_series(series, house)
    return values | {"until": f"{_last_day(pattern, going_on[-1]):%d.%m.%Y}"}


def _last_day(pattern: Pattern, last: date) -> date:
    """Return until when the series goes on: to its end, and at least through the week of its last date.

    On another weekday of that week no date is lost; and as it is, it has no further one.
    """
    sunday = week_of(last)[-1]
    end = max(pattern.until or sunday, sunday)
    following = (
        day
        for day in pattern_dates(replace(pattern, until=end, count=None), most=MOST_DATES + 1)
        if day > last
    )
    return next((day - timedelta(days=1) for day in following), end)
