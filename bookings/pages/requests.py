"""Asking for a room: the form, its check while typing, and the change of an approved booking."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bookings import links, services
from bookings.actors import Actor
from bookings.availability import check_wish, wish_for
from bookings.forms.fields import KNOWN_YEARS
from bookings.forms.find_room import LENGTHS
from bookings.forms.requests import RequestForm
from bookings.forms.wish import WishForm, blocking, time_values
from bookings.models import Booking
from bookings.pages.access import private_page
from bookings.pages.fragments import house_page
from rooms.clock import day_of
from rooms.enums import Severity
from rooms.errors import DomainError, Reason
from rooms.facts import HouseFacts, house_facts
from rooms.intervals import Interval
from rooms.models import House, Room
from rooms.rules import Wish
from rooms.selectors import house_rules_on

WISH_FIELDS = frozenset(WishForm.base_fields)
# What pages that lead to the form write into its address; see bookings.urls.
PREFILLED = {
    "von": "starts",
    "bis": "ends",
    "bis_datum": "last_day",
    "personen": "persons",
    "bestuhlung": "layout",
}
# What another room may mend.
MENDED_BY_ROOM = frozenset({"too_many_persons", "layout_missing", "room_inactive", "clash", "closed"})
REPLACED_SALT = "bookings.pages.requests.replaced"


@dataclass(frozen=True, slots=True)
class Check:
    """What the plan says to the wish as it stands in the form."""

    net: Interval
    gross: Interval
    rooms: list[Room]
    broken: list[Reason]
    warnings: list[Reason]
    house: House
    persons: int | None = None
    layout: str = ""
    on_grid: Interval | None = None

    @property
    def nearest(self) -> Interval | None:
        return next((reason.nearest for reason in self.broken if reason.nearest), self.on_grid)

    @property
    def find_room_url(self) -> str:
        """Where rooms are looked for at the wished time; empty where another room would mend nothing."""
        if not any(reason.code in MENDED_BY_ROOM for reason in self.broken):
            return ""
        starts = self.net.start.astimezone(self.house.zone)
        minutes = self.net.duration // timedelta(minutes=1)
        query = {
            "datum": f"{starts:%d.%m.%Y}",
            "von": f"{starts:%H:%M}",
            "dauer": next((length for length in LENGTHS if length >= minutes), LENGTHS[-1]),
            "personen": self.persons,
            "bestuhlung": self.layout,
        }
        return f"{reverse('find_room')}?{urlencode({name: value for name, value in query.items() if value})}"

    @property
    def nearest_value(self) -> str:
        """The nearest free time as the button that takes it over sends it."""
        return f"{self.nearest.start.isoformat()}/{self.nearest.end.isoformat()}" if self.nearest else ""

    @property
    def nearest_fields(self) -> dict[str, str]:
        """The nearest free time as it stands in the fields."""
        return time_values(self.nearest, self.house) if self.nearest else {}


def check(
    form: WishForm,
    *,
    now: datetime,
    ignore_slot_ids: tuple[int, ...] = (),
    refused_for: Sequence[Reason] = (),
    tells_rivals: bool,
) -> Check | None:
    """Compare the wish of a validated form with the rules and the plan; None while it is incomplete.

    `tells_rivals`: whether to say that others have asked for the time too; only people who are logged in
    are told.
    Where the wish has just been refused, the plan was looked at: `refused_for` is what it said.
    """
    if not form.has_wish:
        return None
    wanted = form.wanted_date()
    on_grid = None
    try:
        wish = wish_for(
            house=form.house,
            room_ids=wanted.room_ids,
            starts_at=wanted.starts_at,
            ends_at=wanted.ends_at,
            setup_minutes=wanted.setup_minutes,
            teardown_minutes=wanted.teardown_minutes,
            persons=form.cleaned_data.get("persons") or 1,
            layout=form.cleaned_data.get("layout") or "",
            activity=form.activity,
        )
        reasons = refused_for or check_wish(
            house=form.house, wish=wish, now=now, ignore_slot_ids=ignore_slot_ids
        )
        gross = wish.gross
        if [reason.code for reason in blocking(list(reasons))] == ["off_grid"]:
            widened = _on_grid(wish, house_facts(form.house))
            if not blocking(
                check_wish(house=form.house, wish=widened, now=now, ignore_slot_ids=ignore_slot_ids)
            ):
                on_grid = widened.net
    except DomainError as error:
        reasons, gross = error.reasons, Interval(wanted.starts_at, wanted.ends_at)
    return Check(
        net=Interval(wanted.starts_at, wanted.ends_at),
        gross=gross,
        rooms=list(form.cleaned_data["rooms"]),
        broken=blocking(list(reasons)),
        warnings=[
            reason
            for reason in reasons
            if reason.severity == Severity.WARNING and (tells_rivals or reason.code != "rival")
        ],
        house=form.house,
        persons=form.cleaned_data.get("persons"),
        layout=form.cleaned_data.get("layout") or "",
        on_grid=on_grid,
    )


def _on_grid(wish: Wish, facts: HouseFacts) -> Wish:
    """Return the wish from the step of the grid before its start until the one after its end."""
    grid = timedelta(minutes=max(facts.rooms[room_id].grid_minutes for room_id in wish.room_ids))

    def past(moment: datetime) -> timedelta:
        local = moment.astimezone(facts.zone)
        return timedelta(hours=local.hour, minutes=local.minute) % grid

    net = Interval(wish.net.start - past(wish.net.start), wish.net.end + (-past(wish.net.end) % grid))
    return replace(wish, net=net, gross=Interval(net.start - wish.setup, net.end + wish.teardown))


@private_page
@require_GET
@house_page
def check_request(request: HttpRequest, house: House) -> HttpResponse:
    """The check while typing: the part of the form's page that says whether the wish is possible.

    It needs no login: without one it tells nothing that the public plan does not tell, so not
    how many others have asked.
    """
    form = WishForm(request.GET, house=house)
    form.is_valid()
    context = {
        "check": check(
            form,
            now=timezone.now(),
            ignore_slot_ids=_replaced_ids(request.GET.get("replaces", "")),
            tells_rivals=request.user.is_authenticated,
        ),
        "unreadable": _unreadable(form),
        "house": house,
    }
    return render(request, "bookings/_check.html", context)


@private_page
@login_required
@require_http_methods(["GET", "POST"])
@house_page
def request_booking(request: HttpRequest, house: House) -> HttpResponse:
    """The form, and the sending of it; see bookings.urls for what may stand in its address."""
    now = timezone.now()
    # The login is required above, and only people with a profile log in.
    person: Any = request.user
    rules = house_rules_on(house, day_of(now, house.zone))

    def form_of(*data: Any) -> RequestForm:
        initial = _prefilled(request)
        if not person.is_staff:
            initial |= {"contact_name": person.name, "contact_phone": person.phone}
        return RequestForm(*data, house=house, person=person, rules=rules, initial=initial)

    def send(form: RequestForm) -> Booking:
        return services.request_booking(
            data=form.request_data(language=get_language() or "de"),
            actor=person,
            now=now,
            override=bool(form.cleaned_data.get("override")),
        )

    def done(booking: Booking) -> str:
        if person.is_staff:
            messages.success(
                request, _("The request %(reference)s is entered.") % {"reference": booking.reference}
            )
            return reverse("decide", args=[booking.reference])
        return links.status_path(booking)

    return _form_page(request, form_of, send, done, now=now)


def change_page(
    request: HttpRequest,
    booking: Booking,
    actor: Actor,
    *,
    slot_ids: Collection[int],
    initial: dict[str, Any],
    done: Callable[[Booking], str],
) -> HttpResponse:
    """The same form for approved dates: sending it makes a request that replaces them once approved."""
    now = timezone.now()
    house = booking.house
    rules = house_rules_on(house, day_of(now, house.zone))

    def form_of(*data: Any) -> RequestForm:
        return RequestForm(
            *data, house=house, person=actor, rules=rules, replaced=booking, initial=dict(initial)
        )

    def send(form: RequestForm) -> Booking:
        return services.request_change(
            booking_id=booking.pk,
            data=form.request_data(language=booking.language),
            actor=actor,
            now=now,
            slot_ids=slot_ids,
            override=bool(form.cleaned_data.get("override")),
        )

    return _form_page(request, form_of, send, done, now=now, replaced=booking, replaced_ids=tuple(slot_ids))


def _form_page(
    request: HttpRequest,
    form_of: Callable[..., RequestForm],
    send: Callable[[RequestForm], Booking],
    done: Callable[[Booking], str],
    *,
    now: datetime,
    replaced: Booking | None = None,
    replaced_ids: tuple[int, ...] = (),
) -> HttpResponse:
    status, may_override = 200, False
    refused_for: Sequence[Reason] = ()
    form = form_of(request.POST) if request.method == "POST" else form_of()
    if {"check", "use"} & request.POST.keys():
        if nearest := _interval(request.POST.get("use", "")):
            form.fill_time(nearest)
        form.forget_errors_except(WISH_FIELDS)
    elif form.is_bound and not form.is_valid():
        status = 400
    elif form.is_bound:
        try:
            booking = send(form)
        except DomainError as error:
            form.add_domain_error(error)
            status, refused_for = error.status, error.reasons
            may_override = any(reason.severity == Severity.STAFF for reason in error.reasons) and not any(
                reason.severity == Severity.NOBODY for reason in error.reasons
            )
        else:
            if booking.received_at != now:
                messages.info(request, _("You had sent this request already; it counts once."))
            return redirect(done(booking))
    if "override" in form.fields and not (may_override or form["override"].value()):
        del form.fields["override"]
    wish = _wish_in(form)
    context = {
        "form": form,
        "unreadable": _unreadable(wish),
        "check": check(
            wish,
            now=now,
            ignore_slot_ids=replaced_ids,
            refused_for=refused_for,
            tells_rivals=request.user.is_authenticated,
        ),
        "replaced": replaced,
        "replaces": signing.dumps(replaced_ids, salt=REPLACED_SALT) if replaced else "",
        "house": form.house,
        "rules": form.rules,
    }
    return render(request, "bookings/request.html", context, status=status)


def _wish_in(form: RequestForm) -> WishForm:
    """Return the wish of the form on its own, as it was typed or prefilled, validated."""
    wish = WishForm(form.data if form.is_bound else form.initial, house=form.house)
    wish.is_valid()
    return wish


def _unreadable(form: WishForm) -> list[str]:
    """Return what is wrong with what was typed so far; what is still empty is not wrong yet."""
    return [
        sentence
        for errors in form.errors.as_data().values()
        for error in errors
        if error.code != "required"
        for sentence in error.messages
    ]


def _prefilled(request: HttpRequest) -> dict[str, Any]:
    values: dict[str, Any] = {
        field: request.GET[name] for name, field in PREFILLED.items() if name in request.GET
    }
    values["rooms"] = [slug for text in request.GET.getlist("raum") for slug in text.split(",") if slug]
    if "datum" in request.GET:
        values["day"] = _german_day(request.GET["datum"])
    if "last_day" in values:
        values["last_day"] = _german_day(values["last_day"])
    return values


def _german_day(text: str) -> str:
    """Return 2027-04-20 as 20.04.2027, and anything else as it is."""
    try:
        return f"{date.fromisoformat(text):%d.%m.%Y}"
    except ValueError:
        return text


def _interval(text: str) -> Interval | None:
    """Read the two instants of a button that takes a time over; None where it holds none."""
    try:
        starts_at, ends_at = (datetime.fromisoformat(part) for part in text.split("/"))
        is_known = starts_at.year in KNOWN_YEARS and ends_at.year in KNOWN_YEARS
        return Interval(starts_at, ends_at) if is_known and starts_at.tzinfo and ends_at.tzinfo else None
    except ValueError:
        return None


def _replaced_ids(text: str) -> tuple[int, ...]:
    """Read which dates the wish would replace, from a value only our own page can make."""
    try:
        return tuple(signing.loads(text, salt=REPLACED_SALT))
    except signing.BadSignature:
        return ()
