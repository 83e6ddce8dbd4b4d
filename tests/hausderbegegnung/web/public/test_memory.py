"""What processes remember of the plan is what a process without any memory would say."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client

from bookings.access.actors import System
from bookings.agenda import public
from bookings.availability import cache, snapshot
from bookings.enums import SlotStatus, Visibility
from bookings.models import Booking, Slot
from bookings.services import approve_booking, give_dates_back
from hausderbegegnung.web.public import calendar
from hausderbegegnung.web.shared import fragments
from hausderbegegnung.web.templatetags import plan
from rooms import facts, lookups
from rooms.clock import whole_day
from rooms.errors import DomainError
from rooms.models import Closure, House, OpeningHours, Room
from tests.factories import BERLIN, berlin, make_booking, make_house, make_room, make_staff

pytestmark = pytest.mark.django_db(transaction=True)

# The clocks go back in the night to this day, and its week holds it.
DAY = date(2027, 10, 31)
EVENING = datetime(2027, 10, 30, 20, 0, tzinfo=BERLIN)
MEMORIES = (cache._of_plan, cache._of_facts, snapshot._months, fragments._drawn)
DRAWN = (public._schedule, calendar.room_days, plan._agenda_of_day, plan._week_cell)
PAGES = [
    *(
        "/",
        "/tag/",
        f"/tag/{DAY}/",
        f"/tag/{DAY - timedelta(days=1)}/",
        "/woche/2027-W43/",
        "/woche/2027-W44/",
    ),
    *("/raeume/", "/raeume/saal-0/", "/raeume/beide/", "/display/"),
    f"/api/v1/schedule/?date={DAY}",
    f"/finden/?datum={DAY}&von=10:00&dauer=120&personen=8&draussen=1",
    "/api/v1/availability/?from=2027-10-30T00:00:00%2B02:00&to=2027-11-01T00:00:00%2B01:00",
]


class Process:
    """What one of several processes remembers; what is found by its content alone they share."""

    def __init__(self) -> None:
        self._memory: list[dict] = [{} for _memory in range(len(MEMORIES) + 2)]

    @contextmanager
    def at_work(self) -> Iterator[None]:
        holders = [*(memory._kept for memory in MEMORIES), facts._latest, lookups._houses]
        before = [dict(holder) for holder in holders]
        _fill(holders, self._memory)
        try:
            yield
        finally:
            self._memory = [dict(holder) for holder in holders]
            _fill(holders, before)


def _fill(holders: list[dict], contents: list[dict]) -> None:
    for holder, content in zip(holders, contents, strict=True):
        holder.clear()
        holder.update(content)


def pages(process: Process | None, headers: dict[str, str]) -> dict[str, str]:
    """All pages as the process shows them; None is one that has just started."""
    if process is None:
        process = Process()
        for function in DRAWN:
            function.cache_clear()
    with process.at_work():
        shown = {}
        for page in PAGES:
            answer = Client(headers=headers).get(page)
            assert answer.status_code == 200, page
            shown[page] = answer.content.decode()
        return shown


def _a_booking(rng: random.Random, rooms: list[Room]) -> Booking:
    starts_at = datetime(2027, 10, 30, 22, 0, tzinfo=BERLIN) + timedelta(minutes=15 * rng.randrange(160))
    return make_booking(
        rng.sample(rooms, 1),
        starts_at,
        starts_at + timedelta(minutes=15 * rng.randrange(2, 80)),
        status=rng.choice([SlotStatus.APPROVED, SlotStatus.APPROVED, SlotStatus.REQUESTED]),
        visibility=rng.choice(Visibility.values),
        title=f"Treffen {rng.randrange(100)} & <Tee>",
    )


def _given_back(rng: random.Random, _rooms: list[Room]) -> None:
    if ids := list(Slot.objects.approved().values_list("booking", flat=True).order_by("pk")):
        give_dates_back(booking_id=rng.choice(ids), actor=System(), now=EVENING)


def _approved(rng: random.Random, _rooms: list[Room]) -> None:
    if ids := list(
        Slot.objects.filter(status=SlotStatus.REQUESTED).values_list("booking", flat=True).order_by("pk")
    ):
        approve_booking(booking_id=rng.choice(ids), actor=make_staff(), now=EVENING)


def _renamed(rng: random.Random, rooms: list[Room]) -> None:
    room = Room.objects.get(pk=rng.choice(rooms).pk)
    room.name = f"Saal „{rng.randrange(100)}“"
    room.save()


def _renamed_association(rng: random.Random, _rooms: list[Room]) -> None:
    if bookings := list(Booking.objects.order_by("pk")):
        association = rng.choice(bookings).association
        association.name = f"Verein {rng.randrange(100)}"
        association.save()


def _closed(rng: random.Random, rooms: list[Room]) -> None:
    starts_at = berlin(DAY, f"{rng.randrange(20):02}:00")
    with transaction.atomic():
        closure = Closure.objects.create(
            house=rooms[0].house, starts_at=starts_at, ends_at=starts_at + timedelta(hours=3), reason="Putzen"
        )
        closure.rooms.set(rng.sample(rooms, rng.randrange(2)))


def _opened(_rng: random.Random, _rooms: list[Room]) -> None:
    if closure := Closure.objects.first():
        closure.delete()


def _other_hours(rng: random.Random, _rooms: list[Room]) -> None:
    hours = rng.choice(list(OpeningHours.objects.order_by("pk")))
    hours.opens_at = hours.opens_at.replace(hour=rng.randrange(6, 12))
    hours.save()


def _rolled_back(rng: random.Random, rooms: list[Room]) -> None:
    with suppress(DatabaseError), transaction.atomic():
        rng.choice([_a_booking, _renamed, _closed])(rng, rooms)
        raise DatabaseError


WRITES: list[Callable[[random.Random, list[Room]], object]] = [
    *([_a_booking] * 4),
    *(_given_back, _approved, _renamed, _renamed_association, _closed, _opened, _other_hours, _rolled_back),
]


@pytest.fixture
def rooms() -> list[Room]:
    house = make_house()
    rooms = [make_room(house, f"Saal {number}", slug=f"saal-{number}", lead_hours=1) for number in range(3)]
    both = make_room(house, "Beide", slug="beide", lead_hours=1)
    both.parts.set(rooms[:2])
    house.save()
    return [*rooms, both]


@pytest.mark.parametrize("seed", range(3))
def test_every_process_shows_what_one_without_memory_shows(rooms: list[Room], seed: int) -> None:
    rng = random.Random(seed)
    processes = [Process(), Process()]
    with time_machine.travel(EVENING, tick=False) as clock:
        for _step in range(20):
            with suppress(DomainError):
                rng.choice(WRITES)(rng, rooms)
            headers = rng.choice([{}, {"Cookie": "django_language=en"}])
            process = rng.choice(processes)
            shown = pages(process, headers)
            assert shown == pages(process, headers)
            assert shown == pages(None, headers)
            clock.shift(timedelta(minutes=rng.choice([0, 0, 1, 40, 300])))


def test_a_closure_that_is_rolled_back_is_in_no_memory(rooms: list[Room]) -> None:
    house = rooms[0].house

    def reasons() -> list[str]:
        known = facts.house_facts(House.objects.get(pk=house.pk))
        return [closure.reason for closure in snapshot.closed_times(known, whole_day(DAY, BERLIN))]

    def close(reason: str) -> None:
        Closure.objects.create(
            house=house, starts_at=berlin(DAY, "10:00"), ends_at=berlin(DAY, "12:00"), reason=reason
        )

    assert reasons() == []
    with suppress(DatabaseError), transaction.atomic():
        close("Putzen")
        assert reasons() == ["Putzen"]
        raise DatabaseError
    # The next change gets the version that was rolled back.
    close("Wahl")
    assert reasons() == ["Wahl"]


def test_the_comparison_finds_a_memory_that_lies(rooms: list[Room]) -> None:
    """A write that says nothing of itself is shown by none but a process that has just started."""
    process, kept = Process(), f"/tag/{DAY}/"
    with time_machine.travel(EVENING, tick=False):
        make_booking([rooms[0]], berlin(DAY, "16:00"), title="Vorher", visibility=Visibility.PUBLIC)
        shown = pages(process, {})
        Booking.objects.update(title="Nachher")
        assert pages(process, {})[kept] == shown[kept]
        assert pages(None, {})[kept] != shown[kept]
        House.objects.get().save()
        assert pages(process, {}) == pages(None, {})
