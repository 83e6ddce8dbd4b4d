"""Houses, their rooms and the facts the rules of availability are made from."""

from datetime import time
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rooms.enums import ClosureOrigin, HolidayKind, Layout, PageKind, Weekday
from rooms.fields import LineField


def validate_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise ValidationError(
            _("Unknown time zone, for example Europe/Berlin."), code="unknown_zone"
        ) from error


LONGEST_REMINDER = 60


def days_in(text: str) -> list[int]:
    """Return the numbers of a list such as `7, 1`, the largest first; raises ValueError where one is none."""
    return sorted({int(part) for part in text.split(",") if part.strip()}, reverse=True)


def validate_days(text: str) -> None:
    try:
        days = days_in(text)
    except ValueError as error:
        raise ValidationError(
            _("Please enter numbers of days separated by commas, for example 7, 1."), code="invalid_days"
        ) from error
    if any(not 1 <= number <= LONGEST_REMINDER for number in days):
        raise ValidationError(_("Please enter days from 1 to 60."), code="invalid_days")


class PlanModel(models.Model):
    """A row that decides what is bookable or shown: saving or deleting it raises the plan version.

    Pages are cached under the plan version, so a change that did not raise it would show a lie.
    """

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)
            raise_plan_version(self.plan_house_id())

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            house_id = self.plan_house_id()
            deleted = super().delete(*args, **kwargs)
            raise_plan_version(house_id)
            return deleted

    def plan_house_id(self) -> int:
        return self.house_id  # type: ignore[attr-defined]


def raise_plan_version(house_id: int) -> None:
    """Say that what is bookable or shown in the house changes with the current transaction."""
    House.objects.filter(pk=house_id).update(plan_version=F("plan_version") + 1)


