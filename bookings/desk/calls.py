"""Whom to phone, because a mail does not tell them, or not in time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Exists, Max, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from bookings.enums import NEWS, SlotStatus, Verb
from bookings.models import Booking, Slot, Transition
from rooms.models import House

# Of a date that is so soon, a mail may be read too late.
URGENT = timedelta(hours=48)


class CallReason(models.TextChoices):
    """Why somebody has to be phoned."""

    NO_ADDRESS = "no_address", _("no e-mail address")
    UNDELIVERED = "undelivered", _("the mail did not arrive")
    URGENT = "urgent", _("the date was so soon")


@dataclass(frozen=True, slots=True)
class Call:
    """A call to make: the booking with its contact, why, and when it was decided what to tell."""

    booking: Booking
    reason: CallReason
    since: datetime


def list_calls(
    house: House, *, now: datetime, undelivered: Mapping[int, datetime] | None = None
) -> list[Call]:
    """Return the calls to make about bookings of the house that have a date to come, the longest due first.

    `undelivered` is by booking id when the last mail to its contact was entered that did not get out. A
    call is due until somebody says that it was made (`services.note_call`); nothing of it is stored.
    The number of queries depends on neither.
    """
    return _calls(Booking.objects.filter(house=house), now, undelivered or {})


def group_calls(calls: Iterable[Call]) -> list[list[Call]]:
    """Return the calls to one person under one number together, in the order of the first of each."""
    groups: dict[tuple[str, str], list[Call]] = {}
    for call in calls:
        groups.setdefault((call.booking.contact_name, call.booking.contact_phone), []).append(call)
    return list(groups.values())


def call_about(booking: Booking, *, now: datetime, undelivered: datetime | None = None) -> Call | None:
    """Return the call to make about one booking, None where there is none."""
    failed = {booking.pk: undelivered} if undelivered else {}
    return next(iter(_calls(Booking.objects.filter(pk=booking.pk), now, failed)), None)


def _calls(
    bookings: models.QuerySet[Booking], now: datetime, undelivered: Mapping[int, datetime]
) -> list[Call]:
    lines = Transition.objects.filter(booking=OuterRef("pk"))
    hasty = lines.filter(verb__in=[Verb.REVOKE, Verb.MOVE], at__gt=now - URGENT)
    candidates = (
        bookings.filter(Exists(Slot.objects.filter(booking=OuterRef("pk"), ends_at__gt=now)))
        .filter(Q(contact_email="") | Q(pk__in=undelivered) | Exists(hasty))
        .annotate(
            news_at=Max("transitions__at", filter=Q(transitions__verb__in=NEWS)),
            phoned_at=Max("transitions__at", filter=Q(transitions__verb=Verb.PHONE)),
        )
        .filter(Q(phoned_at=None) | Q(phoned_at__lt=models.F("news_at")), news_at__isnull=False)
        .select_related("house")
        .order_by("news_at", "pk")
    )
    due = list(candidates)
    urgent_ids = _urgent_ids([booking.pk for booking in due], now)
    calls = []
    for booking in due:
        news_at: datetime = booking.news_at
        failed_at = undelivered.get(booking.pk)
        if not booking.contact_email:
            calls.append(Call(booking, CallReason.NO_ADDRESS, news_at))
        elif failed_at is not None and failed_at >= news_at:
            calls.append(Call(booking, CallReason.UNDELIVERED, news_at))
        elif booking.pk in urgent_ids:
            calls.append(Call(booking, CallReason.URGENT, news_at))
    return calls


def _urgent_ids(booking_ids: Iterable[int], now: datetime) -> set[int]:
    """Return the bookings of which a date to come was taken back or moved less than URGENT before it.

    Of a date that moved it is the time before that counts: people might come.
    """
    lines = (
        Transition.objects.filter(
            booking_id__in=booking_ids, verb__in=[Verb.REVOKE, Verb.MOVE], at__gt=now - URGENT
        )
        .prefetch_related("booking__slots")
        .select_related("slot", "booking")
    )
    return {
        line.booking_id for line in lines if any(now < start <= line.at + URGENT for start in _starts(line))
    }


def _starts(line: Transition) -> list[datetime]:
    """Return when the dates were to begin that a line is about; that of a single date names none."""
    if line.before_starts_at is not None:
        return [line.before_starts_at]
    if line.verb == Verb.MOVE:
        return []
    slots = [line.slot] if line.slot else list(line.booking.slots.all())
    if line.slot is None and len(slots) > 1:
        # Each date has a line of its own.
        return []
    return [slot.starts_at for slot in slots if slot.status == SlotStatus.REVOKED]
