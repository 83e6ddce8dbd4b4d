"""What a date in a house may be, found out anew: it knows rows of the database and quarters of an hour.

Nothing of the code under test is used. Everything lies on quarters of an hour, so a time is a set of
their numbers since 1970, and what is not allowed is found by looking at each of them.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache

from bookings.enums import SlotStatus
from bookings.models import Slot
from rooms.models import Closure, Holiday, House, OpeningHours, Room
from tests.factories import BERLIN

QUARTER = 15 * 60


@dataclass(frozen=True)
class Date:
    """A date as it might be asked for; buffers in minutes."""

    room_ids: tuple[int, ...]
    starts: datetime
    ends: datetime
    setup: int
    teardown: int

    @property
    def net(self) -> set[int]:
        return quarters(self.starts, self.ends)

    @property
    def gross(self) -> set[int]:
        return quarters(
            self.starts - timedelta(minutes=self.setup), self.ends + timedelta(minutes=self.teardown)
        )

    @property
    def day(self) -> date:
        return self.starts.astimezone(BERLIN).date()


def quarters(starts: datetime, ends: datetime) -> set[int]:
    return set(range(int(starts.timestamp()) // QUARTER, int(ends.timestamp()) // QUARTER))


@lru_cache(maxsize=100_000)
def local(quarter: int) -> datetime:
    return datetime.fromtimestamp(quarter * QUARTER, BERLIN)


@dataclass(frozen=True)
class Asked:
    """What is asked for: the same for all dates of a series."""

    persons: int
    layout: str
    equipment: frozenset[int]
    own_setup: bool
    own_teardown: bool
    paused: frozenset[date]
    first_day: date
    holidays: frozenset[date]
    now: datetime

    def rests(self, day: date) -> bool:
        return f"{day:%u}" == "7" or day in self.holidays

    def may_go(self, day: date, to: date) -> bool:
        """Whether a date may be proposed for another day: not before the first, nor from work into rest."""
        return to >= self.first_day and to not in self.paused and (self.rests(day) or not self.rests(to))


class BruteForce:
    def __init__(self, house: House, asked: Asked) -> None:
        self.house, self.asked = house, asked
        self.rooms = {room.pk: room for room in Room.objects.filter(house=house)}
        self.parts = {
            room.pk: {part.pk for part in room.parts.all()} or {room.pk} for room in self.rooms.values()
        }
        self.seats = {
            room.pk: {layout.kind: layout.capacity for layout in room.layouts.all()}
            for room in self.rooms.values()
        }
        self.equipment = {
            room.pk: {equipment.pk for equipment in room.equipment.all()} for room in self.rooms.values()
        }
        self.hours: dict[int | None, list[OpeningHours]] = {}
        for row in OpeningHours.objects.filter(house=house):
            self.hours.setdefault(row.room_id, []).append(row)

    # What is there ----------------------------------------------------------------------------

    @cached_property
    def closed(self) -> set[tuple[int, int]]:
        """Each part and quarter in which it is closed."""
        every_part = set().union(*self.parts.values())
        found = set()
        for closure in Closure.objects.filter(house=self.house):
            parts = set().union(*(self.parts[room.pk] for room in closure.rooms.all())) or every_part
            found |= {
                (part, quarter) for part in parts for quarter in quarters(closure.starts_at, closure.ends_at)
            }
        if self.house.closed_on_public_holidays:
            for holiday in Holiday.objects.filter(house=self.house, kind="public"):
                starts = datetime.combine(holiday.first_date, time.min, tzinfo=BERLIN)
                ends = datetime.combine(holiday.last_date + timedelta(days=1), time.min, tzinfo=BERLIN)
                found |= {(part, quarter) for part in every_part for quarter in quarters(starts, ends)}
        return found

    @cached_property
    def approved(self) -> list[tuple[set[int], set[int], set[int], int]]:
        """Parts, net and gross time and persons of each approved date."""
        return [
            (
                set().union(*(self.parts[room.pk] for room in slot.rooms.all())),
                quarters(slot.starts_at, slot.ends_at),
                quarters(slot.gross_starts_at, slot.gross_ends_at),
                slot.booking.persons,
            )
            for slot in Slot.objects.filter(
                booking__house=self.house, status=SlotStatus.APPROVED
            ).select_related("booking")
        ]

    @cached_property
    def persons(self) -> Counter[int]:
        """How many persons are in the house in each quarter."""
        return Counter(
            {quarter: sum(persons for _p, net, _g, persons in self.approved if quarter in net)
             for quarter in set().union(*(net for _p, net, _g, _n in self.approved))}
        )  # fmt: skip

    def is_open(self, room_id: int, quarter: int) -> bool:
        at = local(quarter)
        return any(
            row.weekday == at.weekday()
            and row.opens_at <= at.time()
            and (row.closes_at == time.min or at.time() < row.closes_at)
            for row in self.hours.get(room_id) or self.hours.get(None, [])
        )

    def capacity(self, room_id: int) -> int:
        seats = self.seats[room_id]
        return seats.get(self.asked.layout, 0) if self.asked.layout else max(seats.values(), default=0)

    def limit(self, room_ids: tuple[int, ...], name: str) -> list[int]:
        of_rooms = [getattr(self.rooms[room_id], name) for room_id in room_ids]
        return [getattr(self.house, name) if value is None else value for value in of_rooms]

    # What is allowed --------------------------------------------------------------------------

    def keeps_rules(self, candidate: Date) -> bool:
        """Whether no rule speaks against it, whatever is booked but for too many persons in the house."""
        parts = [part for room_id in candidate.room_ids for part in self.parts[room_id]]
        seats = sum(map(self.capacity, candidate.room_ids))
        zone_start, zone_end = candidate.starts.astimezone(BERLIN), candidate.ends.astimezone(BERLIN)
        grid = max(self.limit(candidate.room_ids, "grid_minutes"))
        minutes = (candidate.ends - candidate.starts).total_seconds() / 60
        most = self.house.max_persons
        return (
            len(parts) == len(set(parts))
            and all(self.rooms[room_id].is_active for room_id in candidate.room_ids)
            and (seats >= self.asked.persons or not (seats or self.asked.layout))
            and all((wall.hour * 60 + wall.minute) % grid == 0 for wall in (zone_start, zone_end))
            and max(self.limit(candidate.room_ids, "min_minutes"))
            <= minutes
            <= min(self.limit(candidate.room_ids, "max_minutes"))
            and candidate.starts
            >= self.asked.now + timedelta(hours=max(self.limit(candidate.room_ids, "lead_hours")))
            and candidate.ends
            <= self.asked.now + timedelta(days=min(self.limit(candidate.room_ids, "horizon_days")))
            and all(
                self.is_open(room_id, quarter)
                for room_id in candidate.room_ids
                for quarter in candidate.gross
            )
            and not any((part, quarter) in self.closed for part in parts for quarter in candidate.gross)
            and (
                most is None
                or all(self.persons[quarter] + self.asked.persons <= most for quarter in candidate.net)
            )
        )

    def can_be_asked_for(self, candidate: Date) -> bool:
        """Whether it breaks no rule and nobody is in the rooms; only set-up and tear-down may meet."""
        parts = set().union(*(self.parts[room_id] for room_id in candidate.room_ids))
        return self.keeps_rules(candidate) and not any(
            parts & others and candidate.net & net for others, net, _gross, _persons in self.approved
        )

    def can_be_approved(self, candidate: Date) -> bool:
        parts = set().union(*(self.parts[room_id] for room_id in candidate.room_ids))
        return self.keeps_rules(candidate) and not any(
            parts & others and candidate.gross & gross for others, _net, gross, _persons in self.approved
        )

    # What could be changed --------------------------------------------------------------------

    def changes(
        self, candidate: Date, others: set[int], wall: tuple[datetime, datetime]
    ) -> dict[str, list[Date]]:
        """Return every valid single change by its kind.

        `others` is the time of other dates of the series, `wall` what was wished by the clocks.
        """

        def valid(changed: Iterator[Date]) -> list[Date]:
            return [it for it in changed if self.can_be_approved(it) and not it.gross & others]

        return {
            "room": valid(self._other_rooms(candidate)),
            "shift": valid(self._other_times(candidate, wall[1] - wall[0])),
            "day": valid(self._other_days(candidate, *wall)),
        }

    def _other_rooms(self, candidate: Date) -> Iterator[Date]:
        for old in candidate.room_ids:
            for new in self.rooms:
                if new not in candidate.room_ids and self.does_for(new, old, candidate.room_ids):
                    room_ids = tuple(new if room_id == old else room_id for room_id in candidate.room_ids)
                    yield replace(
                        candidate,
                        room_ids=room_ids,
                        setup=max(self.limit(room_ids, "setup_minutes"))
                        if self.asked.own_setup
                        else candidate.setup,
                        teardown=max(self.limit(room_ids, "teardown_minutes"))
                        if self.asked.own_teardown
                        else candidate.teardown,
                    )

    def does_for(self, new: int, old: int, room_ids: tuple[int, ...]) -> bool:
        rest = [room_id for room_id in room_ids if room_id != old]
        for name in ("step_free", "accessible_toilet"):
            if getattr(self.rooms[old], name) and not getattr(self.rooms[new], name):
                return False
        if self.rooms[old].is_outdoors != self.rooms[new].is_outdoors:
            return False
        if rest and sum(map(self.capacity, rest)) >= self.asked.persons:
            return all(self.seats[new].get(kind, 0) >= seats for kind, seats in self.seats[old].items()) and (
                self.equipment[old] <= self.equipment[new]
            )
        missing = self.asked.equipment & self.equipment[old] - self.equipment[new]
        return self.capacity(new) > 0 and all(
            any(equipment_id in self.equipment[room_id] for room_id in rest) for equipment_id in missing
        )

    def loses_hearing_loop(self, changed: Date, wished: Date) -> bool:
        """Whether the room that was exchanged has a hearing loop and the one in its place has none."""
        return any(
            self.rooms[old].hearing_loop and not self.rooms[new].hearing_loop
            for old, new in zip(wished.room_ids, changed.room_ids, strict=True)
            if old != new
        )

    def _other_times(self, candidate: Date, length: timedelta) -> Iterator[Date]:
        most = self.house.shift_minutes
        for minutes in range(-most, most + 1):
            step = timedelta(minutes=minutes)
            moved = replace(candidate, starts=candidate.starts + step, ends=candidate.ends + step)
            is_second = moved.starts.astimezone(BERLIN).fold
            if minutes % 15 == 0 and minutes and moved.day == candidate.day and not is_second:
                moved = replace(moved, ends=self._end(moved.starts, length))
                if moved.ends - moved.starts in (length, candidate.ends - candidate.starts):
                    yield moved

    def _end(self, starts: datetime, length: timedelta) -> datetime:
        """Look at the clocks every quarter of an hour until they show that the length is over."""
        first = int(starts.timestamp()) // QUARTER
        over = local(first).replace(tzinfo=None) + length
        for quarter in range(first + 1, first + 1 + (length + timedelta(hours=1)) // timedelta(minutes=15)):
            if local(quarter).replace(tzinfo=None) == over:
                return local(quarter).astimezone(UTC)
        return starts + length

    def _other_days(self, candidate: Date, starts: datetime, ends: datetime) -> Iterator[Date]:
        for days in range(-6, 7):
            step = timedelta(days=days)
            day = candidate.day + step
            same_week = day.isocalendar()[:2] == candidate.day.isocalendar()[:2]
            if days and same_week and self.asked.may_go(candidate.day, day):
                new_starts, new_ends = (
                    (wall + step).replace(tzinfo=BERLIN).astimezone(UTC) for wall in (starts, ends)
                )
                if new_ends <= new_starts:
                    new_ends = new_starts + (ends - starts)
                yield replace(candidate, starts=new_starts, ends=new_ends)
