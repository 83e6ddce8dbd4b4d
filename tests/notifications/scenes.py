"""Bookings that mails tell about, and messages, for the tests of notifications."""

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from bookings.enums import SlotStatus
from bookings.impact.errors import ChangeHitsDates
from bookings.impact.hits import fingerprint
from bookings.models import Booking, Slot
from bookings.services import (
    Decisions,
    Move,
    WantedDate,
    add_dates,
    approve_booking,
    close_rooms,
    decide_booking,
    give_dates_back,
    move_dates,
    reject_booking,
    renew_links,
    request_booking,
    request_change,
    revoke_booking,
)
from hausderbegegnung.models import User
from notifications.models import Message
from notifications.outbox.entry import enqueue
from notifications.planning import plan_mails
from rooms.clock import whole_days
from rooms.models import Room
from tests.factories import (
    BERLIN,
    DAY,
    NOW,
    berlin,
    make_association,
    make_house,
    make_request_data,
    make_room,
    make_series,
    make_staff,
    make_user,
    weekly,
)

_number = itertools.count(1)


def known_house(**fields: Any) -> Any:
    """The house of the golden texts."""
    return make_house(
        **{
            "operator": "Stadt Bedburg",
            "street": "Burgundische Straße 1",
            "postal_code": "50181",
            "city": "Bedburg",
            "contact_name": "Quartiersmanagement Kaster",
            "phone": "02272 402-171",
            **fields,
        }
    )


class Scene:
    """A house with a hall and a kitchen, an association with its person, staff and a caretaker."""

    def __init__(self, **house_fields: Any) -> None:
        self.house = known_house(**house_fields)
        self.hall: Room = make_room(self.house, "Saal A", setup_minutes=15, teardown_minutes=15)
        self.kitchen: Room = make_room(self.house, "Küche")
        self.person: User = make_user(name="Maria Beispiel")
        self.staff: User = make_staff(email=f"verwaltung-{next(_number)}@example.org")
        self.caretaker: User = make_user(
            name="Hausmeisterei", email=f"hausdienst-{next(_number)}@example.org", is_caretaker=True
        )
        self.association = make_association(self.person, name="Sprachcafé Kaster")

    def data(self, start: str = "16:00", end: str = "18:00", *, rooms: Any = None, **fields: Any) -> Any:
        return make_request_data(
            rooms or [self.hall, self.kitchen],
            berlin(DAY, start),
            berlin(DAY, end),
            **{"association_id": self.association.pk, "title": "Sprachcafé „Willkommen“", **fields},
        )

    def request(self, *args: Any, actor: Any = None, **fields: Any) -> Booking:
        return request_booking(data=self.data(*args, **fields), actor=actor or self.person, now=NOW)

    def request_days(self, *days: int, **fields: Any) -> Booking:
        """A request for the hall on several days of April."""
        return self.request_on(self.days(*days), **fields)

    def request_weeks(self, number: int) -> Booking:
        """A request for the hall on so many Tuesdays in a row."""
        return self.request_on(self.weeks(number))

    def weeks(self, number: int) -> tuple[WantedDate, ...]:
        """Wanted dates in the hall on so many Tuesdays in a row."""
        return tuple(
            WantedDate(berlin(day, "16:00"), berlin(day, "18:00"), (self.hall.pk,))
            for day in weekly(DAY, number)
        )

    def request_on(self, dates: Iterable[WantedDate], **fields: Any) -> Booking:
        data = replace(self.data(**fields), dates=tuple(dates))
        return request_booking(data=data, actor=self.person, now=NOW)

    def days(self, *days: int, start: str = "16:00", end: str = "18:00") -> tuple[WantedDate, ...]:
        """Wanted dates in the hall on days of April."""
        return tuple(
            WantedDate(berlin(day, start), berlin(day, end), (self.hall.pk,))
            for day in (DAY.replace(day=number) for number in days)
        )

    def weekly(self, number: int, *, first: date = DAY, room: Room | None = None, **fields: Any) -> Booking:
        """An approved series in the hall, two hours each week."""
        fields = {"title": "Chorprobe", "association_id": self.association.pk, "now": NOW} | fields
        return make_series(room or self.hall, weekly(first, number), **fields)

    def plan(self, now: datetime) -> list[Message]:
        """Let planned mails be entered at `now`; return the new ones in their order."""
        last = Message.objects.order_by("pk").values_list("pk", flat=True).last() or 0
        plan_mails(house_id=self.house.pk, now=now)
        return list(Message.objects.filter(pk__gt=last).order_by("pk"))

    def approve(self, booking: Booking, **options: Any) -> Booking:
        return approve_booking(
            booking_id=booking.pk, actor=self.staff, now=NOW + timedelta(hours=1), **options
        )

    def reject(self, booking: Booking, **options: Any) -> Booking:
        reason = "Das Haus ist an diesem Tag für die Wahl belegt."
        return reject_booking(booking_id=booking.pk, actor=self.staff, now=NOW, reason=reason, **options)

    def decide(self, booking: Booking, approve: list[int], reject: list[int], **options: Any) -> Booking:
        """Approve some of the dates and reject others, by their number."""
        ids = slot_ids(booking)
        return decide_booking(
            booking_id=booking.pk,
            actor=self.staff,
            now=NOW + timedelta(hours=1),
            approve=[ids[number] for number in approve],
            reject=[ids[number] for number in reject],
            reason="Das Haus ist an diesem Tag für die Wahl belegt.",
            **options,
        )

    def move(self, booking: Booking, *numbers: int, room: Room | None = None, **options: Any) -> Booking:
        """Move dates, by their number, to the evening of the same day, into the kitchen where not said."""
        days = [slot.starts_at.astimezone(BERLIN).date() for slot in booking.slots.order_by("starts_at")]
        ids, rooms = slot_ids(booking), ((room or self.kitchen).pk,)
        moves = [
            Move(ids[number], berlin(days[number], "19:00"), berlin(days[number], "21:00"), rooms)
            for number in numbers
        ]
        return move_dates(
            booking_id=booking.pk, actor=self.staff, now=NOW + timedelta(hours=2), moves=moves, **options
        )

    def add(self, booking: Booking, *days: int, actor: Any = None) -> Booking:
        """Ask for further dates in the hall on days of April."""
        return add_dates(
            booking_id=booking.pk,
            actor=actor or self.person,
            now=NOW + timedelta(days=3),
            dates=self.days(*days),
        )

    def withdraw(
        self, booking: Booking, *, actor: Any = None, slot_ids: Collection[int] | None = None
    ) -> Booking:
        """Give back all dates that are pending, or those that are named."""
        pending = [slot.pk for slot in booking.slots.all() if slot.status == SlotStatus.REQUESTED]
        return give_dates_back(
            booking_id=booking.pk, actor=actor or self.person, now=NOW, slot_ids=slot_ids or pending
        )

    def cancel(self, booking: Booking, *, actor: Any = None, **options: Any) -> Booking:
        return give_dates_back(
            booking_id=booking.pk,
            actor=actor or self.person,
            now=NOW + timedelta(hours=2),
            note="Leider sind alle krank.",
            **options,
        )

    def revoke(self, booking: Booking, **options: Any) -> Booking:
        reason = "Ein Wasserschaden macht den Saal unbenutzbar."
        return revoke_booking(
            booking_id=booking.pk, actor=self.staff, now=NOW + timedelta(hours=2), reason=reason, **options
        )

    def change(self, booking: Booking, *args: Any, **fields: Any) -> Booking:
        return request_change(
            booking_id=booking.pk, data=self.data(*args, **fields), actor=self.person, now=NOW
        )

    def renew_links(self, booking: Booking) -> Booking:
        return renew_links(booking_id=booking.pk, actor=self.staff, now=NOW + timedelta(hours=2))

    def close_hall(
        self,
        *,
        revoke: Sequence[Slot] = (),
        moves: Sequence[Move] = (),
        keep: Sequence[Slot] = (),
        days: tuple[date, date] = (DAY, DAY),
    ) -> None:
        """Close the hall on whole days, with what becomes of the approved dates in it."""

        def close(decisions: Decisions | None) -> None:
            close_rooms(
                house_id=self.house.pk,
                period=whole_days(*days, BERLIN),
                room_ids=[self.hall.pk],
                reason="Wasserschaden",
                actor=self.staff,
                now=NOW + timedelta(hours=3),
                decisions=decisions,
            )

        try:
            close(None)
        except ChangeHitsDates as refused:
            close(
                Decisions(
                    seen=fingerprint(refused.hits),
                    keep=frozenset(slot.pk for slot in keep),
                    revoke=frozenset(slot.pk for slot in revoke),
                    moves=tuple(moves),
                    reason="Ein Wasserschaden macht den Saal unbenutzbar.",
                )
            )

    def to_kitchen(self, slot: Slot) -> Move:
        return Move(slot.pk, slot.starts_at, slot.ends_at, (self.kitchen.pk,))


