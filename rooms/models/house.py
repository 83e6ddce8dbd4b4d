"""A house: its contact, its policy, and the version of what is bookable and shown in it."""

from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

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
    """A row that decides what is bookable or shown: saving or deleting it raises both versions of the house.

    Pages are cached under them, so a change that did not raise them would show a lie.
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
    """Say that what is bookable or shown in the house changes with the current transaction.

    Both versions rise; where only bookings change, the lock raises the first (`bookings.services._lock`).
    """
    House.objects.filter(pk=house_id).update(
        plan_version=F("plan_version") + 1, facts_version=F("facts_version") + 1
    )


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
    # The first rises with everything that is shown, the second only where it is not a booking that changes.
    plan_version = models.PositiveBigIntegerField(default=0, editable=False)
    facts_version = models.PositiveBigIntegerField(default=0, editable=False)
    calendar = models.OneToOneField(
        "schedule.Calendar", on_delete=models.PROTECT, null=True, blank=True, editable=False
    )

    class Meta:
        verbose_name = _("house")
        verbose_name_plural = _("houses")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save all but the versions, which only ever rise: a form may hold old ones."""
        is_new = self._state.adding
        if not is_new and kwargs.get("update_fields") is None:
            kwargs["update_fields"] = [
                field.name
                for field in self._meta.concrete_fields
                if field.name not in {"id", "plan_version", "facts_version"}
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
