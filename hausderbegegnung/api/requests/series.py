"""From a series that was sent to its plan, from the plan to what is answered, and to what is asked for."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import Field

from bookings.errors import DatesUndecided
from bookings.series.dates import Series
from bookings.series.pattern import Pattern, PatternNotSupported, pattern_from_rrule
from bookings.series.planner import Proposal, SeriesPlanDate, Way
from bookings.series.request import (
    Choices,
    Chosen,
    SeriesPlan,
    SeriesWish,
    can_override,
    choose_dates,
    date_key,
    token_of,
)
from bookings.series.wording import proposal_in_words
from bookings.services._refusals import of_date
from hausderbegegnung.api.lookups import active_rooms, room_ids_of, unknown_names
from hausderbegegnung.api.reasons import reason_data
from rooms.clock import wall_times
from rooms.facts import house_facts
from rooms.intervals import Interval
from rooms.models import House

ONE_DAY = timedelta(days=1)


def series_wish(sent: Mapping[str, Any], house: House, equipment_ids: tuple[int, ...]) -> SeriesWish:
    """Return the series that was sent, with its rooms; raises ValidationError with an error at its field."""
    series = sent["series"]
    first, place = _first_date(sent, house)
    rooms = active_rooms(house_facts(house))
    if unknown := unknown_names(first["rooms"], rooms, "unknown_room"):
        raise ValidationError(_at(place, {"rooms": unknown}))
    starts, ends = first["starts_at"], first["ends_at"]
    if not starts < ends <= starts + ONE_DAY:
        code, sentence = (
            ("too_long", _("A date of a series ends within 24 hours."))
            if starts < ends
            else ("ends_before_start", _("The end lies before the start."))
        )
        raise ValidationError(_at(place, {"ends_at": [ErrorDetail(sentence, code=code)]}))
    return SeriesWish(
        series=Series(
            starts=starts,
            ends=ends,
            pattern=_pattern(series, starts, ends, house),
            skipped=tuple(series["exdates"]),
            added=tuple(series["rdates"]),
            skip_public=series["skip_public"],
            school=series["school"],
        ),
        room_ids=room_ids_of(first["rooms"], rooms),
        persons=sent["persons"],
        layout=sent["layout"],
        kind=sent["kind"],
        setup_minutes=first["setup_minutes"],
        teardown_minutes=first["teardown_minutes"],
        equipment_ids=frozenset(equipment_ids),
    )


def _first_date(sent: Mapping[str, Any], house: House) -> tuple[Mapping[str, Any], str]:
    """Return the first date by the clocks of the house, and where it was sent: in `series` or in `dates`."""
    series, dates = sent["series"], sent["dates"]
    names = ("rooms", "starts_at", "ends_at")
    if not dates:
        if missing := [name for name in names if name not in series]:
            required = ErrorDetail(str(Field.default_error_messages["required"]), code="required")
            raise ValidationError({"series": {name: [required] for name in missing}})
        return series, "series"
    if len(dates) > 1 or any(name in series for name in names):
        sentence = _("Please send the first date of a series once, in `series` or alone in `dates`.")
        raise ValidationError({"dates": [ErrorDetail(sentence, code="one_first_date")]})
    starts_at, ends_at = dates[0]["starts_at"], dates[0]["ends_at"]
    if ends_at <= starts_at:
        sentence = _("The end lies before the start.")
        raise ValidationError({"dates": [{"ends_at": [ErrorDetail(sentence, code="ends_before_start")]}]})
    starts, ends = wall_times(Interval(starts_at, ends_at), house.zone)
    return dates[0] | {"starts_at": starts, "ends_at": ends}, "dates"


def _at(place: str, errors: dict[str, Any]) -> dict[str, Any]:
    return {place: [errors] if place == "dates" else errors}


def _pattern(sent: Mapping[str, Any], starts: datetime, ends: datetime, house: House) -> Pattern:
    until, rrule = sent["until"], sent["rrule"]
    try:
        if until is not None and any(end in rrule.upper() for end in ("UNTIL=", "COUNT=")):
            sentence = _("A series ends on a last day or after a number of dates, not by both.")
            raise PatternNotSupported(sentence, field="until")
        return pattern_from_rrule(
            rrule,
            first_day=starts.date(),
            starts=starts.time(),
            ends=ends.time(),
            until=until,
            zone=house.zone,
        )
    except PatternNotSupported as error:
        field = "until" if error.field == "until" else "rrule"
        raise ValidationError({"series": {field: [ErrorDetail(str(error), code=error.code)]}}) from error


# The answer --------------------------------------------------------------------------------------


def plan_data(plan: SeriesPlan) -> dict[str, Any]:
    """Return the plan as `SeriesPlanSerializer` describes it.

    Put together here, for an answer may hold some thousand proposals.
    """
    return {
        "words": plan.words,
        "counts": {
            "dates": len(plan.dates),
            "skipped": len(plan.dates) - len(plan.wanted),
            "free": len(plan.possible),
            "open": len(plan.open),
            "proposed": plan.proposed,
        },
        "notes": [reason_data(reason) for reason in plan.notes],
        "dates": [_date_data(date, plan) for date in plan.dates],
    }


def _date_data(date: SeriesPlanDate, plan: SeriesPlan) -> dict[str, Any]:
    facts = plan.facts
    return {
        "key": date_key(date, facts.zone),
        **_times(date.wish.net, plan),
        "gross": _times(date.wish.gross, plan),
        "rooms": [facts.rooms[room_id].slug for room_id in date.wish.room_ids],
        "state": date.state,
        "is_possible": date.is_possible,
        "staff_may_override": date.is_open and can_override(date),
        "skipped_because": date.skipped.because.value if date.skipped else "",
        "skipped_sentence": str(date.skipped or ""),
        "reasons": [reason_data(reason) for reason in date.reasons],
        "proposals": [_proposal_data(proposal, date, plan) for proposal in date.proposals],
        "chosen": token_of(date.chosen, facts),
    }


def _proposal_data(proposal: Proposal, date: SeriesPlanDate, plan: SeriesPlan) -> dict[str, Any]:
    changed, facts = proposal.wish, plan.facts
    return {
        "way": proposal.way,
        "token": token_of(proposal, facts),
        "sentence": proposal_in_words(date.wish, proposal, facts),
        **(_times(changed.net, plan) if changed else {"starts_at": None, "ends_at": None}),
        "rooms": [facts.rooms[room_id].slug for room_id in changed.room_ids] if changed else [],
    }


def _times(interval: Interval, plan: SeriesPlan) -> dict[str, str]:
    zone = plan.facts.zone
    return {
        "starts_at": interval.start.astimezone(zone).isoformat(),
        "ends_at": interval.end.astimezone(zone).isoformat(),
    }


# What is asked for -------------------------------------------------------------------------------


def dates_as_chosen(
    plan: SeriesPlan, sent: Mapping[str, Any], *, accept_plan: bool, may_override: bool
) -> Chosen:
    """Return the dates as `choices`, `skipped`, `accept_plan` and `override` of the request make them.

    Raises ValidationError for dates the series does not have, and DatesUndecided with the plan
    where nothing valid is chosen for one.
    """
    zone = plan.facts.zone
    keys = {date_key(date, zone) for date in plan.dates}
    unknown = {name: unknown_names(sent[name], keys, "unknown_date") for name in ("choices", "skipped")}
    if any(unknown.values()):
        raise ValidationError({name: errors for name, errors in unknown.items() if errors})
    by_key = dict(sent["choices"])
    for date in plan.open:
        if may_override and can_override(date):
            by_key.setdefault(date_key(date, zone), Way.KEEP.value)
        elif accept_plan:
            by_key.setdefault(date_key(date, zone), token_of(date.chosen, plan.facts))
    choices = Choices(by_key, frozenset(sent["skipped"]))
    chosen = choose_dates(plan, choices, may_override=may_override)
    if chosen.undecided:
        reasons = [
            of_date(reason, date.wish, plan.facts)
            for date in chosen.undecided
            for reason in date.reasons
            if reason.stops
        ]
        raise DatesUndecided(reasons=reasons, members={"plan": plan_data(plan)})
    return chosen
