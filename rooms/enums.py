"""The fixed words of rooms and rules."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Layout(models.TextChoices):
    """A way to seat people; how many fit depends on it."""

    ROWS = "rows", _("rows of chairs")
    TABLES = "tables", _("groups of tables")
    CLASSROOM = "classroom", _("parliament seating")
    U_SHAPE = "u_shape", _("U-shape")
    CIRCLE = "circle", _("circle of chairs")
    STANDING = "standing", _("standing, no seats")


class Weekday(models.IntegerChoices):
    """Monday is 0, as in datetime.date.weekday()."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class ClosureOrigin(models.TextChoices):
    MANUAL = "manual", _("entered by staff")
    PUBLIC_HOLIDAY = "public_holiday", _("public holiday")
    SCHOOL_HOLIDAY = "school_holiday", _("school holidays")


class Severity(models.TextChoices):
    """What a broken rule means for a wish, and who may override it."""

    WARNING = "warning", _("worth knowing, stops nothing")
    STAFF = "staff", _("staff may override")
    NOBODY = "nobody", _("nobody may override")


class Activity(models.TextChoices):
    """How much an event is heard and seen, which decides what night rest and silent days say to it."""

    QUIET = "quiet", _("quiet, such as a meeting or a course")
    SOCIAL = "social", _("people in company, not public entertainment")
    ENTERTAINMENT = "entertainment", _("public entertainment")
    MARKET = "market", _("market")
    SPORT = "sport", _("sport")


class PageKind(models.TextChoices):
    IMPRINT = "imprint", _("Imprint")
    PRIVACY = "privacy", _("Privacy notice")
    ACCESSIBILITY = "accessibility", _("Accessibility statement")
    EASY_LANGUAGE = "easy_language", _("Easy language")


class HolidayKind(models.TextChoices):
    """The words of the `holidays` package's categories."""

    PUBLIC = "public", _("public holiday")
    SCHOOL = "school", _("school holidays")
