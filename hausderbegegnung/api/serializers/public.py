"""What everybody may read: the house, its rooms, when they are free, and what is on.

Every field is named one by one, so that nothing of a booking gets out by accident.
"""

from collections.abc import Mapping
from datetime import date as Date  # noqa: N812 - a field below is called date
from typing import Any

from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bookings.availability.snapshot import Block
from bookings.enums import BookingKind
from hausderbegegnung.api.serializers.fields import (
    EARLIEST,
    LATEST,
    DateWithBuffersSerializer,
    InstantField,
    NamesField,
    NamesOfField,
)
from rooms.enums import Layout, Weekday
from rooms.intervals import Interval


def _times(interval: Interval, context: Mapping[str, Any]) -> dict[str, str]:
    zone = context.get("zone") or get_current_timezone()
    return {
        "starts_at": interval.start.astimezone(zone).isoformat(),
        "ends_at": interval.end.astimezone(zone).isoformat(),
    }


class IntervalSerializer(serializers.Serializer):
    """A half-open interval of time."""

    starts_at = InstantField(source="start")
    ends_at = InstantField(source="end")

    def to_representation(self, instance: Interval) -> dict[str, Any]:
        # An answer holds hundreds of these; field by field they take as long as all the rest of it.
        return _times(instance, self.context)


@extend_schema_field({"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$", "examples": ["08:00"]})
class ClockTimeField(serializers.TimeField):
    """A time on the clocks of the house: OpenAPI's format `time` would ask for seconds and an offset."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%H:%M", **options)


class OpeningHoursSerializer(serializers.Serializer):
    weekday = serializers.ChoiceField(Weekday.choices, help_text="0 is Monday.")
    opens_at = ClockTimeField()
    closes_at = ClockTimeField(help_text="00:00 is midnight at the end of the day.")
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)


class HouseRulesSerializer(serializers.Serializer):
    version = serializers.CharField()
    valid_from = serializers.DateField()
    text = serializers.CharField()


class HouseSerializer(serializers.Serializer):
    """A house with its contact and its policy."""

    slug = serializers.SlugField()
    name = serializers.CharField()
    operator = serializers.CharField()
    street = serializers.CharField()
    postal_code = serializers.CharField()
    city = serializers.CharField()
    contact_name = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()
    introduction = serializers.CharField()
    time_zone = serializers.CharField()
    max_persons = serializers.IntegerField(allow_null=True, help_text="In the whole house at once.")
    lead_hours = serializers.IntegerField()
    horizon_days = serializers.IntegerField()
    min_minutes = serializers.IntegerField()
    max_minutes = serializers.IntegerField()
    grid_minutes = serializers.IntegerField()
    setup_minutes = serializers.IntegerField()
    teardown_minutes = serializers.IntegerField()
    answer_days = serializers.IntegerField(help_text="Promised answer, in working days.")
    opening_hours = OpeningHoursSerializer(many=True, source="house_hours")
    house_rules = HouseRulesSerializer(allow_null=True, source="valid_rules")


class SeatingLayoutSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(Layout.choices)
    label = serializers.CharField(source="get_kind_display")  # type: ignore[assignment]
    capacity = serializers.IntegerField()


class AccessSerializer(serializers.Serializer):
    step_free = serializers.BooleanField()
    hearing_loop = serializers.BooleanField()
    accessible_toilet = serializers.BooleanField()


class RoomSerializer(serializers.Serializer):
    """A room; one with `parts` is a combination that occupies each of them."""

    slug = serializers.SlugField()
    name = serializers.CharField()
    description = serializers.CharField()
    area_m2 = serializers.IntegerField(allow_null=True)
    floor = serializers.CharField()
    wayfinding = serializers.CharField()
    access = AccessSerializer(source="*")
    parts = NamesOfField("slug")
    part_of = NamesOfField("slug", source="combinations")
    layouts = SeatingLayoutSerializer(many=True)
    equipment = NamesOfField("name")
    opening_hours = OpeningHoursSerializer(
        many=True, help_text="Of its own; empty where the hours of the house hold."
    )
    picture = serializers.ImageField(allow_null=True)
    picture_description = serializers.CharField()


class HouseQuery(serializers.Serializer):
    house = serializers.SlugField(
        required=False, default="", help_text="The slug; the only house need not be named."
    )


class AvailabilityQuery(HouseQuery):
    rooms = NamesField(required=False, help_text="Slugs with commas between; without it all rooms.")

    def get_fields(self) -> dict[str, Any]:
        return {
            **super().get_fields(),
            "from": InstantField(help_text="The start of the period."),
            "to": InstantField(help_text="Its end; at most 62 days later."),
        }


class BlockSerializer(serializers.Serializer):
    """Why a room is not free; the label is what everybody may read."""

    starts_at = InstantField(source="interval.start")
    ends_at = InstantField(source="interval.end")
    kind = serializers.ChoiceField([("closure", _("closure")), ("booking", _("booking"))])
    label = serializers.CharField()  # type: ignore[assignment]

    def to_representation(self, instance: Block) -> dict[str, Any]:
        return {**_times(instance.interval, self.context), "kind": instance.kind, "label": instance.label}


class RoomAvailabilitySerializer(serializers.Serializer):
    room = serializers.SlugField()
    name = serializers.CharField()
    open = IntervalSerializer(many=True)
    blocks = BlockSerializer(many=True)
    free = IntervalSerializer(many=True)


class AvailabilitySerializer(serializers.Serializer):
    """When the rooms of a house are open, what blocks them, and what is left."""

    house = serializers.SlugField()
    rooms = RoomAvailabilitySerializer(many=True)


class WishSerializer(HouseQuery, DateWithBuffersSerializer):
    """A date somebody wants; set-up and tear-down not named are the rooms' own."""

    rooms = NamesField(allow_empty=False, max_length=50)
    persons = serializers.IntegerField(min_value=1, max_value=100_000, default=1)
    layout = serializers.ChoiceField(Layout.choices, required=False, allow_blank=True, default="")
    kind = serializers.ChoiceField(
        BookingKind.choices,
        required=False,
        allow_blank=True,
        default="",
        help_text="Of the event: night rest and silent days are warned about by kind.",
    )
    equipment = NamesField(
        required=False, default=list, max_length=50, help_text="Names: what is mobile may be taken."
    )


