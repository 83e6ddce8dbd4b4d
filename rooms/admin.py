"""The pages on which staff describe the house: rooms, parts, hours, closures, rules and texts."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from rooms.admin_base import CLOCK, StaffAdmin, StaffInline, limit_to_house_of_page, opened_id
from rooms.clock import day_of
from rooms.formats import format_day, format_moment
from rooms.holidays import MOST_AHEAD, holiday_calendar, load_coming_holidays
from rooms.models import (
    Closure,
    Equipment,
    Holiday,
    House,
    HousePage,
    HouseRules,
    OpeningHours,
    Room,
    SeatingLayout,
)
from rooms.validators import CombinationFacts, PartFacts, check_parts


@admin.register(House)
class HouseAdmin(StaffAdmin):
    list_display = ("name", "street", "city", "phone", "max_persons")
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    fieldsets = (
        (None, {"fields": ("name", "slug", "operator", "introduction")}),
        (
            _("Address and contact"),
            {"fields": ("street", ("postal_code", "city"), "contact_name", ("phone", "email"))},
        ),
        (
            _("Policy"),
            {
                "description": _("What holds for every room that has no value of its own."),
                "fields": (
                    "max_persons",
                    ("lead_hours", "horizon_days"),
                    ("min_minutes", "max_minutes"),
                    ("grid_minutes", "answer_days"),
                    ("max_dates", "shift_minutes"),
                ),
            },
        ),
        (_("Set-up and tear-down"), {"fields": (("setup_minutes", "teardown_minutes"),)}),
        (
            _("Holidays and night rest"),
            {
                "fields": (
                    ("closed_on_public_holidays", "closed_in_school_holidays"),
                    ("quiet_from", "quiet_until"),
                ),
            },
        ),
        (
            _("Reminders and planned mails"),
            {
                "description": _("People may decline these mails one by one, in their account or by a link."),
                "fields": (
                    ("mails_from", "reminder_days"),
                    ("overview_days", "series_end_weeks"),
                    "caretaker_plan_from",
                    ("ask_days", "ask_from_dates"),
                ),
            },
        ),
        (_("Region and references"), {"fields": (("time_zone", "holiday_region"), "reference_prefix")}),
    )

    def save_model(self, request: HttpRequest, obj: House, form: ModelForm, change: bool) -> None:
        """A house knows its holidays from the start; of a region nobody knows none are stored."""
        super().save_model(request, obj, form, change)
        load_coming_holidays(obj, day_of(timezone.now(), obj.zone))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A house with all its rooms and bookings does not go by a click."""
        return False


@admin.register(Equipment)
class EquipmentAdmin(StaffAdmin):
    list_display = ("name", "mobile_count", "house")
    list_filter = ("house",)
    search_fields = ("name",)
    ordering = ("name",)


class RoomForm(forms.ModelForm):
    """A room; its parts are checked by the rules of rooms.validators."""

    class Meta:
        model = Room
        fields = "__all__"  # noqa: DJ007 - the admin names them

    def is_occupied(self) -> bool:
        """Whether dates name this room; rooms know of none, whoever stores dates says more."""
        return False

    def is_expected(self) -> bool:
        """Whether dates to come use this room; see `is_occupied`."""
        return False

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        house = self.cleaned_data.get("house") or getattr(self.instance, "house", None)
        if "parts" in self.cleaned_data and house:
            broken = check_parts(self._facts(house.pk, self.cleaned_data["parts"]))
            if broken:
                self.add_error(
                    "parts", [ValidationError(str(rule.message), code=rule.code) for rule in broken]
                )
        return cleaned

    def _facts(self, house_id: int, parts: QuerySet[Room]) -> CombinationFacts:
        room = self.instance
        chosen = parts.prefetch_related("parts")
        return CombinationFacts(
            room_id=room.pk,
            house_id=house_id,
            is_part=room.pk is not None and room.combinations.exists(),
            is_occupied=room.pk is not None and self.is_occupied(),
            is_expected=room.pk is not None and self.is_expected(),
            parts=tuple(
                PartFacts(room_id=part.pk, house_id=part.house_id, has_parts=bool(part.parts.all()))
                for part in chosen
            ),
            part_ids_before=frozenset(room.parts.values_list("pk", flat=True)) if room.pk else frozenset(),
        )


