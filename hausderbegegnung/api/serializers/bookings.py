"""What a request says, what a decision says, and what its people and staff read of a booking."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bookings.availability.wishes import LONGEST_REQUEST
from bookings.date_facts import BookedDate
from bookings.enums import (
    AssociationKind,
    BookingKind,
    BookingStatus,
    SkippedBecause,
    SlotStatus,
    Verb,
    Visibility,
)
from bookings.errors import PeriodTooLong
from bookings.models import Booking
from bookings.series.pattern import rrule_of
from bookings.series.stored import series_of
from bookings.series.wording import describe
from hausderbegegnung.api.serializers.fields import MOST_MINUTES, InstantField
from hausderbegegnung.api.serializers.series import (
    MOST_BY_HAND,
    SeriesSerializer,
    StoredSeriesSerializer,
    WantedDateSerializer,
)
from rooms.enums import Layout
from rooms.facts import house_facts

MOST_PERSONS = 100_000
ONE_MINUTE = timedelta(minutes=1)
MOST_DATES = 100


def override_reason_field() -> serializers.CharField:
    """Return the field for why rules are set aside; the service asks for it with `override`."""
    return serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        help_text="Why rules are set aside; needed with `override`.",
    )


class BookingRequestSerializer(serializers.Serializer):
    """A request for one or more dates, named one by one or as a series."""

    house = serializers.SlugField(required=False, default="", help_text="The only house need not be named.")
    dates = WantedDateSerializer(  # type: ignore[call-arg]
        many=True,
        required=False,
        default=list,
        allow_empty=False,
        max_length=MOST_DATES,
        help_text="Needed without `series`; beside it the first date alone.",
    )
    series = SeriesSerializer(required=False, allow_null=True, default=None)
    accept_plan = serializers.BooleanField(
        required=False, default=False, help_text="Of a series: take what the plan proposes for every date."
    )
    choices = serializers.DictField(
        child=serializers.CharField(max_length=200),
        required=False,
        default=dict,
        help_text="Of a series: what becomes of single dates, their `key` with the `token` of a proposal.",
    )
    skipped = serializers.ListField(
        child=serializers.CharField(max_length=30),
        required=False,
        default=list,
        max_length=MOST_BY_HAND,
        help_text="Of a series: the `key` of dates that are left out.",
    )
    association = serializers.CharField(
        max_length=160,
        required=False,
        default="",
        help_text="The name of an association you act for (staff: of any), or a new one.",
    )
    association_number = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        help_text="In place of `association`: its `number` in your bookings, where several have the name.",
    )
    association_kind = serializers.ChoiceField(
        AssociationKind.choices, required=False, default="", help_text="Needed for a new association."
    )
    contact_name = serializers.CharField(max_length=150)
    contact_email = serializers.EmailField(
        max_length=254,
        required=False,
        allow_blank=True,
        default="",
        help_text="Your own address, also where you send none; staff: of anybody, or none.",
    )
    contact_phone = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    language = serializers.ChoiceField(settings.LANGUAGES, required=False, default="de")
    kind = serializers.ChoiceField(BookingKind.choices)
    title = serializers.CharField(max_length=120)
    display_title = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    visibility = serializers.ChoiceField(
        Visibility.choices, required=False, default="", help_text="Without it, what is usual for the kind."
    )
    purpose = serializers.CharField(max_length=5000, required=False, allow_blank=True, default="")
    persons = serializers.IntegerField(min_value=1, max_value=MOST_PERSONS, help_text="At once.")
    persons_total = serializers.IntegerField(
        min_value=1, max_value=MOST_PERSONS, required=False, allow_null=True, default=None
    )
    layout = serializers.ChoiceField(Layout.choices, required=False, allow_blank=True, default="")
    equipment = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, default=list, help_text="Names."
    )
    remarks = serializers.CharField(max_length=5000, required=False, allow_blank=True, default="")
    house_rules = serializers.CharField(
        max_length=20, required=False, default="", help_text="The version that was accepted."
    )
    submission_key = serializers.UUIDField(
        required=False, help_text="The same request again with its key gives the same booking."
    )
    override = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Staff: ask although rules are broken that staff may override.",
    )
    override_reason = override_reason_field()

    def validate_dates(self, dates: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if dates:
            first, last = min(date["starts_at"] for date in dates), max(date["ends_at"] for date in dates)
            if last - first > LONGEST_REQUEST:
                raise serializers.ValidationError(PeriodTooLong.sentence, code=PeriodTooLong.code)
        return dates

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        errors = {}
        if not attrs["dates"] and attrs["series"] is None:
            errors["dates"] = [serializers.ErrorDetail(str(_("Please name a date.")), code="required")]
        if bool(attrs["association"]) == (attrs["association_number"] is not None):
            sentence = _("Please say for whom you ask, by `association` or by `association_number`.")
            errors["association"] = [serializers.ErrorDetail(str(sentence), code="required")]
        if errors:
            raise serializers.ValidationError(errors)
        return attrs


class VersionedSerializer(serializers.Serializer):
    """What every verb may say."""

    version = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Of the booking as it was read; 409 `stale` where it has another one by now.",
    )


class DecisionSerializer(VersionedSerializer):
    """A verb about all dates of a booking, or about some."""

    dates = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        allow_empty=False,
        help_text="The `uid` of the dates it is about; without it all that the verb can be about.",
    )


class NoteSerializer(DecisionSerializer):
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class ReasonedSerializer(DecisionSerializer):
    reason = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, default="", help_text="Told to the applicant."
    )


class BufferSerializer(serializers.Serializer):
    date = serializers.UUIDField()
    setup_minutes = serializers.IntegerField(min_value=0, max_value=MOST_MINUTES)
    teardown_minutes = serializers.IntegerField(min_value=0, max_value=MOST_MINUTES)


class ApprovalSerializer(NoteSerializer):
    buffers = BufferSerializer(
        many=True, required=False, default=list, help_text="Other set-up and tear-down times for some dates."
    )
    override = serializers.BooleanField(
        required=False, default=False, help_text="Approve although rules are broken that staff may override."
    )
    override_reason = override_reason_field()


def uids(help_text: str) -> serializers.ListField:
    """Return a field for the dates that one part of a verb is about."""
    return serializers.ListField(
        child=serializers.UUIDField(), required=False, default=list, help_text=help_text
    )


class DecideSerializer(VersionedSerializer):
    """Answers date by date: what is in neither list stays open."""

    approve = uids("The `uid` of the dates to approve.")
    reject = uids("The `uid` of the dates to reject; needs a reason.")
    reason = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, default="", help_text="Why dates are rejected."
    )
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    buffers = BufferSerializer(
        many=True, required=False, default=list, help_text="Other set-up and tear-down times for some dates."
    )
    override = serializers.BooleanField(
        required=False, default=False, help_text="Approve although rules are broken that staff may override."
    )
    override_reason = override_reason_field()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["approve"] and not attrs["reject"]:
            sentence = str(_("Please name at least one date."))
            raise serializers.ValidationError({"approve": serializers.ErrorDetail(sentence, code="empty")})
        return attrs


class MovedDateSerializer(WantedDateSerializer):
    """Where and when a date is to be instead; set-up and tear-down not named stay as they are."""

    date = serializers.UUIDField(help_text="The `uid` of the date.")


class MoveSerializer(VersionedSerializer):
    moves = MovedDateSerializer(many=True, allow_empty=False, max_length=MOST_DATES)  # type: ignore[call-arg]
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    override = serializers.BooleanField(
        required=False, default=False, help_text="Move although rules are broken that staff may override."
    )
    override_reason = override_reason_field()


class AddSerializer(VersionedSerializer):
    dates = WantedDateSerializer(many=True, allow_empty=False, max_length=MOST_DATES)  # type: ignore[call-arg]
    override = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Staff: add although rules are broken that staff may override.",
    )
    override_reason = override_reason_field()


class AssociationSerializer(serializers.Serializer):
    number = serializers.IntegerField(source="pk", help_text="Tells associations of one name apart.")
    name = serializers.CharField()
    kind = serializers.ChoiceField(AssociationKind.choices)


class ContactSerializer(serializers.Serializer):
    name = serializers.CharField(source="contact_name")
    email = serializers.CharField(source="contact_email")
    phone = serializers.CharField(source="contact_phone")


class DateSerializer(serializers.Serializer):
    """One date of a booking; the gross time, with set-up and tear-down, is what blocks the rooms."""

    uid = serializers.UUIDField()
    status = serializers.ChoiceField(SlotStatus.choices)
    rooms = serializers.ListField(child=serializers.CharField())
    starts_at = InstantField()
    ends_at = InstantField()
    gross_starts_at = InstantField()
    gross_ends_at = InstantField()
    setup_minutes = serializers.IntegerField()
    teardown_minutes = serializers.IntegerField()
    reason = serializers.CharField(
        help_text="Why it was rejected, revoked or cancelled, as somebody wrote it."
    )
    skipped_because = serializers.ChoiceField(
        SkippedBecause.choices, allow_blank=True, help_text="Of a skipped date: why it is."
    )
    skipped_day_name = serializers.CharField(help_text="The holiday it is skipped for.")
    replaced_by = serializers.CharField(
        allow_null=True, help_text="The booking whose change has taken its place."
    )
    replaces = serializers.UUIDField(
        allow_null=True,
        help_text="Of a change: the date of the other booking whose place it takes when it is approved.",
    )

    def to_representation(self, instance: BookedDate) -> dict[str, Any]:
        # Put together here: a booking may have hundreds of dates.
        zone = self.context["zone"]
        times = {
            name: getattr(instance, name).astimezone(zone).isoformat()
            for name in ("starts_at", "ends_at", "gross_starts_at", "gross_ends_at")
        }
        return {
            "uid": str(instance.uid),
            "status": instance.status,
            "rooms": sorted(slug for slug, _name in instance.rooms),
            **times,
            "setup_minutes": (instance.starts_at - instance.gross_starts_at) // ONE_MINUTE,
            "teardown_minutes": (instance.gross_ends_at - instance.ends_at) // ONE_MINUTE,
            "reason": instance.reason,
            "skipped_because": instance.skip.because.value if instance.skip else "",
            "skipped_day_name": instance.skip.day_name if instance.skip else "",
            "replaced_by": instance.replaced_by or None,
            "replaces": str(instance.replaces) if instance.replaces else None,
        }


class BookingSerializer(serializers.Serializer):
    """A booking, for its own people and for staff."""

    reference = serializers.CharField()
    house = serializers.SlugField(source="house.slug")
    status = serializers.ChoiceField(BookingStatus.choices)
    version = serializers.IntegerField()
    association = AssociationSerializer()
    contact = ContactSerializer(source="*")
    language = serializers.CharField()
    kind = serializers.ChoiceField(BookingKind.choices)
    title = serializers.CharField()
    display_title = serializers.CharField()
    visibility = serializers.ChoiceField(Visibility.choices)
    purpose = serializers.CharField()
    persons = serializers.IntegerField()
    persons_total = serializers.IntegerField(allow_null=True)
    layout = serializers.ChoiceField(Layout.choices, allow_blank=True)
    equipment = serializers.SerializerMethodField()
    remarks = serializers.CharField()
    house_rules = serializers.SerializerMethodField()
    replaces = serializers.CharField(source="replaces.reference", default=None, allow_null=True)
    received_at = InstantField()
    decided_at = InstantField(allow_null=True)
    series = serializers.SerializerMethodField()
    dates = DateSerializer(many=True)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_equipment(self, booking: Booking) -> list[str]:
        equipment = self.context["facts"].equipment
        return sorted(item.name for item in equipment if item.id in booking.equipment_ids)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_house_rules(self, booking: Booking) -> str | None:
        house_rules = self.context["facts"].house_rules
        return next((rules.version for rules in house_rules if rules.id == booking.house_rules_id), None)

    @extend_schema_field(StoredSeriesSerializer(allow_null=True))
    def get_series(self, booking: Booking) -> dict[str, Any] | None:
        """How the dates came about, where they repeat."""
        series = series_of(booking)
        if series is None or series.pattern is None:
            return None
        return {
            "words": describe(series),
            "rrule": rrule_of(series.pattern),
            "starts_at": f"{series.starts:%Y-%m-%dT%H:%M}",
            "ends_at": f"{series.ends:%Y-%m-%dT%H:%M}",
            "skip_public": series.skip_public,
            "school": series.school,
        }

    def to_representation(self, instance: Booking) -> dict[str, Any]:
        # A page of bookings may be of several houses, each with rooms and a clock of its own.
        context: Any = self.context
        houses = context.setdefault("houses", {})
        if instance.house_id not in houses:
            houses[instance.house_id] = house_facts(instance.house)
        context["facts"] = houses[instance.house_id]
        context["zone"] = context["facts"].zone
        return super().to_representation(instance)


class HistorySerializer(serializers.Serializer):
    """One line of what happened; `date` is the uid of one date, or null for the whole booking."""

    verb = serializers.ChoiceField(Verb.choices)
    from_status = serializers.CharField()
    to_status = serializers.CharField()
    by = serializers.CharField(source="actor_kind", help_text="staff, applicant, link or system.")
    date = serializers.UUIDField(source="slot.uid", default=None, allow_null=True)
    note = serializers.CharField()
    at = InstantField()


class BookingDetailSerializer(BookingSerializer):
    dropped_dates = serializers.ListField(
        child=serializers.UUIDField(),
        help_text="Of a change: the dates of the other booking that no date `replaces`; they are cancelled "
        "when no date of the change is pending any more and at least one is approved.",
    )
    history = HistorySerializer(many=True)


class BookingPageSerializer(serializers.Serializer):
    """A page of a list of bookings."""

    count = serializers.IntegerField(help_text="Of all pages together.")
    next = serializers.URLField(allow_null=True, help_text="The address of the next page.")
    previous = serializers.URLField(allow_null=True)
    results = BookingSerializer(many=True)
