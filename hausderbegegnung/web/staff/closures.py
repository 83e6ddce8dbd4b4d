"""Closing the house or rooms for a while, and opening them again, for the daily work of staff."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings.errors import ClosureNotFound, InvalidRequest
from bookings.impact.errors import TooManyDatesHit
from bookings.services import Decisions, Settled, close_rooms, open_rooms
from hausderbegegnung.web.shared.decorators import PageRequest, closure_page
from hausderbegegnung.web.staff.forms.closure import ClosureForm, values_of
from hausderbegegnung.web.staff.impact import settle_or_ask
from rooms.clock import as_whole_days
from rooms.formats import EN_DASH, format_date_span, format_day
from rooms.intervals import Interval
from rooms.models import Closure, House


@closure_page
@require_http_methods(["GET", "POST"])
def closures(request: PageRequest) -> HttpResponse:
    """What will be closed, and the form to close something."""
    house = request.house
    form = ClosureForm(request.POST if request.method == "POST" else None, house=house)
    if form.is_bound and form.is_valid():
        return _close(request, house, form, None)
    return _page(request, house, form, None)


@closure_page
@require_http_methods(["GET", "POST"])
def closure(request: PageRequest, closure_id: int) -> HttpResponse:
    """One closure, to be made longer, shorter or otherwise."""
    house = request.house
    shown = _find(house, closure_id)
    if request.method == "POST":
        form = ClosureForm(request.POST, house=house)
        if form.is_valid():
            return _close(request, house, form, shown)
    else:
        form = ClosureForm(initial=values_of(shown, house), house=house)
    return _page(request, house, form, shown)


@closure_page
@require_http_methods(["GET", "POST"])
def remove_closure(request: PageRequest, closure_id: int) -> HttpResponse:
    """Ask whether to open again what is closed, and do it."""
    house = request.house
    shown = _find(house, closure_id)
    if request.method == "POST":
        open_rooms(house_id=house.pk, closure_id=closure_id, actor=request.user, now=timezone.now())
        messages.success(request, _("The closure is removed. The time can be booked again."))
        return redirect("closures")
    return render(
        request,
        "staff/closure_remove.html",
        {"house": house, "closure": shown, "interval": Interval(shown.starts_at, shown.ends_at)},
    )


def _find(house: House, closure_id: int) -> Closure:
    found = Closure.objects.filter(house=house, pk=closure_id).prefetch_related("rooms").first()
    if found is None:
        raise ClosureNotFound
    return found


def _close(request: HttpRequest, house: House, form: ClosureForm, changed: Closure | None) -> HttpResponse:
    def act(decisions: Decisions | None) -> Settled[Closure]:
        return close_rooms(
            house_id=house.pk,
            period=form.period,
            reason=form.cleaned_data["reason"],
            room_ids=[room.pk for room in form.cleaned_data["rooms"]],
            closure_id=changed.pk if changed else None,
            actor=request.user,
            now=timezone.now(),
            decisions=decisions,
        )

    def done(settled: Settled[Closure]) -> HttpResponse:
        messages.success(request, _("The closure is saved."))
        return redirect("closures")

    try:
        return settle_or_ask(
            request,
            house_id=house.pk,
            act=act,
            done=done,
            back_url=reverse("closure", args=[changed.pk]) if changed else reverse("closures"),
            reason=form.cleaned_data["reason"],
            what=_in_words(form),
        )
    except (InvalidRequest, TooManyDatesHit) as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _page(request, house, form, changed)


def _in_words(form: ClosureForm) -> str:
    """Return in words what the valid form closes, when and why."""
    whole_days = as_whole_days(form.period, form.house.zone)
    if whole_days is None:
        when = format_date_span(form.period.start, form.period.end, zone=form.house.zone)
    else:
        when = f" {EN_DASH} ".join(dict.fromkeys(format_day(day) for day in whole_days))
    rooms = ", ".join(room.name for room in form.cleaned_data["rooms"]) or _("the whole house")
    return _("Closure %(when)s, %(rooms)s: %(reason)s") % {
        "when": when,
        "rooms": rooms,
        "reason": form.cleaned_data["reason"],
    }


def _page(request: HttpRequest, house: House, form: ClosureForm, changed: Closure | None) -> HttpResponse:
    coming = (
        Closure.objects.filter(house=house, ends_at__gt=timezone.now())
        .prefetch_related("rooms")
        .order_by("starts_at", "pk")
    )
    context = {
        "house": house,
        "form": form,
        "changed": changed,
        "closures": [(closure, Interval(closure.starts_at, closure.ends_at)) for closure in coming],
    }
    return render(request, "staff/closures.html", context, status=400 if form.errors else 200)
