"""Ways out that several dates of a series have in common, so that one choice settles all of them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from bookings.series.choices import Sent
from bookings.series.planner import Proposal, SeriesPlanDate, Way
from bookings.series.request import SeriesPlan, date_key, token_of
from rooms.facts import HouseFacts


@dataclass(frozen=True, slots=True)
class JointWay:
    """The same other rooms, another time or another day for several dates, or leaving them out.

    `moved` is by how much they start later by the clocks of the house. `proposals` are what it means
    for each date, by its key; `token` is what a form sends to choose it.
    """

    token: str
    moved: timedelta
    proposals: Mapping[str, Proposal]

    @property
    def proposal(self) -> Proposal:
        """What it means for the first of the dates."""
        return next(iter(self.proposals.values()))


def joint_ways(plan: SeriesPlan) -> list[JointWay]:
    """Return the ways out of more than one open date, those of most dates first, then the cheapest."""
    found: dict[tuple[str, timedelta], dict[str, Proposal]] = defaultdict(dict)
    for plan_date in plan.open:
        for proposal in plan_date.proposals:
            place = joint_token(plan_date, proposal, plan.facts), _moved(plan_date, proposal, plan.facts)
            found[place].setdefault(date_key(plan_date, plan.facts.zone), proposal)
    ways = [JointWay(*place, proposals) for place, proposals in found.items() if len(proposals) > 1]
    costs = list(Way)
    return sorted(ways, key=lambda way: (-len(way.proposals), costs.index(way.proposal.way)))


def joint_token(plan_date: SeriesPlanDate, proposal: Proposal, facts: HouseFacts) -> str:
    """Return what a proposal has in common with those of other dates: `room:saal-a`, `shift:30`, `skip`."""
    if proposal.wish is None or proposal.way == Way.KEEP:
        return proposal.way.value
    if proposal.way == Way.ROOM:
        return f"room:{'+'.join(facts.rooms[room_id].slug for room_id in proposal.wish.room_ids)}"
    return f"{proposal.way}:{_moved(plan_date, proposal, facts) // timedelta(minutes=1)}"


def choose_jointly(sent: Sent, plan: SeriesPlan, token: str) -> Sent:
    """Return what was chosen, with the joint way of this token for every date that has it.

    A token that no way has, such as an older one, changes nothing.
    """
    way = next((way for way in joint_ways(plan) if way.token == token), None)
    if way is None:
        return sent
    tokens = {key: token_of(proposal, plan.facts) for key, proposal in way.proposals.items()}
    return replace(sent, chosen={**sent.chosen, **tokens})


def _moved(plan_date: SeriesPlanDate, proposal: Proposal, facts: HouseFacts) -> timedelta:
    if proposal.wish is None:
        return timedelta()
    wished, start = (
        moment.astimezone(facts.zone).replace(tzinfo=None)
        for moment in (plan_date.wish.net.start, proposal.wish.net.start)
    )
    return start - wished
