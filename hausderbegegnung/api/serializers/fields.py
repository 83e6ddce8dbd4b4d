"""How instants are read and written: ISO 8601 with an offset, never without."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from bookings.occupancy.guard import MAX_DAYS

# An offset after an unescaped "+", which an address turns into a space.
LOST_PLUS = re.compile(r" (\d\d:?\d\d)$")
MOST_MINUTES = 7 * 24 * 60
LONGEST = timedelta(days=MAX_DAYS)
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class InstantField(serializers.DateTimeField):
    """An instant; shown in the zone of the serializer's context, else in that of the site."""

    default_error_messages = {
        "naive": _("Please add the offset from UTC, as in 2027-04-20T19:30:00+02:00."),
        "out_of_range": _("This date lies too far away."),
    }

    def to_internal_value(self, value: Any) -> datetime:
        if isinstance(value, str):
            value = LOST_PLUS.sub(r"+\1", value)
        return super().to_internal_value(value)

    def enforce_timezone(self, value: datetime) -> datetime:
        if timezone.is_naive(value):
            self.fail("naive")
        if not EARLIEST <= value < LATEST:
            self.fail("out_of_range")
        return super().enforce_timezone(value)

    def to_representation(self, value: datetime) -> str:
        return value.astimezone(self.context.get("zone") or timezone.get_current_timezone()).isoformat()


class DateWithBuffersSerializer(serializers.Serializer):
    """A net time and its buffers, together not longer than the database takes.

    That also bounds the work a single question can make.
    """

    starts_at = InstantField()
    ends_at = InstantField()
    setup_minutes = serializers.IntegerField(
        min_value=0, max_value=MOST_MINUTES, required=False, allow_null=True, default=None
    )
    teardown_minutes = serializers.IntegerField(
        min_value=0, max_value=MOST_MINUTES, required=False, allow_null=True, default=None
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        buffers = timedelta(minutes=(attrs["setup_minutes"] or 0) + (attrs["teardown_minutes"] or 0))
        if attrs["ends_at"] - attrs["starts_at"] + buffers > LONGEST:
            sentence = _("With set-up and tear-down, one date lasts at most %(days)d days.") % {
                "days": LONGEST.days
            }
            raise serializers.ValidationError({"ends_at": serializers.ErrorDetail(sentence, code="too_long")})
        return attrs


class NamesField(serializers.ListField):
    """Several names: a list, or in an address one text with commas."""

    child = serializers.CharField(max_length=100)

    def get_value(self, dictionary: Any) -> Any:
        field_name = str(self.field_name)
        if not isinstance(dictionary, QueryDict) or field_name not in dictionary:
            return dictionary.get(field_name, serializers.empty)
        return [name for text in dictionary.getlist(field_name) for name in text.split(",") if name]


class NamesOfField(serializers.ListField):
    """The names of related rows, in alphabetical order; `attribute` is what they are known by."""

    child = serializers.CharField()

    def __init__(self, attribute: str, **options: Any) -> None:
        self.attribute = attribute
        super().__init__(read_only=True, **options)

    def to_representation(self, rows: Any) -> list[str]:
        return sorted(getattr(row, self.attribute) for row in rows.all())
