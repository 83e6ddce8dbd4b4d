"""What the page says to a wish while it is typed: the check of a date, or the plan of a series."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from bookings.access.actors import Actor
from bookings.access.permissions import can_override
from bookings.availability.nearest import check_wish
from bookings.availability.wishes import wish_for
from bookings.series.choices import sent_choices
from bookings.series.dates import as_typed, clock_reason
from hausderbegegnung.web.applicant.forms.wish import WishForm, blocking, time_values
from hausderbegegnung.web.applicant.series import SeriesCheck, check_series
from hausderbegegnung.web.public.forms import search_query
from rooms.clock import ceil_to_grid, floor_to_grid, wall_times
from rooms.errors import DomainError, Reason
from rooms.facts import HouseFacts, RoomFacts, house_facts
from rooms.intervals import Interval
from rooms.models import House
from rooms.rules import Wish

# The name under which the form sends what is chosen for all open dates of a series at once.
JOINTLY = "jointly"
# What another room may cure.
CURED_BY_ROOM = frozenset({"too_many_persons", "layout_missing", "room_inactive", "clash", "closed"})


def no_answers(house: House) -> dict[str, Any]:
    """Return what `answers` returns as long as nothing is wished."""
    return {
        "check": None,
        "series": None,
        "unreadable": [],
        "is_repeated": False,
        "kept": (),
        "house": house,
        "rooms": (),
        "persons": None,
        "is_settled": False,
        "given_up": 0,
    }


def answers(
    form: WishForm,
    *,
    now: datetime,
    sent: Any,
    person: Any,
    equipment_ids: Sequence[int] | None = None,
    replaced_ids: tuple[int, ...] = (),
    refused_for: Sequence[Reason] = (),
) -> dict[str, Any]:
    """Return what the page says to the wish: the check of a date, or the plan of a series.

    `equipment_ids` is what the wish has where that is not what was sent.
    `kept` is what was chosen for dates of the series and has no place on the page at the moment;
    `is_settled` says that nothing is missing and nothing wrong.
    """
    single = series = None
    choices = sent_choices(sent)
    if equipment_ids is None:
        equipment_ids = _numbers(sent, "equipment")
    unreadable = unreadable_in(form)
    if not form.is_repeated:
        single = check(
            form,
            now=now,
            equipment_ids=equipment_ids,
            ignore_slot_ids=replaced_ids,
            refused_for=refused_for,
            asker=person,
        )
    elif not unreadable:
        try:
            series = check_series(
                form,
                now=now,
                sent=choices,
                joint_token=str(sent.get(JOINTLY, "")),
                equipment_ids=equipment_ids,
                ignore_slot_ids=replaced_ids,
                asker=person,
                may_override=can_override(person, form.house),
            )
        except DomainError as error:
            unreadable = [str(reason.message) for reason in error.reasons] or [str(error)]
    return no_answers(form.house) | {
        "check": single,
        "series": series,
        "unreadable": unreadable,
        "is_repeated": form.is_repeated,
        "kept": (series.carried.kept if series else choices.all).items(),
        "rooms": form.cleaned_data.get("rooms", ()),
        "persons": (persons := form.cleaned_data.get("persons")),
        "is_settled": bool(persons and (series or (single and not single.broken))),
        "given_up": _given_up(single, series, replaced_ids),
    }


def _given_up(single: "Check | None", series: SeriesCheck | None, replaced_ids: tuple[int, ...]) -> int:
    """Return how many of the dates that a change is about no new one takes the place of."""
    if single is None and series is None:
        return 0
    asked = sum(row.is_asked for row in series.rows) if series else 1
    return max(len(replaced_ids) - asked, 0)


def _numbers(sent: Any, name: str) -> list[int]:
    """Return the ids that were sent; no database has rows of longer ones."""
    values = sent.getlist(name) if hasattr(sent, "getlist") else sent.get(name, ())
    return [int(value) for value in values if re.fullmatch(r"[0-9]{1,18}", str(value))]


@dataclass(frozen=True, slots=True)
class Check:
    """What the plan says to the wish as it stands in the form."""

    net: Interval
    gross: Interval
    rooms: list[RoomFacts]
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
        """Where rooms are looked for at the wished time; empty where another room would cure nothing."""
        if not any(reason.code in CURED_BY_ROOM for reason in self.broken):
            return ""
        starts, ends = wall_times(self.net, self.house.zone)
        query = search_query(starts, ends, persons=self.persons, layout=self.layout)
        return f"{reverse('find_room')}?{query}"

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
    equipment_ids: Iterable[int] = (),
    ignore_slot_ids: tuple[int, ...] = (),
    refused_for: Sequence[Reason] = (),
    asker: Actor,
) -> Check | None:
    """Compare the wish of a validated form with the rules and the plan; None while it is incomplete.

    That others have asked for the time too is told to an `asker` who is logged in.
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
            equipment_ids=equipment_ids,
        )
        reasons = refused_for or check_wish(
            house=form.house, wish=wish, now=now, ignore_slot_ids=ignore_slot_ids, asker=asker
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
    net = Interval(wanted.starts_at, wanted.ends_at)
    clock = clock_reason(as_typed(net, form.house.zone), form.house.zone)
    return Check(
        net=net,
        gross=gross,
        rooms=form.cleaned_data["rooms"],
        broken=blocking(list(reasons)),
        warnings=[
            reason
            for reason in reasons
            if not reason.stops and (asker.is_authenticated or reason.code != "rival")
        ]
        + ([clock] if clock else []),
        house=form.house,
        persons=form.cleaned_data.get("persons"),
        layout=form.cleaned_data.get("layout") or "",
        on_grid=on_grid,
    )


def _on_grid(wish: Wish, facts: HouseFacts) -> Wish:
    """Return the wish from the step of the grid before its start until the one after its end."""
    grid = timedelta(minutes=max(facts.rooms[room_id].grid_minutes for room_id in wish.room_ids))
    net = Interval(
        floor_to_grid(wish.net.start, grid, facts.zone), ceil_to_grid(wish.net.end, grid, facts.zone)
    )
    return replace(wish, net=net, gross=Interval(net.start - wish.setup, net.end + wish.teardown))


def unreadable_in(form: WishForm) -> list[str]:
    """Return what is wrong with what was typed so far; what is still empty is not wrong yet."""
    return [
        sentence
        for errors in form.errors.as_data().values()
        for error in errors
        if error.code != "required"
        for sentence in error.messages
    ]
