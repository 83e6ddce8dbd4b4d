"""Which room is free for a whole series? Rooms by the number of free dates, with the plan for the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bookings.access.actors import Actor
from bookings.availability.wishes import wish_for
from bookings.series.planner import SeriesPlanDate
from bookings.series.request import SeriesPlan, SeriesWish, plan_wishes, told_beside
from bookings.series.wording import proposal_in_words
from hausderbegegnung.web.public.floor_plan import RoomDrawing, drawing_of
from hausderbegegnung.web.public.forms import FindRoomForm
from hausderbegegnung.web.public.rooms import missing_in, rooms_to_search
from hausderbegegnung.web.shared.forms.series import series_query
from hausderbegegnung.web.shared.timeline import request_url
from rooms.clock import between
from rooms.errors import Reason
from rooms.facts import HouseFacts, RoomFacts, house_facts
from rooms.formats import format_date_span, format_day
from rooms.models import House
from rooms.rules import check_capacity


@dataclass(frozen=True, slots=True)
class OpenDate:
    """A date that is not free, why, and what the plan makes of it; without a way out it is left out."""

    when: str
    hindrances: list[str]
    way_out: str
    is_skipped: bool


@dataclass(frozen=True, slots=True)
class Warned:
    """What is to be noted on some of the free dates; without days, on all of them."""

    sentence: str
    days: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundForSeries:
    """One room and how much of the series it takes.

    Where it does not come into question at all, `missing` says why and nothing else is known of it.
    """

    room: RoomFacts
    missing: tuple[str, ...] = ()
    free: int = 0
    proposed: int = 0
    open_dates: tuple[OpenDate, ...] = ()
    warnings: tuple[Warned, ...] = ()
    request_url: str = ""

    @property
    def drawing(self) -> RoomDrawing:
        return drawing_of(self.room)


@dataclass(frozen=True, slots=True)
class FoundSeries:
    """What the page shows of a series: how it is said, how many dates it has, and every room."""

    words: str
    total: int
    skipped: tuple[str, ...]
    notes: tuple[str, ...]
    rooms: tuple[FoundForSeries, ...]

    @property
    def fitting(self) -> list[FoundForSeries]:
        return [room for room in self.rooms if room.free]

    @property
    def unfit(self) -> list[FoundForSeries]:
        return [room for room in self.rooms if not room.free]


def rooms_for_series(form: FindRoomForm, house: House, now: datetime, *, asker: Actor) -> FoundSeries | None:
    """Return the rooms for the series of a valid form, those with most free dates first; None without rooms.

    Raises what `plan_series` raises.
    """
    facts = house_facts(house)
    rooms = rooms_to_search(facts, outdoors=form.cleaned_data["draussen"])
    if not rooms:
        return None
    lacking = {room.id: tuple(_lacking(room, form, house, facts)) for room in rooms}
    # A series is said and counted the same way in every room, so it is planned where no room fits, too.
    suited = [room for room in rooms if not lacking[room.id]] or rooms[:1]
    plans = plan_wishes(
        house=house, wishes=[_wish(room, form) for room in suited], now=now, facts=facts, asker=asker
    )
    if not asker.is_authenticated:
        plans = [plan.for_strangers() for plan in plans]
    # What is true in every room is said once.
    notes = [note for note in plans[0].notes if all(note in plan.notes for plan in plans)]
    found = [
        _found(room, plan, form, notes)
        for room, plan in zip(suited, plans, strict=True)
        if not lacking[room.id]
    ]
    found += [FoundForSeries(room, lacking[room.id]) for room in rooms if lacking[room.id]]
    first = plans[0]
    return FoundSeries(
        words=first.words,
        total=len(first.wanted),
        skipped=tuple(_skipped(first)),
        notes=tuple(str(note.message) for note in notes),
        rooms=tuple(
            sorted(
                found,
                key=lambda answer: (
                    -answer.free,
                    -answer.proposed,
                    bool(answer.missing),
                    answer.room.capacity(),
                ),
            )
        ),
    )


def _wish(room: RoomFacts, form: FindRoomForm) -> SeriesWish:
    wanted, series = form.cleaned_data, form.cleaned_data["series"]
    return SeriesWish(
        series=series,
        room_ids=(room.id,),
        persons=wanted["personen"] or 1,
        layout=wanted["bestuhlung"],
        equipment_ids=frozenset(equipment.id for equipment in wanted["ausstattung"]),
    )


def _lacking(room: RoomFacts, form: FindRoomForm, house: House, facts: HouseFacts) -> Iterator[str]:
    """Yield why the room does not come into question on any date."""
    wish, wanted = _wish(room, form), form.cleaned_data
    net = between(wish.series.starts, wish.series.ends, facts.zone)
    wish_of_date = wish_for(
        house=house,
        room_ids=wish.room_ids,
        starts_at=net.start,
        ends_at=net.end,
        persons=wish.persons,
        layout=wish.layout,
        facts=facts,
    )
    yield from missing_in(
        room,
        step_free=wanted["stufenlos"],
        hearing_loop=wanted["hoerschleife"],
        equipment=wanted["ausstattung"],
    )
    yield from (str(reason.message) for reason in check_capacity(wish_of_date, facts))


def _found(room: RoomFacts, plan: SeriesPlan, form: FindRoomForm, notes: Sequence[Reason]) -> FoundForSeries:
    wanted, series, facts = form.cleaned_data, plan.wish.series, plan.facts
    return FoundForSeries(
        room=room,
        free=len(plan.possible),
        proposed=plan.proposed,
        open_dates=tuple(_open_date(date, facts, notes) for date in plan.open),
        warnings=tuple(_warnings(plan)),
        request_url=request_url(
            [room.slug],
            between(series.starts, series.ends, facts.zone),
            facts.zone,
            persons=wanted["personen"],
            layout=wanted["bestuhlung"],
            equipment_ids=plan.wish.equipment_ids,
            series=series_query(series),
        ),
    )


def _open_date(date: SeriesPlanDate, facts: HouseFacts, notes: Sequence[Reason]) -> OpenDate:
    return OpenDate(
        when=format_date_span(date.wish.net.start, date.wish.net.end, zone=facts.zone),
        hindrances=[str(reason.message) for reason in told_beside(notes, date)],
        way_out=proposal_in_words(date.wish, date.chosen, facts),
        is_skipped=date.chosen.wish is None,
    )


def _warnings(plan: SeriesPlan) -> Iterator[Warned]:
    """Yield each warning once, with the dates it is about."""
    days: dict[str, list[str]] = {}
    for date in plan.possible:
        for reason in date.reasons:
            day = format_day(date.wish.net.start, zone=plan.facts.zone)
            days.setdefault(str(reason.message), []).append(day)
    for sentence, on in days.items():
        yield Warned(sentence, tuple(on) if len(on) < len(plan.possible) else ())


def _skipped(plan: SeriesPlan) -> Iterator[str]:
    for date in plan.dates:
        if date.skipped:
            yield f"{format_day(date.wish.net.start, zone=plan.facts.zone)}: {date.skipped}"
