"""A request and what became of it."""

import uuid
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from bookings.date_facts import BookedDate
from bookings.enums import BookingKind, BookingStatus, SchoolHolidays, Visibility
from bookings.models.association import Association, Membership
from rooms.enums import Layout
from rooms.fields import LineField
from rooms.models import Equipment, House, HouseRules


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


def is_of_user(user_id: Any, booking: str = "") -> Q:
    """Return that the person sent a booking, or acts for its association.

    `booking` is the way to it for queries of something else, such as `slot__booking__`. Without a join,
    so that the database asks it of the rows at hand and gives none of them twice.
    """
    associations = Membership.objects.filter(user=user_id).values("association")
    return Q(**{f"{booking}applicant": user_id}) | Q(**{f"{booking}association__in": associations})


class BookingQuerySet(models.QuerySet["Booking"]):
    def pending(self) -> Self:
        return self.filter(status=BookingStatus.REQUESTED)

    def of_user(self, user_id: Any) -> Self:
        """Bookings the person sent, or of an association the person acts for."""
        return self.filter(is_of_user(user_id))


class Booking(models.Model):
    """A request and what became of it.

    `status` is derived from the slots by `bookings.services._status.derive_status` and stored by the
    services; `version` rises with every change, so that a stale page cannot decide. `is_sent_again` says
    that the request in hand was stored by an earlier one with its key.
    """

    is_sent_again = False

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
    # Rises when links that were mailed are to open nothing any more (`bookings.access.tokens`).
    link_generation = models.PositiveIntegerField(default=1, editable=False)
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
    replaced_slots: "models.ManyToManyField[Any, Any]" = models.ManyToManyField(
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
    def dates(self) -> list[BookedDate]:
        """Its dates in order, as mails and programs are told of them.

        Read once, so ask for them when all is written; who has just written them gives them.
        """
        return self.slots.all().booked_dates().get(self.pk, [])

    @cached_property
    def equipment_ids(self) -> tuple[int, ...]:
        """The ids of the equipment that is asked for: a query where it came from nowhere else."""
        return tuple(sorted(item.pk for item in self.equipment.all()))

    @cached_property
    def history(self) -> list[Any]:
        """Its lines in order, each with its date, read once: ask for them when all is written."""
        return list(self.transitions.select_related("slot").order_by("pk"))

    @cached_property
    def all_slots(self) -> list[Any]:
        """Its dates in order, with the ids of their rooms: what services read under the lock, once.

        Whoever changes or adds dates brings them in (`bookings.services._records.record` does).
        """
        return self.slots.with_room_ids()

    @property
    def public_title(self) -> str:
        return public_title(self.title, self.display_title, self.visibility)


def public_title(title: str, display_title: str, visibility: str) -> str:
    """Return the title whoever passes by may read; the empty text where nothing may be shown."""
    if visibility == Visibility.PUBLIC:
        return display_title or title
    return str(_("Occupied")) if visibility == Visibility.BUSY else ""
