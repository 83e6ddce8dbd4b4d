"""Dates to come, with what is needed to tell people of them in time."""

from django.db.models import Count, Exists, Max, OuterRef, Subquery

from bookings.enums import SlotStatus, Verb
from bookings.models import Booking, Slot, SlotQuerySet, Transition
from rooms.intervals import Interval
from rooms.models import House

# From so many dates on a booking is a series: nobody wants two reminders for each of its dates.
SERIES_FROM = 3
# Dates that stand or once stood; what was asked for in vain or was skipped makes no series.
STOOD = (SlotStatus.APPROVED, SlotStatus.CANCELLED, SlotStatus.REVOKED)


def dates_to_come(
    house: House, period: Interval, *, least: int = 1, below: int | None = None
) -> SlotQuerySet:
    """Return approved dates that start in `period`, the earliest first, with booking and rooms.

    Only those of bookings with at least `least` dates, and with fewer than `below`. Each knows
    `dates_of_booking`, how many dates of its booking stand or stood, and `last_news_at`, the last
    instant at which something happened to the booking.
    """
    # Asked as a condition, so that SQLite goes by the index of the starts and not through all bookings.
    of_house = Booking.objects.filter(pk=OuterRef("booking"), house=house)
    dates = (
        Slot.objects.approved()
        .filter(Exists(of_house), starts_at__gte=period.start, starts_at__lt=period.end)
        .select_related("booking__association", "booking__house")
        .prefetch_related("rooms")
        .annotate(dates_of_booking=number_of_dates(), last_news_at=_last_news())
        .filter(dates_of_booking__gte=least)
        .order_by("starts_at", "pk")
    )
    return dates if below is None else dates.filter(dates_of_booking__lt=below)


def last_dates(house: House, period: Interval, *, least: int = 1) -> SlotQuerySet:
    """Return the approved dates in `period` that are the last of their booking, as `dates_to_come` does.

    Each knows also `began_at`, the start of the first date of its booking that stands or stood.
    """
    later = (
        Slot.objects.approved()
        .filter(booking=OuterRef("booking"))
        .order_by("-starts_at", "-pk")
        .values("pk")[:1]
    )
    stood = Slot.objects.filter(booking=OuterRef("booking"), status__in=STOOD).order_by("starts_at")
    return (
        dates_to_come(house, period, least=least)
        .filter(pk=Subquery(later))
        .annotate(began_at=Subquery(stood.values("starts_at")[:1]))
    )


def number_of_dates() -> Subquery:
    """Return how many dates of the booking stand or stood, for a row that belongs to a booking."""
    dates = Slot.objects.filter(booking=OuterRef("booking"), status__in=STOOD)
    return Subquery(dates.order_by().values("booking").annotate(number=Count("pk")).values("number"))


def _last_news() -> Subquery:
    """To be asked and to say yes is no news, nor is an address that was corrected, a new link or a call."""
    lines = Transition.objects.filter(booking=OuterRef("booking")).exclude(
        verb__in=[Verb.CONFIRM, Verb.CORRECT, Verb.RENEW, Verb.PHONE]
    )
    return Subquery(lines.order_by().values("booking").annotate(last=Max("at")).values("last"))
