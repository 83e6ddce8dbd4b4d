"""What staff and applicants do seconds after each other, and what the outbox makes of it."""

from datetime import datetime, timedelta

from bookings.services import (
    Move,
    decide_booking,
    give_dates_back,
    move_dates,
)
from notifications.models import Message
from tests.factories import BERLIN, NOW

APPLICANT = "maria@example.org"


def later(seconds):
    return NOW + timedelta(seconds=seconds)


def slot_of(booking, day):
    return next(slot for slot in booking.slots.all() if slot.starts_at.day == day)


def decide(service, booking, scene, *days, seconds, **options):
    """Let staff, or the applicant, do something to these dates so many seconds after NOW."""
    actor = scene.person if service is give_dates_back else scene.staff
    slot_ids = [slot_of(booking, day).pk for day in days] or None
    return service(booking_id=booking.pk, actor=actor, now=later(seconds), slot_ids=slot_ids, **options)


def outbox(booking, recipient=APPLICANT):
    """What became of the mails to one person, in the order of entry: kind, state, days that are news."""
    messages = Message.objects.filter(booking=booking, recipient=recipient).exclude(state="sent")
    return [
        (
            message.kind,
            message.state,
            [int(date["starts_at"][8:10]) for date in message.facts["dates"] if date["is_changed"]],
        )
        for message in messages.order_by("pk")
    ]


def statuses_in(message):
    return [date["status"] for date in message.facts["dates"]]


def decide_each(booking, scene, *, approve=(), reject=(), seconds, note=""):
    return decide_booking(
        booking_id=booking.pk,
        actor=scene.staff,
        now=later(seconds),
        approve=[slot_of(booking, day).pk for day in approve],
        reject=[slot_of(booking, day).pk for day in reject],
        reason="Belegt." if reject else "",
        note=note,
    )


def move(booking, scene, day, *, to="19:00", seconds, **options):
    slot = slot_of(booking, day)
    start = slot.starts_at.astimezone(BERLIN)
    start = start.replace(hour=int(to[:2]), minute=int(to[3:]))
    moves = [Move(slot.pk, start, start + timedelta(hours=2), (scene.hall.pk,))]
    return move_dates(
        booking_id=booking.pk,
        actor=scene.staff,
        now=later(seconds),
        moves=moves,
        override=True,
        override_reason="Absprache",
        **options,
    )


def moves_in(message):
    """From and to, as hours, of the dates that a mail tells of as moved."""
    return [
        tuple(
            datetime.fromisoformat(each["starts_at"]).astimezone(BERLIN).hour
            for each in [date["before"], date]
        )
        for date in message.facts["dates"]
        if date["is_changed"]
    ]
