"""What public pages share: which house they show, and parts kept while the plan stays the same."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.http import Http404
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from bookings.availability.cache import kept_with_plan
from rooms.facts import HouseFacts
from rooms.intervals import Interval
from rooms.lookups import house_to_read
from rooms.models import House


def current_house(slug: str = "", *, reference: str = "", uid: uuid.UUID | None = None) -> House:
    """Return the house with this short name, or of this booking or date, else the first, to read from.

    Raises Http404 when there is none.
    """
    house = house_to_read(slug=slug) if slug else _house_of_booking(reference, uid) or house_to_read()
    if house is None:
        raise Http404(_("There is no house here yet. Staff create it in the administration."))
    return house


def _house_of_booking(reference: str, uid: uuid.UUID | None) -> House | None:
    if reference:
        return house_to_read(bookings__reference=reference)
    return house_to_read(bookings__slots__uid=uid) if uid else None


def plan_fragment(house: House, name: str, *facets: object, render: Callable[[], str]) -> SafeString:
    """Return a part of a page, rendered anew only where the plan or one of `facets` has changed."""
    html = kept_with_plan(house, name, *facets, make=render)
    return mark_safe(html)  # noqa: S308 - comes from our own templates


def freshness(facts: HouseFacts, period: Interval, now: datetime) -> str:
    """Return what a view of `period` depends on `now` for, as a facet of its fragment.

    Empty as long as nothing changes with time: the period is over, or all of it can be asked
    for. Within the period the minute counts (what is on now), around it the quarter of an hour
    (what can still be asked for).
    """
    if period.start <= now < period.end:
        return f"{now:%Y%m%d%H%M}"
    rooms = facts.rooms.values()
    lead = max((room.lead for room in rooms), default=timedelta())
    horizon = min((room.horizon for room in rooms), default=timedelta())
    if period.end <= now:
        return "over"
    if now + lead <= period.start and period.end <= now + horizon:
        return "open"
    return f"{now:%Y%m%d%H}{now.minute // 15}"
