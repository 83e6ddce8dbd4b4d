"""One choice for all dates of a series that are not free, as the page offers it."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.series.joint_ways import JointWay, joint_ways
from bookings.series.planner import Proposal, Way
from bookings.series.request import SeriesPlan
from bookings.series.wording import proposal_in_words
from rooms.clock import day_of
from rooms.facts import HouseFacts
from rooms.formats import format_weekly

# Of each kind so many are offered where they settle all dates; where none does, the best one.
MOST_OFFERED = {Way.ROOM: 3, Way.SHIFT: 2, Way.DAY: 2, Way.SKIP: 1}
A_DAY, A_MINUTE = timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class JointOption:
    """One choice for `count` dates: what the form sends, what it means, and whether it holds."""

    token: str
    way: Way
    words: str
    count: int
    is_chosen: bool


def joint_options(plan: SeriesPlan, becomes: dict[str, Proposal]) -> list[JointOption]:
    """Return what can be chosen for all open dates at once; `becomes` is what holds now, by their keys."""
    total, offered = len(plan.open), Counter[Way]()
    options = []
    for joint_way in joint_ways(plan):
        way, count = joint_way.proposal.way, len(joint_way.proposals)
        if offered[way] >= (MOST_OFFERED[way] if count == total else 1):
            continue
        offered[way] += 1
        holds = all(becomes.get(key) == proposal for key, proposal in joint_way.proposals.items())
        options.append(JointOption(joint_way.token, way, _words(joint_way, plan), count, holds))
    return sorted(options, key=lambda option: list(Way).index(option.way))


def _words(joint_way: JointWay, plan: SeriesPlan) -> str:
    proposal, facts = joint_way.proposal, plan.facts
    if proposal.wish is None:
        return _("leave them out")
    if proposal.way == Way.ROOM:
        # The rooms that are exchanged are the same for all dates.
        return proposal_in_words(plan.open[0].wish, proposal, facts)
    if proposal.way == Way.DAY:
        return _day_in_words(joint_way, facts)
    minutes = joint_way.moved // A_MINUTE
    if minutes < 0:
        return ngettext("%(count)d minute earlier", "%(count)d minutes earlier", -minutes) % {
            "count": -minutes
        }
    return ngettext("%(count)d minute later", "%(count)d minutes later", minutes) % {"count": minutes}


def _day_in_words(joint_way: JointWay, facts: HouseFacts) -> str:
    """Return the weekday where it is the same for all, else how many days earlier or later."""
    wishes = [proposal.wish for proposal in joint_way.proposals.values() if proposal.wish]
    days = [day_of(wish.net.start, facts.zone) for wish in wishes]
    if len({day.weekday() for day in days}) == 1:
        return format_weekly(days[0])
    number = joint_way.moved // A_DAY
    if number < 0:
        return ngettext("%(count)d day earlier", "%(count)d days earlier", -number) % {"count": -number}
    return ngettext("%(count)d day later", "%(count)d days later", number) % {"count": number}
