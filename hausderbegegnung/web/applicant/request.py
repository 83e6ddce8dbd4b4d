"""Asking for a room: the form, its check while typing, and the change of an approved booking."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings import services
from bookings.access import tokens
from bookings.access.actors import Actor
from bookings.access.lookups import get_booking
from bookings.access.permissions import can_decide, can_enter_for_others, can_override
from bookings.errors import BookingNotFound, DatesUndecided
from bookings.models import Booking
from bookings.series.choices import carry, sent_choices
from bookings.series.request import Chosen, choose_dates, plan_series
from bookings.services import RequestData
from hausderbegegnung.web.applicant.check import answers
from hausderbegegnung.web.applicant.forms.next_year import values_as_last_year
from hausderbegegnung.web.applicant.forms.request import RequestForm
from hausderbegegnung.web.applicant.forms.wish import WishForm
from hausderbegegnung.web.applicant.series import series_wish
from hausderbegegnung.web.applicant.wish_page import WISH_FIELDS, answer_wish, replaced_ids_in
from hausderbegegnung.web.shared.decorators import PageRequest, house_page, own_page
from hausderbegegnung.web.shared.drafts import keeps_draft
from rooms.clock import day_of
from rooms.facts import house_facts

# What pages that lead to the form write into its address; see hausderbegegnung.web.urls.
PREFILLED = {
    "von": "starts",
    "bis": "ends",
    "bis_datum": "last_day",
    "personen": "persons",
    "bestuhlung": "layout",
    "takt": "repeats",
    "alle": "interval",
    "bis_tag": "until",
    "anzahl": "count",
    "ferien": "school",
    "auslassen": "skipped",
    "weitere": "added",
}


@require_http_methods(["GET", "POST"])
@house_page
def check_request(request: PageRequest) -> HttpResponse:
    """The check while typing: the part of the form's page that says whether the wish is possible.

    It stores nothing, and takes a POST because the choices of a long series fit into no address.
    It needs no login: without one it tells nothing that the public plan does not tell, so not
    how many others have asked.
    """
    house = request.house
    sent = request.POST if request.method == "POST" else request.GET
    form = WishForm(sent, house=house)
    form.is_valid()
    context = answers(
        form,
        now=timezone.now(),
        sent=sent,
        person=request.user,
        replaced_ids=replaced_ids_in(sent.get("replaces", "")),
    )
    # A choice in the plan changes what is said of it, not the inputs it was made with.
    is_choice = getattr(request, "htmx", None) and request.htmx.trigger == "dates"  # type: ignore[attr-defined]
    return render(request, f"applicant/{'_series_chosen' if is_choice else '_checked'}.html", context)


@own_page
@keeps_draft
@require_http_methods(["GET", "POST"])
def request_booking(request: PageRequest) -> HttpResponse:
    """The form, and the sending of it; see hausderbegegnung.web.urls for what may stand in its address."""
    house = request.house
    now = timezone.now()
    # The login is required above, and only people with a profile log in.
    person: Any = request.user
    rules = house_facts(house).rules_on(day_of(now, house.zone))

    followed = _followed(request)

    def form_of(*data: Any) -> RequestForm:
        initial = values_as_last_year(followed) if followed else {}
        initial |= _prefilled(request)
        if not can_enter_for_others(person, house) and not followed:
            initial |= {"contact_name": person.name, "contact_phone": person.phone}
        return RequestForm(*data, house=house, person=person, rules=rules, initial=initial)

    def data_of(form: RequestForm) -> RequestData:
        return form.request_data(
            sent_choices(request.POST).said,
            language=get_language() or "de",
            follows_id=followed.pk if followed else None,
        )

    def send(data: RequestData, *, override: bool, override_reason: str) -> Booking:
        return services.request_booking(
            data=data, actor=person, now=now, override=override, override_reason=override_reason
        )

    def done(booking: Booking) -> str:
        _introduce(person, booking)
        if can_decide(person, house):
            messages.success(
                request, _("The request %(reference)s is entered.") % {"reference": booking.reference}
            )
            return reverse("decide", args=[booking.reference])
        return tokens.status_path(booking)

    return _form_page(request, form_of, data_of, send, done, actor=person, now=now)


def _introduce(person: Any, booking: Booking) -> None:
    """Take over the name of somebody new from their first request, so that nobody types it twice."""
    if not person.name and booking.applicant_id == person.pk:
        person.name, person.phone = booking.contact_name, person.phone or booking.contact_phone
        person.save(update_fields=["name", "phone"])


def change_page(
    request: HttpRequest,
    booking: Booking,
    actor: Actor,
    *,
    slot_ids: Collection[int],
    initial: dict[str, Any],
    done: Callable[[Booking], str],
    lead: str = "",
) -> HttpResponse:
    """The same form for approved dates: sending it makes a request that replaces them once approved.

    `lead` says what holds until then, where that is not a single date.
    """
    now = timezone.now()
    house = booking.house
    rules = house_facts(house).rules_on(day_of(now, house.zone))

    def form_of(*data: Any) -> RequestForm:
        return RequestForm(
            *data, house=house, person=actor, rules=rules, replaced=booking, initial=dict(initial)
        )

    def data_of(form: RequestForm) -> RequestData:
        return form.request_data(sent_choices(request.POST).said, language=booking.language)

    def send(data: RequestData, *, override: bool, override_reason: str) -> Booking:
        return services.request_change(
            booking_id=booking.pk,
            data=data,
            actor=actor,
            now=now,
            slot_ids=slot_ids,
            override=override,
            override_reason=override_reason,
        )

    return _form_page(
        request,
        form_of,
        data_of,
        send,
        done,
        actor=actor,
        now=now,
        replaced=booking,
        replaced_ids=tuple(slot_ids),
        lead=lead,
    )


def _form_page(
    request: HttpRequest,
    form_of: Callable[..., RequestForm],
    data_of: Callable[[RequestForm], RequestData],
    send: Callable[..., Booking],
    done: Callable[[Booking], str],
    *,
    actor: Actor,
    now: datetime,
    replaced: Booking | None = None,
    replaced_ids: tuple[int, ...] = (),
    lead: str = "",
) -> HttpResponse:
    def send_form(form: RequestForm) -> Booking:
        data = data_of(form)
        # A series that is stored already needs no plan and no choice any more, whatever has happened since.
        if data.series and (
            booking := services.find_submission(
                data, actor=actor, replaced=replaced, replaced_ids=replaced_ids or None
            )
        ):
            return booking
        chosen = _chosen(form, request, now, replaced_ids)
        return send(
            replace(data, dates=chosen.dates, checked=chosen.checked),
            override=chosen.overrides,
            override_reason=form.cleaned_data.get("override_reason", ""),
        )

    page = answer_wish(request, form_of, send_form, done, now=now)
    if isinstance(page, HttpResponse):
        return page
    form = page.form
    if "override" in form.fields and not (page.may_override or form["override"].value()):
        del form.fields["override"]
    context = {
        **page.context(now=now, person=request.user, replaced_ids=replaced_ids),
        "replaced": replaced,
        "lead": lead,
        "rules": form.rules,
    }
    # What is settled, as by who comes from a plan, stands in a line; a change is about what is settled.
    context["wish_is_open"] = (
        bool(replaced) or not context["is_settled"] or bool(WISH_FIELDS & form.errors.keys())
    )
    return render(request, "applicant/request.html", context, status=page.status)


def _chosen(form: RequestForm, request: HttpRequest, now: datetime, replaced_ids: tuple[int, ...]) -> Chosen:
    """Return the dates the valid form asks for: the single one, or those of the series as chosen.

    Raises DatesUndecided where a date of the series is not free and nothing valid is chosen for it.
    """
    wish = series_wish(form, [item.id for item in form.cleaned_data["equipment"]])
    if wish is None:
        return Chosen((form.wanted_date(),), overrides=bool(form.cleaned_data.get("override")))
    plan = plan_series(house=form.house, wish=wish, now=now, ignore_slot_ids=replaced_ids, asker=request.user)
    may_override = can_override(request.user, form.house)
    carried = carry(sent_choices(request.POST), plan, may_override=may_override)
    chosen = choose_dates(plan, carried.choices, may_override=may_override)
    if undecided := chosen.undecided:
        raise DatesUndecided(
            ngettext(
                "%(count)d date is not free. Please look at the plan and send the request again.",
                "%(count)d dates are not free. Please look at the plan and send the request again.",
                len(undecided),
            )
            % {"count": len(undecided)}
        )
    return chosen


def _followed(request: HttpRequest) -> Booking | None:
    """Return the booking that the address wants again as last year; None where it is none of theirs."""
    reference = request.GET.get("wie", "")
    try:
        return get_booking(reference, actor=request.user) if reference else None
    except BookingNotFound:
        return None


def _prefilled(request: HttpRequest) -> dict[str, Any]:
    values: dict[str, Any] = {
        field: request.GET[name] for name, field in PREFILLED.items() if name in request.GET
    }
    if "raum" in request.GET:
        values["rooms"] = [slug for text in request.GET.getlist("raum") for slug in text.split(",") if slug]
    if "ausstattung" in request.GET:
        values["equipment"] = [text for text in request.GET.getlist("ausstattung") if text.isdecimal()]
    if "datum" in request.GET:
        values["day"] = _german_day(request.GET["datum"])
    for name in {"last_day", "until"} & values.keys():
        values[name] = _german_day(values[name])
    if values.get("repeats"):
        values["weekdays"] = request.GET.getlist("wochentage")
        values["positions"] = request.GET.getlist("wievielter")
        values["skip_public"] = request.GET.get("feiertage") == "1"
    return values


def _german_day(text: str) -> str:
    """Return 2027-04-20 as 20.04.2027, and anything else as it is."""
    try:
        return f"{date.fromisoformat(text):%d.%m.%Y}"
    except ValueError:
        return text