class ReasonSerializer(serializers.Serializer):
    """One broken rule: who may override it, and the nearest free time if one was found."""

    code = serializers.CharField()
    message = serializers.CharField()
    overridable_by = serializers.ChoiceField(
        [("nobody", _("nobody")), ("staff", _("staff")), ("anyone", _("a warning, stops nothing"))]
    )
    field = serializers.CharField(allow_null=True)
    nearest = IntervalSerializer(allow_null=True)


class VerdictSerializer(serializers.Serializer):
    """Whether a wished date is possible; `reasons` are all rules it breaks, the gravest first."""

    is_possible = serializers.BooleanField(help_text="Nothing but warnings speaks against it.")
    staff_may_override = serializers.BooleanField()
    gross = IntervalSerializer(allow_null=True, help_text="The time with set-up and tear-down.")
    reasons = ReasonSerializer(many=True)


class ScheduleQuery(HouseQuery):
    date = serializers.DateField(required=False, help_text="Without it, today in the house.")

    def validate_date(self, day: Date) -> Date:
        if not EARLIEST.date() <= day < LATEST.date():
            raise serializers.ValidationError(_("This date lies too far away."), code="out_of_range")
        return day


class ScheduleRoomSerializer(serializers.Serializer):
    slug = serializers.SlugField()
    name = serializers.CharField()
    floor = serializers.CharField()
    wayfinding = serializers.CharField()
    step_free = serializers.BooleanField()


class EntrySerializer(serializers.Serializer):
    """A date on the plan; requests and hidden dates are not on it."""

    starts_at = InstantField(source="net.start")
    ends_at = InstantField(source="net.end")
    title = serializers.CharField(help_text="“Occupied” where the title is not public.")
    organiser = serializers.CharField(allow_blank=True)
    is_called_off = serializers.BooleanField()
    rooms = ScheduleRoomSerializer(many=True)


class ScheduleClosureSerializer(serializers.Serializer):
    starts_at = InstantField(source="interval.start")
    ends_at = InstantField(source="interval.end")
    reason = serializers.CharField()
    rooms = serializers.ListField(
        child=serializers.CharField(), source="room_names", help_text="Empty: the whole house."
    )


class ScheduleSerializer(serializers.Serializer):
    """What is on in the house on one day, in the order of the starts."""

    house = serializers.SlugField()
    date = serializers.DateField(source="schedule.day")
    is_closed = serializers.BooleanField(source="schedule.is_closed")
    opening = IntervalSerializer(many=True, source="schedule.opening")
    closures = ScheduleClosureSerializer(many=True, source="schedule.closures")
    entries = EntrySerializer(many=True, source="schedule.entries")
