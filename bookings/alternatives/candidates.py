"""What could be changed about a date that cannot stand as wished, and which of that is valid.

Exactly one thing is changed: a room, the time of day, or the day. Pure: what is valid is computed
from a snapshot that was loaded for the times of the changed dates.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from bookings.availability.checks import broken_rules
from bookings.availability.snapshot import Snapshot
from rooms.clock import between, floor_to_grid, wall_times, week_of
from rooms.facts import HouseFacts, RoomFacts
from rooms.holidays import is_day_of_rest
from rooms.intervals import Interval
from rooms.rules import Wish

# Start and end by the clocks of the house, without zone.
WallTimes = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class RoomNeeds:
    """What another room has to offer beside seats, and whose set-up and tear-down times hold.

    `rooms_setup` and `rooms_teardown` say that nobody named them: they are the longest of the
    rooms', and change with them.
    """

    equipment_ids: frozenset[int] = frozenset()
    rooms_setup: bool = False
    rooms_teardown: bool = False


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Everything a wish could become by a single change; within a kind the smallest change comes first."""

    rooms: tuple[Wish, ...]
    times: tuple[Wish, ...]
    days: tuple[Wish, ...]

    @property
    def all(self) -> Iterator[Wish]:
        yield from self.rooms
        yield from self.times
        yield from self.days


