"""How a series is asked for, and the plan in answer: what stands, what moves, what is skipped, and why.

A series speaks of the clocks on the wall of the house, so its times carry no offset: 16:00 stays
16:00 through both clock changes.
"""

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bookings.enums import BookingKind, SchoolHolidays, SkippedBecause
from bookings.series.planner import DateState, Way
from hausderbegegnung.api.serializers.fields import (
    EARLIEST,
    LATEST,
    MOST_MINUTES,
    DateWithBuffersSerializer,
    InstantField,
)
from hausderbegegnung.api.serializers.public import HouseQuery, IntervalSerializer, ReasonSerializer
from rooms.enums import Layout

MOST_BY_HAND = 400
LOCAL_TIME = {"type": "string", "examples": ["2027-04-20T16:00"]}
DAY_OR_LOCAL_TIME = {"type": "string", "examples": ["2027-05-06"]}


@extend_schema_field(LOCAL_TIME)
class LocalTimeField(serializers.DateTimeField):
    """A time by the clocks of the house, without an offset."""

    default_error_messages = {
        "aware": _("A series goes by the clocks of the house: please send its times without an offset."),
        "out_of_range": _("This date lies too far away."),
    }

    def to_internal_value(self, value: Any) -> Any:
        if isinstance(value, str) and "T" not in value.upper():
            self.fail("invalid", format="YYYY-MM-DDThh:mm")
        return super().to_internal_value(value)

    def enforce_timezone(self, value: datetime) -> datetime:
        if timezone.is_aware(value):
            self.fail("aware")
        if not EARLIEST <= value.replace(tzinfo=UTC) < LATEST:
            self.fail("out_of_range")
        return value

    def to_representation(self, value: datetime) -> str:
        return f"{value:%Y-%m-%dT%H:%M}"


@extend_schema_field(DAY_OR_LOCAL_TIME)
class DayOrTimeField(LocalTimeField):
    """A day, or the start of one date."""

    def to_internal_value(self, value: Any) -> Any:
        if isinstance(value, str) and "T" not in value.upper():
            return serializers.DateField().to_internal_value(value)
        return super().to_internal_value(value)


class SlugsField(serializers.ListField):
    """The rooms of a date."""

    child = serializers.CharField(max_length=50)

    def __init__(self, *, required: bool = True) -> None:
        super().__init__(required=required, allow_empty=False, max_length=50, help_text="Slugs.")


class WantedDateSerializer(DateWithBuffersSerializer):
    """One date that is asked for; set-up and tear-down not named are the rooms' own."""

    rooms = SlugsField()


class SeriesSerializer(serializers.Serializer):
    """How the dates repeat. Rooms, times and buffers are of the first date, unless that stands in `dates`."""

    rooms = SlugsField(required=False)
    starts_at = LocalTimeField(required=False)
    ends_at = LocalTimeField(required=False, help_text="Within 24 hours.")
    setup_minutes = serializers.IntegerField(
        min_value=0, max_value=MOST_MINUTES, required=False, allow_null=True, default=None
    )
    teardown_minutes = serializers.IntegerField(
        min_value=0, max_value=MOST_MINUTES, required=False, allow_null=True, default=None
    )
    rrule = serializers.CharField(
        max_length=500,
        help_text="RFC 5545, such as `FREQ=WEEKLY;BYDAY=TU,TH`; what it cannot say is refused.",
    )
    until = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="The last day, where `rrule` names no end."
    )
    skip_public = serializers.BooleanField(required=False, default=False, help_text="Not on public holidays.")
    school = serializers.ChoiceField(SchoolHolidays.choices, required=False, default=SchoolHolidays.IGNORED)
    exdates = serializers.ListField(
        child=DayOrTimeField(), required=False, default=list, max_length=MOST_BY_HAND,
        help_text="Days, or starts, that are left out.",
    )  # fmt: skip
    rdates = serializers.ListField(
        child=LocalTimeField(), required=False, default=list, max_length=MOST_BY_HAND,
        help_text="Starts of further dates of the same length; they stand on holidays, too.",
    )  # fmt: skip


class SeriesCheckSerializer(HouseQuery):
    """What a series is to be checked for."""

    series = SeriesSerializer()
    dates = WantedDateSerializer(
        many=True, required=False, default=list, max_length=1, help_text="The first date, if not in `series`."
    )  # type: ignore[call-arg]
    persons = serializers.IntegerField(min_value=1, max_value=100_000, required=False, default=1)
    layout = serializers.ChoiceField(Layout.choices, required=False, allow_blank=True, default="")
    kind = serializers.ChoiceField(BookingKind.choices, required=False, allow_blank=True, default="")
    equipment = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, default=list, help_text="Names."
    )


class ProposalSerializer(serializers.Serializer):
    """One way out for a date that cannot stand; the cheapest comes first, leaving it out last."""

    way = serializers.ChoiceField(Way.choices)
    token = serializers.CharField(help_text="Send it in `choices` to take the proposal.")
    sentence = serializers.CharField()
    starts_at = InstantField(allow_null=True)
    ends_at = InstantField(allow_null=True)
    rooms = serializers.ListField(child=serializers.CharField())


class PlannedDateSerializer(serializers.Serializer):
    key = serializers.CharField(help_text="What the date is known by in `choices` and `skipped`.")
    starts_at = InstantField()
    ends_at = InstantField()
    gross = IntervalSerializer(help_text="The time with set-up and tear-down.")
    rooms = serializers.ListField(child=serializers.CharField())
    state = serializers.ChoiceField(DateState.choices)
    is_possible = serializers.BooleanField(help_text="It can be asked for as it is.")
    staff_may_override = serializers.BooleanField()
    skipped_because = serializers.ChoiceField(
        SkippedBecause.choices, allow_blank=True, help_text="Why the series skips it; empty if it does not."
    )
    skipped_sentence = serializers.CharField(help_text="The same in words, with the name of the holiday.")
    reasons = ReasonSerializer(many=True)
    proposals = ProposalSerializer(many=True)
    chosen = serializers.CharField(help_text="The token of what the plan makes of it.")


class PlanCountsSerializer(serializers.Serializer):
    dates = serializers.IntegerField()
    skipped = serializers.IntegerField()
    free = serializers.IntegerField(help_text="They can be asked for as they are.")
    open = serializers.IntegerField(help_text="They cannot; for each of them something has to be chosen.")
    proposed = serializers.IntegerField(help_text="The open ones that need not be left out.")


class SeriesPlanSerializer(serializers.Serializer):
    """The complete plan of a series."""

    words = serializers.CharField()
    counts = PlanCountsSerializer()
    notes = ReasonSerializer(many=True)
    dates = PlannedDateSerializer(many=True)


class StoredSeriesSerializer(serializers.Serializer):
    """How the dates of a booking came about; the dates themselves are what holds."""

    words = serializers.CharField()
    rrule = serializers.CharField()
    starts_at = LocalTimeField(help_text="The date the pattern starts from.")
    ends_at = LocalTimeField()
    skip_public = serializers.BooleanField()
    school = serializers.ChoiceField(SchoolHolidays.choices)
