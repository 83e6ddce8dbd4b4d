"""A series said in a sentence people would use: every 1st Saturday of the month, 10:00–14:00, until …"""

from datetime import time, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.enums import SchoolHolidays
from bookings.series.dates import Series
from bookings.series.pattern import LAST, Frequency, Pattern
from bookings.series.planner import Proposal, Way
from rooms.enums import Weekday
from rooms.facts import HouseFacts
from rooms.formats import format_date_span, format_day, format_span
from rooms.rules import Wish


def describe(series: Series) -> str:
    """Return the whole series in words: rhythm, time, end, and when it pauses."""
    if series.pattern is None:
        return _("several dates")
    parts = [rhythm(series.pattern), _times(series), _end(series.pattern)]
    if series.skip_public:
        parts.append(_("not on public holidays"))
    if series.school != SchoolHolidays.IGNORED:
        parts.append(str(SchoolHolidays(series.school).label))
    return ", ".join(parts)


def rhythm(pattern: Pattern) -> str:
    """Return how often: every Tuesday and Thursday, every second week on Tuesday, on a day of every month."""
    every = pattern.interval
    if pattern.frequency == Frequency.DAILY:
        return ngettext("every day", "every %(count)d days", every) % {"count": every}
    if pattern.frequency == Frequency.WEEKLY:
        weekdays = _weekdays(pattern.weekdays or (pattern.first_day.weekday(),))
        if every == 1:
            return _("every %(weekdays)s") % {"weekdays": weekdays}
        if every == 2:
            return _("every second week on %(weekdays)s") % {"weekdays": weekdays}
        return _("every %(count)d weeks on %(weekdays)s") % {"count": every, "weekdays": weekdays}
    if pattern.month_day is not None:
        values = {"count": every, "day": pattern.month_day}
        if every == 1:
            return _("on day %(day)d of every month") % values
        return _("every %(count)d months on day %(day)d") % values
    nth = _joined([_nth(position) for position in sorted(pattern.positions, key=_late)])
    weekday = str(Weekday(pattern.weekdays[0]).label)
    if every == 1:
        return _("every %(nth)s %(weekday)s of the month") % {"nth": nth, "weekday": weekday}
    return _("every %(count)d months on the %(nth)s %(weekday)s") % {
        "count": every,
        "nth": nth,
        "weekday": weekday,
    }


def _late(position: int) -> int:
    return 99 if position == LAST else position


def _nth(position: int) -> str:
    return {
        1: _("1st"),
        2: _("2nd"),
        3: _("3rd"),
        4: _("4th"),
        5: _("5th"),
        LAST: _("last"),
    }[position]


def _weekdays(numbers: tuple[int, ...]) -> str:
    names = [str(Weekday(number).label) for number in sorted(numbers)]
    if len(numbers) > 2 and max(numbers) - min(numbers) == len(numbers) - 1:
        return _("%(first)s to %(last)s") % {"first": names[0], "last": names[-1]}
    return _joined(names)


def _joined(words: list[str]) -> str:
    if len(words) == 1:
        return words[0]
    return _("%(words)s and %(last)s") % {"words": ", ".join(words[:-1]), "last": words[-1]}


def _times(series: Series) -> str:
    """Return the times on the wall; midnight at the end of the day is its 24th hour."""
    is_midnight = series.ends.time() == time.min and (series.ends - series.starts) <= timedelta(days=1)
    values = {"starts": f"{series.starts:%H:%M}", "ends": "24:00" if is_midnight else f"{series.ends:%H:%M}"}
    if is_midnight or series.ends.date() == series.starts.date():
        return _("%(starts)s–%(ends)s") % values
    return _("%(starts)s until %(ends)s on the next day") % values


def _end(pattern: Pattern) -> str:
    if pattern.until is not None:
        return _("until %(day)s") % {"day": format_day(pattern.until)}
    return ngettext("%(count)d date", "%(count)d dates", pattern.count or 0) % {"count": pattern.count}


def proposal_in_words(wish: Wish, proposal: Proposal, facts: HouseFacts) -> str:
    """Return what a proposal makes of a wished date: in which room, at which time, or that it is left out."""
    changed = proposal.wish
    if changed is None:
        return _("is left out")
    if proposal.way == Way.KEEP:
        return _("as wished")
    if proposal.way == Way.ROOM:
        new = [facts.rooms[room_id].name for room_id in changed.room_ids if room_id not in wish.room_ids]
        words = _("in %(rooms)s") % {"rooms": ", ".join(new)}
        return f"{words} ({without_hearing_loop()})" if proposal.loses_hearing_loop else words
    if proposal.way == Way.SHIFT:
        return format_span(changed.net.start, changed.net.end, zone=facts.zone)
    return format_date_span(changed.net.start, changed.net.end, zone=facts.zone)


def without_hearing_loop() -> str:
    """Return what is said to a room that is proposed although it lacks the hearing loop of the wished one."""
    return _("without hearing loop")
