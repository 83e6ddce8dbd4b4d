"""What was chosen for single dates of a series, and how it outlives what is typed meanwhile.

A choice belongs to the day of its date. Where times or rooms change it holds on as long as what it
means is still offered: left out, the same other room, the same other day. What cannot be shown at the
moment goes along hidden, and comes back as soon as it can.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bookings.series.planner import Proposal, SeriesPlanDate, Way
from bookings.series.request import Choices, SeriesPlan, can_override, date_key, token_of
from rooms.clock import day_of

# The names under which the form sends what was chosen, what the plan had proposed of itself, and
# what was chosen earlier and cannot be shown now.
WAY, OUT, PLANNED, KEPT = "way-", "out", "planned-", "kept-"
KEY = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
DAY = len("2027-04-20")


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form says of single dates, each a token of `token_of` by the key of its date.

    `chosen` is what somebody chose on the page as it was, `kept` what was chosen before that, and
    `planned` what the plan proposed and nobody changed.
    """

    chosen: Mapping[str, str]
    kept: Mapping[str, str]
    planned: Mapping[str, str]

    @property
    def all(self) -> dict[str, str]:
        return {**self.kept, **self.chosen}

    @property
    def said(self) -> dict[str, str]:
        """All that the form says, also what the plan proposed and nobody changed."""
        return {**self.planned, **self.all}


@dataclass(frozen=True, slots=True)
class Carried:
    """What is left of the choices beside a plan; `lost` are days on which one cannot hold any more."""

    choices: Choices
    kept: Mapping[str, str]
    lost: tuple[date, ...]


def sent_choices(data: Any) -> Sent:
    """Read the choices for single dates from a sent form, or from the values a form begins with."""
    ways, kept = _by_key(data, WAY), _by_key(data, KEPT)
    proposed = _by_key(data, PLANNED)
    planned = {key: token for key, token in ways.items() if proposed.get(key) == token}
    chosen = {key: token for key, token in ways.items() if key not in planned}
    skipped = data.getlist(OUT) if hasattr(data, "getlist") else ()
    chosen |= {key: Way.SKIP.value for key in skipped if KEY.fullmatch(key)}
    return Sent(chosen, kept, planned)


def _by_key(data: Any, prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): str(value)
        for name, value in data.items()
        if name.startswith(prefix) and KEY.fullmatch(name.removeprefix(prefix))
    }


def carry(sent: Sent, plan: SeriesPlan, *, may_override: bool) -> Carried:
    """Return what the choices mean for the dates of the plan, whatever was changed since they were made."""
    zone = plan.facts.zone
    keys = {date_key(plan_date, zone) for plan_date in plan.dates}
    made = sent.all
    elsewhere: dict[str, list[str]] = defaultdict(list)
    for key in made:
        if key not in keys:
            elsewhere[key[:DAY]].append(key)
    by_key, skipped, kept, lost = dict(sent.planned), set[str](), dict(made), set[date]()
    for plan_date in plan.dates:
        key = date_key(plan_date, zone)
        others = elsewhere[key[:DAY]]
        origin = key if key in made else next(iter(others), "")
        if not origin or plan_date.skipped:
            continue
        # What was chosen now counts, not what was chosen for another time of the day before.
        for other in [other for other in others if other == origin or origin in sent.chosen]:
            others.remove(other)
            if other != origin:
                kept.pop(other)
        token = made[origin]
        if plan_date.is_possible:
            if token == Way.SKIP:
                skipped.add(key)
                kept.pop(origin)
            continue
        way = _same_way(token, origin, plan_date, plan, may_override=may_override)
        if way is None:
            lost.add(day_of(plan_date.wish.net.start, zone))
            continue
        by_key[key] = token_of(way, plan.facts)
        # What the plan proposes anyway would not be known as chosen when it comes back.
        if way != plan_date.chosen:
            kept.pop(origin)
    lost |= {
        date.fromisoformat(key[:DAY]) for others in elsewhere.values() for key in others if key in sent.chosen
    }
    return Carried(Choices(by_key, frozenset(skipped)), kept, tuple(sorted(lost)))


def _same_way(
    token: str, origin: str, plan_date: SeriesPlanDate, plan: SeriesPlan, *, may_override: bool
) -> Proposal | None:
    """Return what is offered for the date now and means what `token` meant for the date at `origin`."""
    if token == Way.KEEP:
        return Proposal(Way.KEEP, plan_date.wish) if may_override and can_override(plan_date) else None
    offered = {token_of(way, plan.facts): way for way in plan_date.proposals}
    if token in offered or token.count("/") != 2:
        return offered.get(token)
    starts, _ends, rooms = token.split("/")
    for other, way in offered.items():
        if way.wish is None:
            continue
        other_starts, _other_ends, other_rooms = other.split("/")
        if starts == origin:
            is_same = way.way == Way.ROOM and other_rooms == rooms
        elif starts[:DAY] == origin[:DAY]:
            is_same = way.way == Way.SHIFT and other_starts == starts
        else:
            is_same = way.way == Way.DAY and other_starts[:DAY] == starts[:DAY]
        if is_same:
            return way
    return None
