"""The staff's inbox, and the search for any booking while somebody is on the phone."""

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings.access.lookups import bookings_listed
from bookings.desk.calls import group_calls
from bookings.desk.inbox import InboxEntry, list_inbox
from bookings.models import Booking
from hausderbegegnung.web.shared.dates import listed
from hausderbegegnung.web.shared.decorators import PageRequest, decider_page, request_list_page
from hausderbegegnung.web.staff.calls import calls_of
from hausderbegegnung.web.staff.forms.decision import InboxFilterForm, SearchForm
from rooms.clock import whole_day
from rooms.facts import house_facts
from rooms.models import House

PAGE_SIZE = 25


@decider_page
@require_safe
def inbox(request: PageRequest) -> HttpResponse:
    """Everything that waits for a decision, the oldest first, with what speaks against it."""
    house, now = request.house, timezone.now()
    entries = list_inbox(house, now=now)
    form = InboxFilterForm(request.GET, house_id=house.pk)
    shown = _filtered(entries, form, house)
    context = {
        "house": house,
        "entries": shown,
        "form": form,
        "number": len(entries),
        "hidden": len(entries) - len(shown),
        "calls": group_calls(calls_of(house, now)),
    }
    return render(request, "staff/inbox.html", context)


def _filtered(entries: list[InboxEntry], form: InboxFilterForm, house: House) -> list[InboxEntry]:
    if not form.is_valid():
        return entries
    room, only = form.cleaned_data["room"], form.cleaned_data["only"]
    if room:
        facts = house_facts(house)
        parts = facts.parts_of([room.pk])
        entries = [
            entry
            for entry in entries
            if any(facts.parts_of(room.pk for room in date.slot.rooms.all()) & parts for date in entry.dates)
        ]
    if only:
        entries = [entry for entry in entries if entry.is_ready == (only == "ready")]
    return entries


@request_list_page
@require_safe
def booking_search(request: PageRequest) -> HttpResponse:
    """All bookings by reference, association, title, contact, date or status; one hit opens at once."""
    house = request.house
    form = SearchForm(request.GET)
    found = _found(form, house) if form.is_valid() else Booking.objects.none()
    asked = any(request.GET.get(name) for name in form.fields)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("seite"))
    if asked and form.cleaned_data.get("q") and page.paginator.count == 1:
        return redirect("decide", page.object_list[0].reference)
    query = request.GET.copy()
    query.pop("seite", None)
    now = timezone.now()
    context = {
        "house": house,
        "form": form,
        "page": page,
        "lines": [listed(booking, now=now) for booking in page.object_list],
        "asked": asked,
        "query": query.urlencode(),
    }
    return render(request, "staff/search.html", context)


def _found(form: SearchForm, house: House) -> QuerySet[Booking]:
    bookings = bookings_listed().filter(house=house)
    words, day, status = form.cleaned_data["q"], form.cleaned_data["day"], form.cleaned_data["status"]
    for word in words.split():
        bookings = bookings.filter(
            Q(reference__icontains=word)
            | Q(title__icontains=word)
            | Q(association__name__icontains=word)
            | Q(contact_name__icontains=word)
            | Q(contact_email__icontains=word)
        )
    if day:
        period = whole_day(day, house.zone)
        bookings = bookings.filter(
            slots__starts_at__lt=period.end, slots__ends_at__gt=period.start
        ).distinct()
    if status:
        bookings = bookings.filter(status=status)
    return bookings.order_by("-received_at", "-pk")
