"""Associations for staff to look after, bookings to look at, and what rooms can't know of bookings.

A booking is decided on the own pages of staff; here nothing of it can be changed.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from bookings.agenda.series_calendar import SeriesDate, series_calendar
from bookings.enums import BookingStatus, SlotStatus
from bookings.models import Association, Booking, Membership, Slot, Transition
from bookings.overrides import override_in_words
from rooms.admin_base import ReadOnly, StaffAdmin, StaffInline
from rooms.clock import whole_days
from rooms.formats import format_date_span, format_moment, format_month
from rooms.models import House

LINK = '<a class="text-primary-600 underline dark:text-primary-500" href="{}">{}</a>'
STATUS_LABELS = {**dict(BookingStatus.choices), **dict(SlotStatus.choices)}
# Who acted where no person is stored; the words of bookings.access.actors.
ACTOR_LABELS = {
    "staff": _("staff"),
    "applicant": _("applicant"),
    "link": _("whoever has the status link"),
    "system": _("the software"),
}


class MembershipInline(StaffInline):
    model = Membership
    autocomplete_fields = ("user",)


class AssociationForm(forms.ModelForm):
    class Meta:
        model = Association
        fields = "__all__"  # noqa: DJ007 - the admin names them

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.cleaned_data.get("is_blocked") and not self.cleaned_data.get("block_reason"):
            self.add_error("block_reason", _("Please say why the association is blocked."))
        return cleaned


@admin.register(Association)
class AssociationAdmin(StaffAdmin):
    form = AssociationForm
    list_display = ("name", "kind", "shown_members", "shown_bookings", "is_blocked")
    list_filter = ("kind", "is_blocked")
    search_fields = ("name", "email")
    ordering = ("name",)
    inlines = (MembershipInline,)
    readonly_fields = ("created_at",)
    fieldsets = (
        (None, {"fields": (("name", "kind"), "address", ("email", "phone"), "created_at")}),
        (_("Block"), {"fields": ("is_blocked", "block_reason")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Association]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                number_of_members=Count("memberships", distinct=True),
                number_of_bookings=Count("bookings", distinct=True),
            )
        )

    def save_model(self, request: HttpRequest, obj: Association, form: ModelForm, change: bool) -> None:
        if not change:
            obj.created_at = timezone.now()
        super().save_model(request, obj, form, change)

    @display(description=_("members"), ordering="number_of_members")
    def shown_members(self, association: Association) -> int:
        return association.number_of_members  # type: ignore[attr-defined]

    @display(description=_("bookings"), ordering="number_of_bookings")
    def shown_bookings(self, association: Association) -> int:
        return association.number_of_bookings  # type: ignore[attr-defined]


class SlotInline(ReadOnly, StaffInline):
    model = Slot
    fk_name = "booking"
    fields = readonly_fields = ("shown_time", "shown_gross", "shown_rooms", "status", "reason")
    ordering = ("starts_at",)
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Slot]:
        return super().get_queryset(request).select_related("booking__house").prefetch_related("rooms")

    @display(description=_("date"))
    def shown_time(self, slot: Slot) -> str:
        return format_date_span(slot.starts_at, slot.ends_at, zone=slot.booking.house.zone)

    @display(description=_("with set-up and tear-down"))
    def shown_gross(self, slot: Slot) -> str:
        return format_date_span(slot.gross_starts_at, slot.gross_ends_at, zone=slot.booking.house.zone)

    @display(description=_("rooms"))
    def shown_rooms(self, slot: Slot) -> str:
        return ", ".join(room.name for room in slot.rooms.all())


class TransitionInline(ReadOnly, StaffInline):
    model = Transition
    fields = readonly_fields = (
        *(
            "shown_at",
            "verb",
            "shown_date",
            "shown_from",
            "shown_to",
            "shown_actor",
            "note",
            "shown_exception",
        ),
    )
    ordering = ("pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transition]:
        return super().get_queryset(request).select_related("booking__house", "slot", "actor")

    @display(description=_("at"))
    def shown_at(self, transition: Transition) -> str:
        return format_moment(transition.at, zone=transition.booking.house.zone)

    @display(description=_("date"))
    def shown_date(self, transition: Transition) -> str:
        if transition.slot is None:
            return "–"
        return format_moment(transition.slot.starts_at, zone=transition.booking.house.zone)

    @display(description=_("from"))
    def shown_from(self, transition: Transition) -> str:
        return str(STATUS_LABELS.get(transition.from_status, transition.from_status))

    @display(description=_("to"))
    def shown_to(self, transition: Transition) -> str:
        return str(STATUS_LABELS.get(transition.to_status, transition.to_status))

    @display(description=_("exception"))
    def shown_exception(self, transition: Transition) -> str:
        rules, reason = transition.overridden_rules, transition.override_reason
        return override_in_words(rules, reason) if rules else "–"

    @display(description=_("who"))
    def shown_actor(self, transition: Transition) -> str:
        if transition.actor is not None:
            return str(transition.actor)
        return str(ACTOR_LABELS.get(transition.actor_kind, transition.actor_kind))


@admin.register(Booking)
class BookingAdmin(ReadOnly, StaffAdmin):
    list_display = ("reference", "title", "association", "shown_received", "shown_status", "shown_page")
    list_display_links = ("reference",)
    list_filter = ("house", "status", "kind", "visibility")
    list_select_related = ("house", "association")
    search_fields = ("reference", "title", "association__name", "contact_name")
    ordering = ("-received_at",)
    show_full_result_count = False
    inlines = (SlotInline, TransitionInline)
    readonly_fields = ("shown_page",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "shown_page",
                    ("reference", "status"),
                    "house",
                    ("title", "display_title"),
                    "visibility",
                )
            },
        ),
        (
            _("Applicant"),
            {
                "fields": (
                    "association",
                    ("contact_name", "applicant"),
                    ("contact_email", "contact_phone"),
                    ("entered_by", "language"),
                )
            },
        ),
        (
            _("Request"),
            {
                "fields": (
                    "kind",
                    "purpose",
                    ("persons", "persons_total"),
                    ("layout", "equipment"),
                    "remarks",
                    ("received_at", "decided_at"),
                    ("house_rules", "replaces"),
                )
            },
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.series_calendar_page)
        return [
            path("series/", page, name="series_calendar"),
            path("series/<int:year>/<int:month>/", page, name="series_calendar"),
            *super().get_urls(),
        ]

    def series_calendar_page(
        self, request: HttpRequest, year: int | None = None, month: int | None = None
    ) -> HttpResponse:
        """Show a month of the series of each house as django-scheduler gives them; without one this month."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        today = timezone.localdate()
        try:
            first = today.replace(day=1) if year is None or month is None else date(year, month, 1)
            previous, following = (first - timedelta(days=1)).replace(day=1), _next_month(first)
        except (ValueError, OverflowError) as error:
            raise Http404 from error
        days = first, following - timedelta(days=1)
        houses = [
            (house, _as_shown(series_calendar(house, whole_days(*days, house.zone)), house))
            for house in House.objects.order_by("pk")
        ]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Calendar of series, %(month)s") % {"month": format_month(first)},
            "months": [(day, format_month(day)) for day in (previous, following)],
            "houses": houses,
        }
        return TemplateResponse(request, "admin/series_calendar.html", context)

    @display(description=_("received at"), ordering="received_at")
    def shown_received(self, booking: Booking) -> str:
        return format_moment(booking.received_at, zone=booking.house.zone)

    @display(
        description=_("status"),
        ordering="status",
        label={
            BookingStatus.REQUESTED: "warning",
            BookingStatus.APPROVED: "success",
            BookingStatus.PARTLY_APPROVED: "success",
            BookingStatus.REJECTED: "danger",
            BookingStatus.REVOKED: "danger",
        },
    )
    def shown_status(self, booking: Booking) -> tuple[str, str]:
        return booking.status, booking.get_status_display()

    @display(description=_("decide"))
    def shown_page(self, booking: Booking) -> SafeString:
        return format_html(LINK, reverse("decide", args=[booking.reference]), gettext("Open"))


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _as_shown(dates: Iterable[SeriesDate], house: House) -> list[tuple[SeriesDate, str]]:
    return [(found, format_date_span(found.net.start, found.net.end, zone=house.zone)) for found in dates]
