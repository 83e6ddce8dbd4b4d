"""What can be booked: rooms, their equipment and their seating."""

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from rooms.enums import Layout
from rooms.fields import LineField
from rooms.models.house import House, PlanModel
from rooms.pictures import FOLDER, PictureField


class Equipment(PlanModel):
    house = models.ForeignKey(
        House, on_delete=models.CASCADE, verbose_name=_("house"), related_name="equipment"
    )
    name = LineField(_("name"), max_length=80)
    mobile_count = models.PositiveSmallIntegerField(
        _("number of mobile ones"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_(
            "How many of it the house has to be carried into any room. Empty: it belongs to its rooms."
        ),
    )

    class Meta:
        verbose_name = _("equipment")
        verbose_name_plural = _("equipment")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["house", "name"], name="equipment_name_unique_in_house")
        ]

    def __str__(self) -> str:
        return self.name


# What a room may say of days on which the house has a rule of its own.
CLOSED_CHOICES = [(None, _("as the house")), (True, _("closed")), (False, _("not closed"))]


class Room(PlanModel):
    """Something that can be booked. A room with parts is a combination: booking it occupies each part.

    Set-up, lead time and the other limits are empty where the house's value holds.
    """

    house = models.ForeignKey(House, on_delete=models.CASCADE, verbose_name=_("house"), related_name="rooms")
    name = LineField(_("name"), max_length=80)
    slug = models.SlugField(_("short name in addresses"))
    position = models.PositiveSmallIntegerField(_("position in lists"), default=0)
    is_active = models.BooleanField(_("can be booked"), default=True)
    parts = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="combinations",
        verbose_name=_("parts"),
        help_text=_("Only for combinations, such as hall 1+2: the rooms it is made of."),
    )
    description = models.TextField(_("description"), blank=True)
    area_m2 = models.PositiveIntegerField(_("area in m²"), null=True, blank=True)
    floor = LineField(_("floor"), max_length=60, blank=True)
    wayfinding = LineField(
        _("how to find it"), max_length=120, blank=True, help_text=_("For example: ground floor, left.")
    )
    is_outdoors = models.BooleanField(
        _("outdoors"),
        default=False,
        help_text=_("It is not proposed in place of a room, nor a room in place of it."),
    )
    step_free = models.BooleanField(_("step-free"), default=False)
    hearing_loop = models.BooleanField(_("hearing loop"), default=False)
    accessible_toilet = models.BooleanField(_("accessible toilet nearby"), default=False)
    equipment = models.ManyToManyField(
        Equipment, blank=True, verbose_name=_("equipment"), related_name="rooms"
    )
    picture = PictureField(_("picture"), upload_to=FOLDER, blank=True)
    picture_description = LineField(
        _("what the picture shows"),
        max_length=200,
        blank=True,
        help_text=_("Read out to people who do not see it."),
    )
    setup_minutes = models.PositiveIntegerField(_("set-up time in minutes"), null=True, blank=True)
    teardown_minutes = models.PositiveIntegerField(_("tear-down time in minutes"), null=True, blank=True)
    lead_hours = models.PositiveIntegerField(_("lead time in hours"), null=True, blank=True)
    horizon_days = models.PositiveIntegerField(_("horizon in days"), null=True, blank=True)
    min_minutes = models.PositiveIntegerField(_("shortest duration in minutes"), null=True, blank=True)
    max_minutes = models.PositiveIntegerField(_("longest duration in minutes"), null=True, blank=True)
    grid_minutes = models.PositiveIntegerField(
        _("grid in minutes"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    closed_on_public_holidays = models.BooleanField(
        _("on public holidays"),
        null=True,
        blank=True,
        choices=CLOSED_CHOICES,
        help_text=_("A combination is closed when one of its parts is."),
    )
    closed_in_school_holidays = models.BooleanField(
        _("in school holidays"), null=True, blank=True, choices=CLOSED_CHOICES
    )

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["house", "slug"], name="room_slug_unique_in_house")
        ]

    def __str__(self) -> str:
        return self.name


class SeatingLayout(PlanModel):
    """How many persons a room holds in one way of seating."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, verbose_name=_("room"), related_name="layouts")
    kind = models.CharField(_("layout"), max_length=12, choices=Layout)
    capacity = models.PositiveIntegerField(_("persons"), validators=[MinValueValidator(1)])

    class Meta:
        verbose_name = _("seating layout")
        verbose_name_plural = _("seating layouts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["room", "kind"], name="layout_unique_in_room")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.capacity}"

    def plan_house_id(self) -> int:
        return self.room.house_id
