"""What public pages share: which house they show, and parts kept while the plan stays the same."""

import gzip
import re
import uuid
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bookings.availability.cache import kept_with_facts, kept_with_plan
from rooms.facts import HouseFacts
from rooms.intervals import Interval
from rooms.lookups import house_to_read
from rooms.memory import Memory
from rooms.models import House

ACCEPTS_GZIP = re.compile(r"\bgzip\b")
# As Django compresses everything else.
COMPRESSION = 6
# So many parts of plans, at most some 40 kB each, take at most 4 MiB of a process.
_drawn: Memory[str] = Memory(100)


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


def plan_fragment(
    house: House, name: str, *facets: Hashable, moment: str = "", render: Callable[[], str]
) -> SafeString:
    """Return a part of a page, rendered anew only where the plan, one of `facets` or the `moment` changed."""
    html = kept_with_plan(house, name, *facets, moment=moment, make=render)
    return mark_safe(html)  # noqa: S308 - comes from our own templates


def house_fragment(house: House, name: str, *facets: Hashable, render: Callable[[], str]) -> SafeString:
    """Return a part of a page that no booking changes."""
    return mark_safe(kept_with_facts(house, name, *facets, make=render))  # noqa: S308 - our own templates


def drawn(name: str, *facts: Hashable, render: Callable[[], str]) -> SafeString:
    """Return what was drawn of the very same facts, in this language, whatever has changed elsewhere since.

    `facts` are all that the part is drawn from: plans of days and facts of houses as the objects they are,
    which stand for what is in them.
    """
    html = _drawn.kept((name, get_language(), *facts), None, render)
    return mark_safe(html)  # noqa: S308 - comes from our own templates


def forget_what_was_drawn() -> None:
    """Empty the memory, as between two tests."""
    _drawn.forget()


def kept_page(
    request: HttpRequest,
    house: House,
    name: str,
    *facets: Hashable,
    moment: str = "",
    render: Callable[[], HttpResponse],
) -> HttpResponse:
    """Answer with the page that everybody gets of whom nothing is known, drawn and compressed once.

    Who is logged in, has a message waiting or asks for something in the address gets a page drawn for them
    alone. So nothing is kept that is of one visitor, and no length tells of a secret (compression.md).
    """
    if request.GET or {settings.SESSION_COOKIE_NAME, CookieStorage.cookie_name} & request.COOKIES.keys():
        return render()
    is_compressed = bool(ACCEPTS_GZIP.search(request.headers.get("Accept-Encoding", "")))

    def make() -> bytes:
        content = render().content
        return gzip.compress(content, COMPRESSION, mtime=0) if is_compressed else content

    facets = (name, request.path, is_compressed, *facets)
    content = kept_with_plan(house, "page", *facets, moment=moment, make=make)
    response = HttpResponse(content)
    if is_compressed:
        response.headers["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ("Cookie", "Accept-Encoding"))
    return response


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
