"""The dates of bookings."""

import uuid
from collections import defaultdict
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from bookings.date_facts import Before, BookedDate, Skip, skip_of
from bookings.enums import SkippedBecause, SlotStatus
from bookings.models.booking import Booking
from rooms.intervals import Interval
from rooms.models import Room
from rooms.stored import as_text, instant_in


class SlotQuerySet(models.QuerySet["Slot"]):
    def approved(self) -> Self:
        return self.filter(status=SlotStatus.APPROVED)

    def overlapping(self, period: Interval) -> Self:
        """Slots whose net time overlaps `period`."""
        return self.filter(starts_at__lt=period.end, ends_at__gt=period.start)

    def with_room_ids(self) -> "list[Slot]":
        """Return the dates in order, each with the ids of its rooms, in one query.

        With what they replace and what replaces them, where there is such a thing: a query more for each.
        """
        room_ids: dict[int, list[int]] = defaultdict(list)
        slots: dict[int, Slot] = {}
        rows: Any = self.annotate(room_id=F("rooms")).order_by("starts_at", "pk", "room_id")
        for slot in rows:
            slots.setdefault(slot.pk, slot)
            room_ids[slot.pk] += [slot.room_id] if slot.room_id else []
        for slot in slots.values():
            slot.room_ids = tuple(room_ids[slot.pk])
        for name in ("replaces", "replaced_by"):
            models.prefetch_related_objects(
                [slot for slot in slots.values() if getattr(slot, f"{name}_id")], name
            )
        return [*slots.values()]

    def booked_dates(self) -> dict[int, list[BookedDate]]:
        """Return the dates in order by the id of their booking, without one that has none; in one query."""
        dates: dict[int, list[BookedDate]] = defaultdict(list)
        rooms: dict[int, list[tuple[str, str]]] = defaultdict(list)
        rows: dict[int, tuple[Any, ...]] = {}
        for slot_id, slug, name, *values in self.order_by(
            "starts_at", "pk", "rooms__position", "rooms__name"
        ).values_list(
            *("pk", "rooms__slug", "rooms__name", "booking_id", "uid", "status"),
            *(as_text(f"{name}_at") for name in ("starts", "ends", "gross_starts", "gross_ends")),
            *("reason", "sequence", "replaces__uid"),
            *("skipped_because", "skipped_day_name", "replaced_by__reference"),
        ):
            rows[slot_id] = tuple(values)
            if slug is not None:
                rooms[slot_id].append((slug, name))
        for slot_id, (booking_id, uid, status, *times_and_reason) in rows.items():
            *times, reason, sequence, replaces, because, day_name, replaced_by = times_and_reason
            starts_at, ends_at, gross_starts_at, gross_ends_at = map(instant_in, times)
            dates[booking_id].append(
                BookedDate(
                    slot_id=slot_id,
                    uid=uid,
                    status=status,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    gross_starts_at=gross_starts_at,
                    gross_ends_at=gross_ends_at,
                    reason=reason,
                    sequence=sequence,
                    rooms=tuple(rooms[slot_id]),
                    replaces=replaces,
                    skip=skip_of(because, day_name),
                    replaced_by=replaced_by or "",
                )
            )
        return dates


class Slot(models.Model):
    """One date of a booking: its net time is what people see, its gross time blocks the rooms."""

    booking = models.ForeignKey(
        Booking, on_delete=models.CASCADE, related_name="slots", verbose_name=_("booking")
    )
    rooms = models.ManyToManyField(Room, related_name="+", verbose_name=_("rooms"))
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    gross_starts_at = models.DateTimeField(_("set-up from"))
    gross_ends_at = models.DateTimeField(_("tear-down until"))
    status = models.CharField(_("status"), max_length=12, choices=SlotStatus, default=SlotStatus.REQUESTED)
    reason = models.CharField(
        _("reason"),
        max_length=500,
        blank=True,
        help_text=_("Why the date was rejected, revoked or cancelled, as somebody wrote it."),
    )
    skipped_because = models.CharField(max_length=24, choices=SkippedBecause, blank=True, editable=False)
    # Of the holiday, as the calendar names it.
    skipped_day_name = models.CharField(max_length=120, blank=True, editable=False)
    # The booking whose change took its place, or gave it up.
    replaced_by = models.ForeignKey(
        Booking, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    uid = models.UUIDField(_("calendar UID"), unique=True, default=uuid.uuid4, editable=False)
    sequence = models.PositiveIntegerField(_("calendar sequence"), default=0, editable=False)
    # The approved date of another booking whose place this one is to take, and takes when it is approved.
    replaces = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="successors",
        verbose_name=_("date it replaces"),
    )

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("date")
        verbose_name_plural = _("dates")
        indexes: ClassVar = [
            models.Index(fields=["starts_at", "status"], name="slot_starts_at_status"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="slot_ends_after_start"),
            models.CheckConstraint(
                condition=Q(gross_starts_at__lte=F("starts_at"), gross_ends_at__gte=F("ends_at")),
                name="slot_gross_time_contains_net_time",
            ),
            models.UniqueConstraint(
                fields=["booking", "replaces"],
                name="slot_replaces_for_itself",
                condition=Q(replaces__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booking_id}: {self.starts_at}"

    @property
    def net(self) -> Interval:
        return Interval(self.starts_at, self.ends_at)

    @property
    def gross(self) -> Interval:
        return Interval(self.gross_starts_at, self.gross_ends_at)

    @cached_property
    def room_ids(self) -> tuple[int, ...]:
        """The ids of its rooms: a query where they came neither with it nor from who has written them."""
        return tuple(sorted(room.pk for room in self.rooms.all()))

    @property
    def skip(self) -> Skip | None:
        """Why the date is skipped; None of any other one."""
        return skip_of(self.skipped_because, self.skipped_day_name)

    @property
    def place(self) -> Before:
        """When and where it is."""
        rooms = sorted(self.rooms.all(), key=lambda room: (room.position, room.name))
        return Before(self.net, tuple(room.name for room in rooms))

    @property
    def instead_of(self) -> str:
        """Instead of which time and rooms it is as it is, in words; a query where no page loaded that."""
        lines = getattr(self, "lines_with_before", None)
        if lines is None:
            lines = self.transitions.all().with_before()
        place, zone = self.place, self.booking.house.zone
        words = (line.before.difference(place, zone) for line in lines if line.before)
        return next(filter(None, words), "")

    @property
    def setup_minutes(self) -> int:
        return round((self.starts_at - self.gross_starts_at).total_seconds() / 60)

    @property
    def teardown_minutes(self) -> int:
        return round((self.gross_ends_at - self.ends_at).total_seconds() / 60)
