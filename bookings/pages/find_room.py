"""Which room is free then? Every room with the answer, and with the reasons where it is no."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.availability import broken_rules, wish_for
from bookings.forms.fields import MINUTES_OF_A_DAY
from bookings.forms.find_room import FindRoomForm
from bookings.pages.fragments import house_page
from bookings.pages.rooms import RoomCard, room_cards
from bookings.pages.timeline import FreeTime, free_times, request_url
from bookings.plan import Plan, load_plan
from bookings.schedule import DaySchedule
from rooms.clock import day_of, instant, whole_days
from rooms.enums import Severity
from rooms.errors import Reason
from rooms.facts import house_facts
from rooms.intervals import Interval
from rooms.models import House

# The times a room is free on the wished day are named up to this number.
OTHER_TIMES = 3


@dataclass(frozen=True, slots=True)
class Found:
    """One room and what it says to the wish."""

    card: RoomCard
    hindrances: list[str]
    warnings: list[str]
    request_url: str
    other_times: list[FreeTime] = field(default_factory=list)


@house_page
def find_room(request: HttpRequest, house: House) -> HttpResponse:
    """Look for a room by date, time and needs; everything stands in the address."""
    now = timezone.now()
    asked = any(request.GET.get(name) for name in ("datum", "von"))
    form = FindRoomForm(request.GET if asked else None, house_id=house.pk)
    context: dict[str, Any] = {"house": house, "form": form, "url_name": "find_room", "net": None}
    if asked and form.is_valid():
        net = _wished_time(form.cleaned_data, house)
        found = _look(house, form.cleaned_data, net, now)
        context |= {
            "net": net,
            "free": [one for one in found if not one.hindrances],
            "taken": [one for one in found if one.hindrances],
        }
    return render(request, "bookings/find_room.html", context)


def _wished_time(wanted: dict[str, Any], house: House) -> Interval:
    days, minutes = divmod(wanted["von"], MINUTES_OF_A_DAY)
    clock = time(minutes // 60, minutes % 60)
    start = instant(wanted["datum"] + timedelta(days=days), clock, house.zone)
    return Interval(start, start.astimezone(UTC) + timedelta(minutes=wanted["dauer"]))


def _look(house: House, wanted: dict[str, Any], net: Interval, now: datetime) -> list[Found]:
    """Return the rooms that suit best first: the smallest that is free and large enough."""
    facts = house_facts(house)
    days = whole_days(day_of(net.start, facts.zone), day_of(net.end, facts.zone), facts.zone)
    plan = load_plan(house, days, with_pending=True, facts=facts)
    found = [_ask(card, wanted, net, plan, house, now) for card in room_cards(house)]
    return sorted(
        found, key=lambda one: (bool(one.hindrances), not one.other_times, len(one.hindrances), one.card.capacity)
    )


def _ask(
    card: RoomCard, wanted: dict[str, Any], net: Interval, plan: Plan, house: House, now: datetime
) -> Found:
    persons, layout = wanted["personen"] or 1, wanted["bestuhlung"]
    wish = wish_for(
        house=house,
        room_ids=[card.room.pk],
        starts_at=net.start,
        ends_at=net.end,
        persons=persons,
        layout=layout,
    )
    reasons = broken_rules(wish, plan, now)
    missing = _missing(card, wanted)
    hindrances = [reason for reason in reasons if reason.severity != Severity.WARNING]
    answer = Found(
        card=card,
        hindrances=missing + [str(reason.message) for reason in hindrances],
        warnings=[str(reason.message) for reason in reasons if reason.severity == Severity.WARNING],
        request_url=request_url(
            [card.room.slug], net, plan.facts, persons=wanted["personen"], layout=layout
        ),
    )
    if not missing and _only_time_is_wrong(hindrances):
        answer.other_times.extend(_other_times(card, net, plan, now))
    return answer


def _missing(card: RoomCard, wanted: dict[str, Any]) -> list[str]:
    """Return what the room lacks, in sentences."""
    missing = []
    if wanted["stufenlos"] and not card.room.step_free:
        missing.append(_("This room is not step-free."))
    if wanted["hoerschleife"] and not card.room.hearing_loop:
        missing.append(_("This room has no hearing loop."))
    there = {equipment.pk for equipment in card.room.equipment.all()}
    lacking = [equipment.name for equipment in wanted["ausstattung"] if equipment.pk not in there]
    if lacking:
        missing.append(_("Missing here: %(equipment)s.") % {"equipment": ", ".join(lacking)})
    return missing


def _only_time_is_wrong(hindrances: Sequence[Reason]) -> bool:
    return bool(hindrances) and all(reason.code in {"clash", "outside_hours", "closed"} for reason in hindrances)


def _other_times(card: RoomCard, net: Interval, plan: Plan, now: datetime) -> list[FreeTime]:
    """Return free times of the same day that are long enough, the nearest first."""
    room = plan.facts.rooms[card.room.pk]
    day = whole_days(day_of(net.start, plan.facts.zone), day_of(net.start, plan.facts.zone), plan.facts.zone)
    schedule = DaySchedule(day_of(net.start, plan.facts.zone), day, (), (), ())
    needed = room.setup + net.duration + room.teardown
    long_enough = [
        one for one in free_times(room, schedule, plan, now) if one.url and one.interval.duration >= needed
    ]
    return sorted(long_enough, key=lambda one: _distance(one.interval, net))[:OTHER_TIMES]


def _distance(gap: Interval, net: Interval) -> timedelta:
    return max(gap.start - net.start, net.end - gap.end, timedelta())


