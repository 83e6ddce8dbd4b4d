"""From what was sent to the request a service understands."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from bookings.access.actors import Actor
from bookings.access.associations import associations_for, find_association
from bookings.access.permissions import can_enter_for_others, can_override
from bookings.errors import AmbiguousAssociation
from bookings.series.request import SeriesWish, plan_series
from bookings.services import RequestData, WantedDate
from bookings.services._entries import SentSeries
from hausderbegegnung.api.lookups import active_rooms, require_house, room_ids_of, unknown_names
from hausderbegegnung.api.requests.series import dates_as_chosen, series_wish
from rooms.clock import day_of
from rooms.facts import house_facts
from rooms.models import Equipment, House

# Of the keys people choose themselves; keys of two people never meet.
KEYS = uuid.UUID("6f1d5a0e-6a55-4cb7-9d0f-3f2a4f0e7b11")


def house_of(sent: Mapping[str, Any]) -> House:
    """Return the house that is asked; raises ValidationError where it is not known."""
    try:
        return require_house(sent["house"])
    except Http404:
        raise ValidationError({"house": unknown_names([sent["house"]], [], "unknown_house")}) from None


def request_data(
    sent: Mapping[str, Any], *, house: House, key: uuid.UUID, actor: Actor, now: datetime
) -> tuple[RequestData, SeriesWish | None]:
    """Look up what was named (rooms, association, equipment, house rules) and return the request.

    `key` is its submission key. Of a series the dates are still missing, see `with_dates`; its wish
    comes with it. Raises ValidationError with an error for every name that is not known.
    """
    errors: dict[str, Any] = {}
    dates = () if sent["series"] else _dates(sent["dates"], house, errors)
    equipment_ids = equipment_ids_of(sent["equipment"], house, errors)
    association_id = _association_id(sent, house, actor, errors)
    contact_email = _contact_email(sent["contact_email"], house, actor, errors)
    house_rules_id = _house_rules_id(sent["house_rules"], house, actor, now, errors)
    if errors:
        raise ValidationError(errors)
    wish = series_wish(sent, house, equipment_ids) if sent["series"] else None
    plain = {
        name: sent[name]
        for name in (
            *("contact_name", "contact_phone", "language", "kind", "title", "display_title"),
            *("visibility", "purpose", "persons", "persons_total", "layout", "remarks"),
        )
    }
    data = RequestData(
        house_id=house.pk,
        dates=dates,
        contact_email=contact_email,
        association_id=association_id,
        new_association_name=sent["association"],
        new_association_kind=sent["association_kind"],
        equipment_ids=equipment_ids,
        house_rules_id=house_rules_id,
        submission_key=key,
        series=wish.series if wish else None,
        sent_series=_sent_series(wish, sent) if wish else None,
        **plain,
    )
    return data, wish


def _sent_series(wish: SeriesWish, sent: Mapping[str, Any]) -> SentSeries:
    return SentSeries(
        room_ids=wish.room_ids,
        setup_minutes=wish.setup_minutes,
        teardown_minutes=wish.teardown_minutes,
        choices=sent["choices"],
        skipped=frozenset(sent["skipped"]),
    )


def with_dates(
    data: RequestData, wish: SeriesWish, sent: Mapping[str, Any], *, house: House, actor: Actor, now: datetime
) -> RequestData:
    """Return the request with the dates of its series as they were chosen in the plan of now.

    Raises what `plan_series` and `dates_as_chosen` raise.
    """
    chosen = dates_as_chosen(
        plan_series(house=house, wish=wish, now=now, asker=actor),
        sent,
        accept_plan=sent["accept_plan"],
        may_override=sent["override"] and can_override(actor, house),
    )
    return replace(data, dates=chosen.dates, checked=chosen.checked)


def submission_key(sent: uuid.UUID | None, header: str, actor: Actor) -> uuid.UUID:
    """Return the key that makes sending twice one booking: the one in the body, or made of the header."""
    if sent is not None:
        return sent
    return uuid.uuid5(KEYS, f"{actor.pk} {header}") if header else uuid.uuid4()


def wanted_dates(sent: Any, house: House, field: str) -> tuple[WantedDate, ...]:
    """Return the dates as a service takes them; raises ValidationError for rooms that are not known.

    `field` is what the list is called in what was sent.
    """
    errors: dict[str, Any] = {}
    dates = _dates(sent, house, errors, field)
    if errors:
        raise ValidationError(errors)
    return dates


def _dates(sent: Any, house: House, errors: dict[str, Any], field: str = "dates") -> tuple[WantedDate, ...]:
    rooms = active_rooms(house_facts(house))
    unknown = [unknown_names(date["rooms"], rooms, "unknown_room") for date in sent]
    if any(unknown):
        errors[field] = [{"rooms": names} if names else {} for names in unknown]
        return ()
    return tuple(
        WantedDate(
            starts_at=date["starts_at"],
            ends_at=date["ends_at"],
            room_ids=room_ids_of(date["rooms"], rooms),
            setup_minutes=date["setup_minutes"],
            teardown_minutes=date["teardown_minutes"],
        )
        for date in sent
    )


def equipment_ids_of(names: list[str], house: House, errors: dict[str, Any]) -> tuple[int, ...]:
    """Return the ids of equipment of the house, or an error in `errors` for every unknown name."""
    if not names:
        return ()
    known = dict(Equipment.objects.filter(house=house).values_list("name", "pk"))
    if unknown := unknown_names(names, known, "unknown_equipment"):
        errors["equipment"] = unknown
        return ()
    return tuple(dict.fromkeys(known[name] for name in names))


def _association_id(
    sent: Mapping[str, Any], house: House, actor: Actor, errors: dict[str, Any]
) -> int | None:
    """Return the association that was sent by its number or name, None for a new one.

    Of people only the ones they act for are looked at, so that nobody learns who else there is.
    """
    known = associations_for(actor, house)
    if (number := sent["association_number"]) is not None:
        if number not in {association.pk for association in known}:
            sentence = _("Please choose one of your associations.")
            errors["association_number"] = [ErrorDetail(sentence, code="unknown_association")]
        return int(number)
    try:
        found = find_association(sent["association"], known, kind=sent["association_kind"])
    except AmbiguousAssociation as error:
        errors["association"] = [ErrorDetail(str(error), code=error.code)]
        return None
    if found is None and not sent["association_kind"]:
        sentence = _("You act for no association of this name. For a new one, say its kind.")
        errors["association"] = [ErrorDetail(sentence, code="unknown_association")]
    return found.pk if found else None


def _contact_email(sent: str, house: House, actor: Actor, errors: dict[str, Any]) -> str:
    """Return where mails about the booking go; only staff may name the address of somebody else.

    Else anybody could have the house write to people who never asked for anything. Staff may ask
    for somebody without an address; everybody else is told what becomes of it.
    """
    if can_enter_for_others(actor, house):
        return sent
    # The permission of the views lets only people in who are logged in.
    address: str = actor.email  # type: ignore[attr-defined]
    if sent and sent.casefold() != address.casefold():
        sentence = _("Please send your own address, %(address)s, or none; only staff enter another one.")
        errors["contact_email"] = [ErrorDetail(sentence % {"address": address}, code="foreign_address")]
    return address


def _house_rules_id(
    version: str, house: House, actor: Actor, now: datetime, errors: dict[str, Any]
) -> int | None:
    """Return the accepted version; applicants accept the one that holds, staff may leave it out."""
    valid = house_facts(house).rules_on(day_of(now, house.zone))
    if valid is not None and version == valid.version:
        return valid.id
    if valid is not None and (version or not can_enter_for_others(actor, house)):
        sentence = _("Please accept the house rules: send their version, %(version)s.")
        errors["house_rules"] = [ErrorDetail(sentence % {"version": valid.version}, code="house_rules")]
    elif version:
        errors["house_rules"] = unknown_names([version], [], "house_rules")
    return None
