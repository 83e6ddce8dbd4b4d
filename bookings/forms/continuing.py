"""What stands in the request form when a series goes on: as last year, or otherwise from a day on."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bookings.continuing import YEAR, following
from bookings.enums import SlotStatus
from bookings.forms.requests import values_of
from bookings.forms.series import series_values
from bookings.forms.wish import time_values
from bookings.models import Booking, Slot
from bookings.recurrence import dates_of, net_time
from bookings.selectors import series_of
from bookings.series import MOST_DATES, Series
from rooms.clock import day_of
from rooms.models import House

# Taken back by somebody: a change of the series does not bring them back.
GIVEN_UP = frozenset({SlotStatus.CANCELLED, SlotStatus.REVOKED, SlotStatus.REJECTED, SlotStatus.WITHDRAWN})


def values_as_last_year(booking: Booking) -> dict[str, Any]:
    """Return the values of a request form that asks for the booking again in the time that follows."""
    values = values_of(booking, _usual_slot(booking)) | {"association": str(booking.association_id)}
    series = series_of(booking)
    again = following(series) if series else None
    if again is not None:
        return values | _values_of_series(again, booking.house)
    zone, net = booking.house.zone, booking.slots.order_by("starts_at")[0].net
    starts, ends = (moment.astimezone(zone).replace(tzinfo=None) + YEAR for moment in (net.start, net.end))
    return values | time_values(net_time(starts, ends, zone), booking.house)


def _usual_slot(booking: Booking) -> Slot:
    """Return a date with the rooms most dates of the booking have; of a moved one nobody asks again."""
    every = list(booking.slots.all())
    slots = [slot for slot in every if slot.status != SlotStatus.FALLEN_OUT] or every
    rooms = [frozenset(room.pk for room in slot.rooms.all()) for slot in slots]
    return max(zip(slots, rooms, strict=True), key=lambda one: rooms.count(one[1]))[0]


def _values_of_series(series: Series, house: House) -> dict[str, Any]:
    return time_values(net_time(series.starts, series.ends, house.zone), house) | series_values(series)


def values_from(booking: Booking, series: Series, first: date) -> dict[str, Any]:
    """Return the values of a form for the series from `first` on; dates that somebody gave up stay out."""
    zone, pattern = booking.house.zone, series.pattern
    slots = [slot for slot in booking.slots.all() if day_of(slot.starts_at, zone) >= first]
    on_days = {day_of(slot.starts_at, zone): slot for slot in slots}
    met = set(dates_of(pattern, most=MOST_DATES)) if pattern else set()
    going_on = [day for day in sorted(met) if day >= first]
    if pattern is None or not going_on:
        return values_of(booking, slots[0])
    rest = replace(pattern, first_day=going_on[0], until=going_on[-1], count=None)
    shift = timedelta(days=(rest.first_day - series.starts.date()).days)
    series = replace(
        series,
        starts=series.starts + shift,
        ends=series.ends + shift,
        pattern=rest,
        left_out=tuple(
            sorted(day for day, slot in on_days.items() if day in met and slot.status in GIVEN_UP)
        ),
        added=tuple(
            slot.starts_at.astimezone(zone).replace(tzinfo=None)
            for day, slot in sorted(on_days.items(), key=lambda one: one[0])
            if day not in met and slot.status == SlotStatus.APPROVED
        ),
    )
    return values_of(booking, slots[0]) | _values_of_series(series, booking.house)