def slot_ids(booking: Booking) -> list[int]:
    """The dates of the booking in order."""
    return list(booking.slots.order_by("starts_at").values_list("pk", flat=True))


def move(slot: Slot, starts_at: datetime) -> None:
    """Let a date begin at another time, as long as before, with the calendar told."""
    by = starts_at - slot.starts_at
    for name in ["starts_at", "ends_at", "gross_starts_at", "gross_ends_at"]:
        setattr(slot, name, getattr(slot, name) + by)
    slot.sequence += 1
    slot.save()
    slot.occupancies.update(starts_at=slot.gross_starts_at, ends_at=slot.gross_ends_at)


def message_about(booking: Booking, kind: str) -> Message:
    """The one message of this kind about the booking."""
    return Message.objects.get(booking=booking, kind=kind)


def make_notice(*, now: datetime = NOW, recipient: str = "maria@example.org", **fields: Any) -> Message:
    """A waiting message that needs no booking."""
    return enqueue(
        **{
            "kind": "account_notice",
            "recipient": recipient,
            "facts": {"heading": "Ihr Passwort wurde geändert", "paragraphs": ["Waren Sie das nicht?"]},
            "dedupe_key": f"notice:{next(_number)}",
            "now": now,
            **fields,
        }
    )


def make_login_code(*, now: datetime = NOW, code: str = "K7P-4QX") -> Message:
    return enqueue(
        kind="login_code",
        recipient="maria@example.org",
        facts={"code": code, "minutes": 15},
        dedupe_key=f"login_code:{next(_number)}",
        now=now,
    )