@dataclass(frozen=True, slots=True)
class Candidates:
    """The single changes of wishes that are allowed, whether there is room for them or not.

    `shift` is how far a start may move, `pauses_on` says on which local days the series has no dates:
    where it pauses, and before it begins.
    """

    facts: HouseFacts
    shift: timedelta
    needs: RoomNeeds
    pauses_on: Callable[[date], bool]
    _fitting: dict[tuple[object, ...], list[tuple[int, ...]]] = field(default_factory=dict)

    def alternatives(self, wish: Wish, wall: WallTimes | None = None) -> Alternatives:
        """Return all changes of a wish.

        `wall` is what was wished by the clocks, where that is another time than it became on the
        night of a clock change.
        """
        if wall is None:
            wall = wall_times(wish.net, self.facts.zone)
        return Alternatives(
            tuple(self._in_rooms(wish, room_ids) for room_ids in self._other_rooms(wish)),
            tuple(self._at_other_times(wish, wall[1] - wall[0])),
            tuple(self._on_other_days(wish, wall)),
        )

    def _other_rooms(self, wish: Wish) -> list[tuple[int, ...]]:
        """Return the rooms with one exchanged for another that fits, the closest fit first.

        Those that lose a hearing loop come after all others.
        """
        key = (wish.room_ids, wish.persons, wish.layout)
        if key not in self._fitting:
            found = [
                (
                    (
                        new.hearing_loop < old.hearing_loop,
                        abs(new.capacity(wish.layout) - old.capacity(wish.layout)),
                    ),
                    tuple(new.id if room_id == old.id else room_id for room_id in wish.room_ids),
                )
                for old in map(self.facts.rooms.__getitem__, wish.room_ids)
                for new in self.facts.rooms.values()
                if new.id not in wish.room_ids and fits(new, old, wish, self.needs, self.facts)
            ]
            self._fitting[key] = [
                room_ids for _cost, room_ids in sorted(found, key=lambda fitting: fitting[0])
            ]
        return self._fitting[key]

    def _in_rooms(self, wish: Wish, room_ids: tuple[int, ...]) -> Wish:
        rooms = [self.facts.rooms[room_id] for room_id in room_ids]
        setup = max(room.setup for room in rooms) if self.needs.rooms_setup else wish.setup
        teardown = max(room.teardown for room in rooms) if self.needs.rooms_teardown else wish.teardown
        gross = Interval(wish.net.start - setup, wish.net.end + teardown)
        return replace(wish, room_ids=room_ids, gross=gross)

    def _at_other_times(self, wish: Wish, length: timedelta) -> Iterator[Wish]:
        """Yield the wish at the times of the grid a little earlier or later on the same day.

        It keeps its `length` by the clocks. On the night of a clock change nothing is proposed that
        then takes neither that long nor as long as the wish, and of a start that they show twice only
        the first, as for a wish.
        """
        zone = self.facts.zone
        grid = timedelta(minutes=max(self.facts.rooms[room_id].grid_minutes for room_id in wish.room_ids))
        local = wish.net.start.astimezone(zone)
        past_grid = wish.net.start - floor_to_grid(wish.net.start, grid, zone)
        earliest = -((self.shift - past_grid) // grid) if self.shift >= past_grid else 1
        steps = (step * grid - past_grid for step in range(earliest, (self.shift + past_grid) // grid + 1))
        is_changed = self._clocks_change(wish) or wish.net.duration != length
        for step in sorted(steps, key=lambda step: (abs(step), step)):
            if step:
                moved = wish.moved(step)
                start = moved.net.start.astimezone(zone)
                if start.date() != local.date() or (is_changed and start.fold):
                    continue
                if is_changed:
                    first = start.replace(tzinfo=None)
                    moved = wish.at(between(first, first + length, zone))
                    if moved.net.duration not in {length, wish.net.duration}:
                        continue
                yield moved

    def _clocks_change(self, wish: Wish) -> bool:
        """Whether they do in any time the wish could be moved to."""
        zone = self.facts.zone
        first, last = wish.net.start - self.shift, wish.net.end + self.shift
        return first.astimezone(zone).utcoffset() != last.astimezone(zone).utcoffset()

    def _on_other_days(self, wish: Wish, wall: WallTimes) -> Iterator[Wish]:
        """Yield the wish on the other days of its week at the same time by the clocks on the wall.

        Who meets on working days is not sent to the house on a Sunday or public holiday.
        """
        zone = self.facts.zone
        starts, ends = wall
        today, region = starts.date(), self.facts.region
        rests = is_day_of_rest(today, region)
        for day in sorted(week_of(today), key=lambda day: (abs((day - today).days), day)):
            if day != today and not self.pauses_on(day) and (rests or not is_day_of_rest(day, region)):
                yield wish.at(between(starts + (day - today), ends + (day - today), zone))


def fits(new: RoomFacts, old: RoomFacts, wish: Wish, needs: RoomNeeds, facts: HouseFacts) -> bool:
    """Whether `new` does for the people what `old` does: seats, the equipment they asked for, access, a roof.

    A room that the others have seats enough without is wanted for what it is, as a kitchen is;
    there the new one has to offer all that it offers. Whether all rooms together hold the persons
    is left to the rules; but where nobody knows how many the new one holds, it is none to propose.
    A hearing loop is no condition, as nobody was asked whether it is needed: see `loses_hearing_loop`.
    """
    others = [facts.rooms[room_id] for room_id in wish.room_ids if room_id != old.id]
    if not new.is_active or new.part_ids & facts.parts_of(other.id for other in others):
        return False
    if new.is_outdoors != old.is_outdoors:
        return False
    if new.step_free < old.step_free or new.accessible_toilet < old.accessible_toilet:
        return False
    if others and sum(other.capacity(wish.layout) for other in others) >= wish.persons:
        return old.equipment_ids <= new.equipment_ids and _holds_all(old.layouts, new.layouts)
    there = new.equipment_ids.union(*(other.equipment_ids for other in others))
    return bool(new.capacity(wish.layout)) and needs.equipment_ids & old.equipment_ids <= there


def loses_hearing_loop(changed: Wish, wish: Wish, facts: HouseFacts) -> bool:
    """Whether a room with a hearing loop was exchanged for one without."""
    old, new = (
        {room_id for room_id in first.room_ids if room_id not in second.room_ids}
        for first, second in ((wish, changed), (changed, wish))
    )
    return any(facts.rooms[room_id].hearing_loop for room_id in old) and not any(
        facts.rooms[room_id].hearing_loop for room_id in new
    )


def _holds_all(old: Mapping[str, int], new: Mapping[str, int]) -> bool:
    return all(new.get(layout, 0) >= capacity for layout, capacity in old.items())


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Says which wishes keep all rules at `now`, and remembers it: many dates ask for the same.

    `snapshot` is loaded without pending requests, for all the times that are asked for.
    """

    snapshot: Snapshot
    now: datetime
    _known: dict[Wish, bool] = field(default_factory=dict)

    def accepts(self, wish: Wish) -> bool:
        """Whether nothing at all speaks against the wish, not even a buffer that could be shortened."""
        if wish not in self._known:
            self._known[wish] = not self.snapshot.is_taken(
                self.snapshot.facts.parts_of(wish.room_ids), wish.gross
            ) and all(
                not reason.stops for reason in broken_rules(wish, self.snapshot.around(wish.gross), self.now)
            )
        return self._known[wish]