class SeatingLayoutInline(StaffInline):
    model = SeatingLayout


class RoomOpeningHoursInline(StaffInline):
    model = OpeningHours
    exclude = ("house",)
    verbose_name_plural = _("opening hours of its own")
    ordering = ("valid_from", "weekday", "opens_at")


@admin.register(Room)
class RoomAdmin(StaffAdmin):
    form = RoomForm
    list_display = ("name", "house", "shown_parts", "shown_layouts", "floor", "step_free", "is_active")
    list_filter = ("house", "is_active", "step_free", "hearing_loop")
    search_fields = ("name", "slug")
    ordering = ("house", "position", "name")
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    inlines = (SeatingLayoutInline, RoomOpeningHoursInline)
    fieldsets = (
        (None, {"fields": ("house", ("name", "slug"), ("position", "area_m2"), "is_active", "description")}),
        (_("Parts and equipment"), {"fields": ("parts", "equipment")}),
        (
            _("Access and way"),
            {
                "fields": (
                    ("floor", "wayfinding"),
                    "is_outdoors",
                    ("step_free", "hearing_loop", "accessible_toilet"),
                )
            },
        ),
        (_("Picture"), {"fields": ("picture", "picture_description")}),
        (
            _("Times"),
            {
                "classes": ("collapse",),
                "description": _("Leave empty what the house decides."),
                "fields": (
                    ("setup_minutes", "teardown_minutes"),
                    ("lead_hours", "horizon_days"),
                    ("min_minutes", "max_minutes"),
                    "grid_minutes",
                ),
            },
        ),
        (
            _("Holidays"),
            {
                "classes": ("collapse",),
                "fields": (("closed_on_public_holidays", "closed_in_school_holidays"),),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        return super().get_queryset(request).select_related("house").prefetch_related("parts", "layouts")

    @display(description=_("parts"))
    def shown_parts(self, room: Room) -> str:
        return ", ".join(part.name for part in room.parts.all())

    @display(description=_("seating layouts"))
    def shown_layouts(self, room: Room) -> str:
        return ", ".join(str(layout) for layout in room.layouts.all())

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        limit_to_house_of_page(field, Room, request)
        if field is not None and db_field.name == "parts":
            field.queryset = field.queryset.exclude(pk=opened_id(request)).order_by("position", "name")
        return field

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: Any, change: bool) -> None:
        if formset.model is OpeningHours:
            for row in formset.forms:
                row.instance.house_id = form.instance.house_id
        super().save_formset(request, form, formset, change)


@admin.register(OpeningHours)
class OpeningHoursAdmin(StaffAdmin):
    list_display = ("shown_weekday", "opens_at", "closes_at", "shown_for", "valid_from", "valid_until")
    list_display_links = ("shown_weekday",)
    list_filter = ("house", "room", "weekday")
    list_select_related = ("house", "room")
    ordering = ("house", "room", "valid_from", "weekday", "opens_at")
    fieldsets = (
        (
            None,
            {
                "description": _(
                    "Rows with the same validity form one timetable. On each day the timetable holds "
                    "that started last, alone: a weekday without a row is closed then."
                ),
                "fields": (("house", "room"), "weekday", ("opens_at", "closes_at")),
            },
        ),
        (_("Validity"), {"fields": (("valid_from", "valid_until"),)}),
    )

    @display(description=_("weekday"), ordering="weekday")
    def shown_weekday(self, hours: OpeningHours) -> str:
        return hours.get_weekday_display()

    @display(description=_("for"), ordering="room")
    def shown_for(self, hours: OpeningHours) -> str:
        return hours.room.name if hours.room else str(_("the whole house"))


class ClosureForm(forms.ModelForm):
    class Meta:
        model = Closure
        fields = "__all__"  # noqa: DJ007 - the admin names them

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"starts_at", "ends_at"} & set(self.fields):
            _date, clock = self.fields[name].widget.widgets
            clock.format = CLOCK

    def clean_rooms(self) -> QuerySet[Room]:
        rooms = self.cleaned_data["rooms"]
        house = self.cleaned_data.get("house") or getattr(self.instance, "house", None)
        if house and any(room.house_id != house.pk for room in rooms):
            raise ValidationError(_("All rooms belong to the house of the closure."), code="other_house")
        return rooms


@admin.register(Closure)
class ClosureAdmin(StaffAdmin):
    form = ClosureForm
    list_display = ("reason", "shown_start", "shown_end", "shown_rooms", "origin")
    list_filter = ("house", "origin", "rooms")
    search_fields = ("reason",)
    ordering = ("-starts_at",)
    fieldsets = ((None, {"fields": ("house", "reason", "starts_at", "ends_at", "rooms", "origin")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Closure]:
        return super().get_queryset(request).select_related("house").prefetch_related("rooms")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        limit_to_house_of_page(field, Closure, request)
        return field

    @display(description=_("from"), ordering="starts_at")
    def shown_start(self, closure: Closure) -> str:
        return format_moment(closure.starts_at, zone=closure.house.zone)

    @display(description=_("until"), ordering="ends_at")
    def shown_end(self, closure: Closure) -> str:
        return format_moment(closure.ends_at, zone=closure.house.zone)

    @display(description=_("rooms"))
    def shown_rooms(self, closure: Closure) -> str:
        return ", ".join(room.name for room in closure.rooms.all()) or str(_("the whole house"))


@admin.register(Holiday)
class HolidayAdmin(StaffAdmin):
    list_display = ("name", "kind", "shown_first", "shown_last")
    list_filter = ("house", "kind", "name")
    search_fields = ("name",)
    ordering = ("-first_date",)
    fieldsets = ((None, {"fields": ("house", "kind", "name", ("first_date", "last_date"))}),)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Say how far holidays are known: beyond, an empty list does not mean that there are none."""
        if request.method == "GET":
            for house in House.objects.order_by("name"):
                self._tell_how_far(request, house)
        return super().changelist_view(request, extra_context)

    def _tell_how_far(self, request: HttpRequest, house: House) -> None:
        today = day_of(timezone.now(), house.zone)
        known = holiday_calendar(house, today, today)
        names = {"house": house.name}
        if known.school_known_until is None or known.public_known_until is None:
            messages.warning(
                request,
                gettext("%(house)s: no holidays are known for this region. Please enter them.") % names,
            )
            return
        days = {
            "public": format_day(known.public_known_until),
            "school": format_day(known.school_known_until),
        }
        horizon = today + timedelta(days=min(house.horizon_days, MOST_AHEAD.days))
        is_short = min(known.school_known_until, known.public_known_until) < horizon
        messages.add_message(
            request,
            messages.WARNING if is_short else messages.INFO,
            gettext(
                "%(house)s: public holidays are known until %(public)s, school holidays until %(school)s."
            )
            % (names | days),
        )

    @display(description=_("first day"), ordering="first_date")
    def shown_first(self, holiday: Holiday) -> str:
        return format_day(holiday.first_date)

    @display(description=_("last day"), ordering="last_date")
    def shown_last(self, holiday: Holiday) -> str:
        return format_day(holiday.last_date)


@admin.register(HouseRules)
class HouseRulesAdmin(StaffAdmin):
    list_display = ("version", "house", "valid_from")
    list_filter = ("house",)
    ordering = ("-valid_from",)

    def is_accepted(self, rules: HouseRules) -> bool:
        """Whether somebody accepted this version; rooms know of nobody, whoever stores it says more."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if isinstance(obj, HouseRules) and self.is_accepted(obj):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if isinstance(obj, HouseRules) and self.is_accepted(obj):
            return False
        return super().has_delete_permission(request, obj)


@admin.register(HousePage)
class HousePageAdmin(StaffAdmin):
    list_display = ("shown_kind", "house")
    list_display_links = ("shown_kind",)
    list_filter = ("house",)

    @display(description=_("kind"), ordering="kind")
    def shown_kind(self, page: HousePage) -> str:
        return page.get_kind_display()
