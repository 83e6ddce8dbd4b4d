"""Associations, their bookings, each date of a booking, and what the database guards."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from bookings.date_facts import Before, BookedDate, Skip, skip_of
from bookings.enums import (
    AssociationKind,
    BookingKind,
    BookingStatus,
    MemberRole,
    SchoolHolidays,
    SkippedBecause,
    SlotStatus,
    Verb,
    Visibility,
)
from bookings.occupancy.expressions import ADayAfter
from rooms.enums import Layout
from rooms.fields import LineField
from rooms.intervals import Interval
from rooms.models import Equipment, House, HouseRules, Room, raise_plan_version
from rooms.stored import as_text, instant_in


class Association(models.Model):
    """Who uses the house: also an initiative without legal form, or one person."""

    name = LineField(_("name"), max_length=160)
    kind = models.CharField(_("kind"), max_length=30, choices=AssociationKind)
    address = LineField(_("address"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = LineField(_("phone"), max_length=40, blank=True)
    is_blocked = models.BooleanField(
        _("blocked"), default=False, help_text=_("A blocked association cannot send requests.")
    )
    block_reason = LineField(_("reason of the block"), max_length=200, blank=True)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="associations"
    )
    created_at = models.DateTimeField(_("entered at"), editable=False)

    class Meta:
        verbose_name = _("association")
        verbose_name_plural = _("associations")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and say that the plans that show its name change."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            for house_id in self.bookings.values_list("house_id", flat=True).distinct():
                raise_plan_version(house_id)


class Membership(models.Model):
    """A person who may act for an association."""

    association = models.ForeignKey(
        Association, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("association")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name=_("person"),
    )
    role = models.CharField(_("role"), max_length=20, choices=MemberRole, default=MemberRole.REPRESENTATIVE)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["association", "user"], name="membership_unique_in_association")
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.association}"


class ReferenceCounter(models.Model):
    """The last number given to a request of a house in a year; drawn under the house lock."""

    house = models.ForeignKey(House, on_delete=models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["house", "year"], name="reference_counter_unique_per_year")
        ]

    def __str__(self) -> str:
        return f"{self.house_id} {self.year}: {self.last_number}"


class BookingQuerySet(models.QuerySet["Booking"]):
    def pending(self) -> Self:
        return self.filter(status=BookingStatus.REQUESTED)

    def of_user(self, user_id: Any) -> Self:
        """Bookings the person sent, or of an association the person acts for."""
        return self.filter(Q(applicant_id=user_id) | Q(association__memberships__user_id=user_id)).distinct()


class Booking(models.Model):
    """A request and what became of it.

    `status` is derived from the slots by `bookings.services._status.derive_status` and stored by the
    services; `version` rises with every change, so that a stale page cannot decide.
    """

    house = models.ForeignKey(
        House, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("house")
    )
    reference = models.CharField(_("reference"), max_length=30, unique=True)
    association = models.ForeignKey(
        Association, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("association")
    )
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="bookings",
        verbose_name=_("applicant"),
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("entered by"),
    )
    contact_name = LineField(_("contact person"), max_length=150)
    contact_email = models.EmailField(_("e-mail address"), blank=True)
    contact_phone = LineField(_("phone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=5, default="de")
    kind = models.CharField(_("kind of event"), max_length=20, choices=BookingKind)
    title = LineField(_("title"), max_length=120)
    display_title = LineField(_("title on the display"), max_length=80, blank=True)
    visibility = models.CharField(_("visibility"), max_length=10, choices=Visibility)
    purpose = models.TextField(_("purpose"), blank=True)
    persons = models.PositiveIntegerField(_("persons at once"))
    persons_total = models.PositiveIntegerField(_("persons in total"), null=True, blank=True)
    layout = models.CharField(_("layout"), max_length=12, choices=Layout, blank=True)
    equipment = models.ManyToManyField(Equipment, blank=True, verbose_name=_("equipment"), related_name="+")
    remarks = models.TextField(_("remarks"), blank=True)
    house_rules = models.ForeignKey(
        HouseRules,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("accepted house rules"),
    )
    received_at = models.DateTimeField(_("received at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    submission_key = models.UUIDField(
        _("key of the submission"), unique=True, default=uuid.uuid4, editable=False
    )
    submission_digest = models.CharField(max_length=64, default="", editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    status = models.CharField(
        _("status"), max_length=20, choices=BookingStatus, default=BookingStatus.REQUESTED
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    replaces = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replacements",
        verbose_name=_("replaces"),
    )
    replaced_slots: "models.ManyToManyField[Slot, Any]" = models.ManyToManyField(
        "Slot", blank=True, related_name="replacements", verbose_name=_("dates it replaces")
    )
    follows = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="followers",
        verbose_name=_("continues"),
    )
    event = models.OneToOneField(
        "schedule.Event", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    skips_public_holidays = models.BooleanField(_("not on public holidays"), default=False)
    school_holidays = models.CharField(
        _("in school holidays"), max_length=10, choices=SchoolHolidays, default=SchoolHolidays.IGNORED
    )

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        indexes: ClassVar = [
            models.Index(fields=["house", "status", "received_at"], name="booking_house_status_received"),
            models.Index(fields=["received_at"], name="booking_received_at"),
        ]

    def __str__(self) -> str:
        return self.reference

    @cached_property
    def dates(self) -> "list[BookedDate]":
        """Its dates in order, as mails and programs are told of them.

        Read once, so ask for them when all is written; who has just written them gives them.
        """
        return booked_dates([self])[self.pk]

    @property
    def public_title(self) -> str:
        return public_title(self.title, self.display_title, self.visibility)


def public_title(title: str, display_title: str, visibility: str) -> str:
    """Return the title whoever passes by may read; the empty text where nothing may be shown."""
    if visibility == Visibility.PUBLIC:
        return display_title or title
    return str(_("Occupied")) if visibility == Visibility.BUSY else ""


class SlotQuerySet(models.QuerySet["Slot"]):
    def approved(self) -> Self:
        return self.filter(status=SlotStatus.APPROVED)

    def overlapping(self, period: Interval) -> Self:
        """Slots whose net time overlaps `period`."""
        return self.filter(starts_at__lt=period.end, ends_at__gt=period.start)


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
            lines = lines_with_before().filter(slot=self)
        place, zone = self.place, self.booking.house.zone
        words = (line.before.difference(place, zone) for line in lines if line.before)
        return next(filter(None, words), "")

    @property
    def setup_minutes(self) -> int:
        return round((self.starts_at - self.gross_starts_at).total_seconds() / 60)

    @property
    def teardown_minutes(self) -> int:
        return round((self.gross_ends_at - self.ends_at).total_seconds() / 60)


def booked_dates(bookings: Iterable[Booking]) -> dict[int, list[BookedDate]]:
    """Return the dates of each booking in order, by its id, in one query."""
    dates: dict[int, list[BookedDate]] = {booking.pk: [] for booking in bookings}
    rooms: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows: dict[int, tuple[Any, ...]] = {}
    for slot_id, slug, name, *values in (
        Slot.objects.filter(booking__in=list(dates))
        .order_by("starts_at", "pk", "rooms__position", "rooms__name")
        .values_list(
            *("pk", "rooms__slug", "rooms__name", "booking_id", "uid", "status"),
            *(as_text(f"{name}_at") for name in ("starts", "ends", "gross_starts", "gross_ends")),
            *("reason", "sequence", "replaces__uid"),
            *("skipped_because", "skipped_day_name", "replaced_by__reference"),
        )
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


class Occupancy(models.Model):
    """The gross time a slot takes of one atomic part: what the database guards (bookings.occupancy.guard).

    `is_blocking` holds while the slot is approved, `is_long` where it takes a day or more. No row is
    longer than 31 days, which bounds every look-up of overlaps.
    """

    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="occupancies")
    part = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="occupancies")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_blocking = models.BooleanField(default=False)
    # Rare, and so it is cheap to look for them apart from the others; see bookings.occupancy.overlapping.
    is_long = models.GeneratedField(
        expression=ADayAfter("ends_at", "starts_at"), output_field=models.BooleanField(), db_persist=True
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["part", "starts_at", "ends_at"], name="occupancy_part_times"),
            models.Index(
                fields=["part", "starts_at"], name="occupancy_long_part_starts", condition=Q(is_long=True)
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["slot", "part"], name="occupancy_unique_per_part"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="occupancy_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part_id}: {self.starts_at}"


class ImportedDate(models.Model):
    """A date of a calendar as it was read last into its slot: where that differs, it was changed here."""

    slot = models.OneToOneField(Slot, on_delete=models.CASCADE, related_name="imported")
    uid = models.CharField(max_length=255, db_index=True)
    calendar = models.CharField(max_length=50, blank=True)
    original = models.DateTimeField()
    sequence = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    room_ids = models.JSONField()
    title = models.CharField(max_length=120)
    status = models.CharField(max_length=12, choices=SlotStatus)

    def __str__(self) -> str:
        return f"{self.uid}: {self.original}"


class Transition(models.Model):
    """One line of the history of a booking or of one of its slots; never changed or deleted."""

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="transitions")
    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, null=True, related_name="transitions")
    verb = models.CharField(_("what"), max_length=12, choices=Verb)
    from_status = models.CharField(_("from"), max_length=20, blank=True)
    to_status = models.CharField(_("to"), max_length=20)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    actor_kind = models.CharField(_("who"), max_length=12)
    note = models.TextField(_("note"), blank=True)
    # Of a date that was changed: its net time and the names of its rooms, as they were before.
    before_starts_at = models.DateTimeField(null=True)
    before_ends_at = models.DateTimeField(null=True)
    before_rooms = models.JSONField(default=list)
    before_email = models.EmailField(blank=True)
    # Of a decision that sets rules of the house aside: their codes, and why, as staff wrote it.
    overridden_rules = models.JSONField(default=list)
    override_reason = LineField(max_length=500, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("history entry")
        verbose_name_plural = _("history")

    def __str__(self) -> str:
        return f"{self.booking_id} {self.verb} {self.at}"

    @property
    def before(self) -> Before | None:
        """When and where the date was before; None of a line that changed neither."""
        if self.before_starts_at is None or self.before_ends_at is None:
            return None
        return Before(Interval(self.before_starts_at, self.before_ends_at), tuple(self.before_rooms))


def lines_with_before() -> "models.QuerySet[Transition]":
    """Return the history of dates that were changed, the latest line first."""
    return Transition.objects.filter(before_starts_at__isnull=False).order_by("-at", "-pk")