class House(models.Model):
    """A building with rooms, its contact and its policy."""

    name = LineField(_("name"), max_length=120)
    slug = models.SlugField(_("short name in addresses"), unique=True)
    operator = LineField(_("operated by"), max_length=200, blank=True)
    street = LineField(_("street and number"), max_length=120, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=10, blank=True)
    city = LineField(_("town"), max_length=120, blank=True)
    contact_name = LineField(
        _("contact"), max_length=120, blank=True, help_text=_("A function, for example Quartiersmanagement.")
    )
    phone = LineField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    introduction = models.TextField(
        _("introduction"), blank=True, help_text=_("Two or three sentences on the home page.")
    )
    time_zone = models.CharField(
        _("time zone"), max_length=50, default="Europe/Berlin", validators=[validate_zone]
    )
    holiday_region = models.CharField(
        _("holiday region"), max_length=10, default="NW", help_text=_("NW is North Rhine-Westphalia.")
    )
    reference_prefix = models.CharField(
        _("prefix of references"),
        max_length=8,
        default="HdB",
        unique=True,
        validators=[RegexValidator(r"^[A-Za-z0-9-]+\Z", _("Only letters, digits and hyphens."))],
        help_text=_("As in HdB-2027-0042. Each house has its own."),
    )
    max_persons = models.PositiveIntegerField(
        _("largest number of persons at once"),
        null=True,
        blank=True,
        help_text=_("In the whole house, all bookings together. Empty: no limit."),
    )
    lead_hours = models.PositiveIntegerField(
        _("lead time in hours"),
        default=24,
        help_text=_("A request comes at least this long before its start."),
    )
    horizon_days = models.PositiveIntegerField(
        _("horizon in days"), default=540, help_text=_("How far ahead rooms can be asked for.")
    )
    max_dates = models.PositiveIntegerField(
        _("largest number of dates of one request"), default=250, validators=[MinValueValidator(1)]
    )
    shift_minutes = models.PositiveIntegerField(
        _("shift of a date in minutes"),
        default=30,
        help_text=_(
            "Where a date of a series is not free, a start up to so much earlier or later is proposed."
        ),
    )
    min_minutes = models.PositiveIntegerField(_("shortest duration in minutes"), default=30)
    max_minutes = models.PositiveIntegerField(_("longest duration in minutes"), default=14 * 60)
    grid_minutes = models.PositiveIntegerField(
        _("grid in minutes"),
        default=15,
        validators=[MinValueValidator(1)],
        help_text=_("Times start and end on this grid."),
    )
    setup_minutes = models.PositiveIntegerField(_("set-up time in minutes"), default=15)
    teardown_minutes = models.PositiveIntegerField(_("tear-down time in minutes"), default=15)
    answer_days = models.PositiveIntegerField(
        _("promised answer in working days"), default=3, help_text=_("Told in the receipt of a request.")
    )
    closed_on_public_holidays = models.BooleanField(
        _("closed on public holidays"),
        default=False,
        help_text=_("The holidays are those of the list of holidays, which staff may change."),
    )
    closed_in_school_holidays = models.BooleanField(_("closed in school holidays"), default=False)
    quiet_from = models.TimeField(
        _("night rest from"),
        default=time(22),
        help_text=_("Who asks for a louder event in the night is warned. Twice the same time: none."),
    )
    quiet_until = models.TimeField(_("night rest until"), default=time(6))
    mails_from = models.TimeField(
        _("planned mails from"),
        default=time(8),
        help_text=_("Reminders, overviews, questions and the digest for staff go out at this time of day."),
    )
    reminder_days = models.CharField(
        _("reminder, days before"),
        max_length=20,
        default="7, 1",
        blank=True,
        validators=[validate_days],
        help_text=_(
            "For bookings with one or two dates. Several numbers are separated by commas. Empty: none."
        ),
    )
    overview_days = models.PositiveSmallIntegerField(
        _("overview of a month, days before it"),
        default=5,
        null=True,
        blank=True,
        validators=[MaxValueValidator(28)],
        help_text=_("For series, in place of reminders. Empty: none."),
    )
    series_end_weeks = models.PositiveSmallIntegerField(
        _("end of a series, weeks before"),
        default=8,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(52)],
        help_text=_("So that there is time to ask for the next year. Empty: no notice."),
    )
    caretaker_plan_from = models.TimeField(
        _("plan for caretakers from"),
        default=time(16),
        null=True,
        blank=True,
        help_text=_("On the day before. What changes afterwards is told at once. Empty: no plan is sent."),
    )
    ask_days = models.PositiveSmallIntegerField(
        _("“Does your date take place?”, days before"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(7)],
        help_text=_(
            "A mail before each date of a long series. “No” frees the room at once. Empty: no question."
        ),
    )
    ask_from_dates = models.PositiveSmallIntegerField(
        _("only for series of at least so many dates"), default=8, validators=[MinValueValidator(2)]
    )
    plan_version = models.PositiveBigIntegerField(default=0, editable=False)
    calendar = models.OneToOneField(
        "schedule.Calendar", on_delete=models.PROTECT, null=True, blank=True, editable=False
    )

    class Meta:
        verbose_name = _("house")
        verbose_name_plural = _("houses")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save all but the plan version, which only ever rises: a form may hold an old one."""
        is_new = self._state.adding
        if not is_new and kwargs.get("update_fields") is None:
            kwargs["update_fields"] = [
                field.name for field in self._meta.concrete_fields if field.name not in {"id", "plan_version"}
            ]
        with transaction.atomic():
            super().save(*args, **kwargs)
            if not is_new:
                raise_plan_version(self.pk)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def reminders(self) -> list[int]:
        """How many days before a date its reminders go out, the earliest first."""
        return days_in(self.reminder_days)


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
    picture = models.ImageField(_("picture"), upload_to="rooms/", blank=True)
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


class OpeningHours(PlanModel):
    """One span of a weekly timetable of the house, or of one room that has its own.

    The rows with the same validity form one timetable. On a day the valid timetable that
    started last holds, alone: a summer timetable without a Sunday means closed on Sundays.
    A room with a timetable of its own that is valid on the day does not follow the house's.
    """

    house = models.ForeignKey(
        House, on_delete=models.CASCADE, verbose_name=_("house"), related_name="opening_hours"
    )
    room = models.ForeignKey(
        Room,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("room"),
        related_name="opening_hours",
        help_text=_("Empty: for the whole house."),
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    opens_at = models.TimeField(_("opens at"))
    closes_at = models.TimeField(_("closes at"), help_text=_("00:00 means midnight at the end of the day."))
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(
        _("valid until"), null=True, blank=True, help_text=_("The last day, included. Empty: without end.")
    )

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")) | Q(closes_at="00:00"),
                name="opening_hours_close_after_opening",
                violation_error_message=_("The house closes after it opens."),
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")) | Q(valid_until=None) | Q(valid_from=None),
                name="opening_hours_valid_until_after_from",
                violation_error_message=_("The last day is not before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens_at:%H:%M}–{self.closes_at:%H:%M}"


class Closure(PlanModel):
    """Time in which the house, or some of its rooms, cannot be booked."""

    house = models.ForeignKey(
        House, on_delete=models.CASCADE, verbose_name=_("house"), related_name="closures"
    )
    rooms = models.ManyToManyField(
        Room,
        blank=True,
        verbose_name=_("rooms"),
        related_name="closures",
        help_text=_("Empty: the whole house."),
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    reason = LineField(
        _("reason"), max_length=120, help_text=_("Shown to everybody, also on the display: no personal data.")
    )
    origin = models.CharField(_("origin"), max_length=20, choices=ClosureOrigin, default=ClosureOrigin.MANUAL)

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        indexes: ClassVar = [models.Index(fields=["house", "ends_at"], name="closure_house_ends_at")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="closure_ends_after_start",
                violation_error_message=_("A closure ends after it starts."),
            )
        ]

    def __str__(self) -> str:
        return self.reason


class Holiday(PlanModel):
    """A public holiday, or days without school: what series may pause on."""

    house = models.ForeignKey(
        House, on_delete=models.CASCADE, verbose_name=_("house"), related_name="holidays"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=HolidayKind)
    name = LineField(
        _("name"), max_length=80, help_text=_("For example: Osterferien, or movable day off school.")
    )
    first_date = models.DateField(_("first day"))
    last_date = models.DateField(_("last day"), help_text=_("Included."))

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        indexes: ClassVar = [models.Index(fields=["house", "last_date"], name="holiday_house_last_date")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(last_date__gte=F("first_date")),
                name="holiday_last_day_after_first",
                violation_error_message=_("The last day is not before the first."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class HolidayCoverage(models.Model):
    """From when until when holidays of one kind are known; what lies outside is unknown, not free."""

    house = models.ForeignKey(House, on_delete=models.CASCADE, related_name="holiday_coverage")
    kind = models.CharField(max_length=10, choices=HolidayKind)
    first_date = models.DateField()
    last_date = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["house", "kind"], name="holiday_coverage_unique_per_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.first_date}–{self.last_date}"


class HouseRules(models.Model):
    """One version of the rules that applicants accept; a request stores which one."""

    house = models.ForeignKey(
        House, on_delete=models.CASCADE, verbose_name=_("house"), related_name="house_rules"
    )
    version = models.CharField(_("version"), max_length=20, help_text=_("For example 2027-01."))
    text = models.TextField(_("text"))
    valid_from = models.DateField(_("valid from"))

    class Meta:
        verbose_name = _("house rules")
        verbose_name_plural = _("house rules")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["house", "version"], name="house_rules_version_unique_in_house")
        ]

    def __str__(self) -> str:
        return self.version


class HousePage(models.Model):
    """A text of the house that the law asks for, such as the imprint."""

    house = models.ForeignKey(House, on_delete=models.CASCADE, verbose_name=_("house"), related_name="pages")
    kind = models.CharField(_("kind"), max_length=20, choices=PageKind)
    text = models.TextField(
        _("text"), help_text=_("Blank lines separate paragraphs; a line starting with # is a heading.")
    )

    class Meta:
        verbose_name = _("page of the house")
        verbose_name_plural = _("pages of the house")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["house", "kind"], name="page_kind_unique_in_house")
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
