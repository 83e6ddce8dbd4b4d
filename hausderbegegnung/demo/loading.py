"""Put the demo house into the database, or bring it up to today; loading twice doubles nothing."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from bookings.access.actors import Actor, System
from bookings.enums import MemberRole
from bookings.models import Association, Booking, Membership
from bookings.plan_import.plan import PlanBooking, PlanFile
from bookings.plan_import.plan_reader import read_plan
from bookings.plan_import.writer import check_against, store_plan
from hausderbegegnung.accounts.codes import prove_address
from hausderbegegnung.accounts.demo import DEMO_PEOPLE
from hausderbegegnung.demo import house as texts
from hausderbegegnung.demo.week import (
    DEMO_ASSOCIATION,
    DEMO_ASSOCIATION_KIND,
    DEMO_EMAIL,
    bookings_around,
    phone_of,
)
from hausderbegegnung.models import User
from rooms.holidays import load_holidays
from rooms.models import Equipment, House, HouseRules

PLAN_FILE = Path(__file__).with_name("demo_house.json")
# Series are asked for up to a year ahead, and prepared for the next.
YEARS_OF_HOLIDAYS = 2
# Names of roles, not of persons.
PEOPLE: dict[str, dict[str, Any]] = {
    "verein": {"name": "Demo Verein", "phone": "02272 000-001"},
    "verwaltung": {"name": "Demo Verwaltung"},
    "hausmeister": {"name": "Demo Hausmeisterei", "is_caretaker": True},
}


class NotEmpty(Exception):
    """The database holds a house of its own; the demo house would stand beside it."""


@transaction.atomic
def load_demo(now: datetime) -> tuple[House, list[Booking]]:
    """Store the demo house with its plan and the dates around `now`; return what is new of bookings.

    What is there already stays as it is, also where somebody changed it. Nobody is told. The
    demo people, who log in with one click, are made only in the demo (settings.DEMO). Raises
    NotEmpty where the database holds another house.
    """
    house = House.objects.filter(slug=texts.SLUG).first()
    if house is None and House.objects.exists():
        raise NotEmpty
    plan = furnished(read_plan(PLAN_FILE.read_bytes()))
    new: list[Booking] = []
    if house is None:
        _report, _house, new = store_plan(
            plan,
            house=None,
            slug=texts.SLUG,
            name=texts.HOUSE["name"],
            skip_clashing_dates=True,
            actor=System(),
            now=now,
        )
        house = House.objects.get(slug=texts.SLUG)
        describe(house)
    this_year = now.astimezone(house.zone).year
    load_holidays(house, this_year, this_year + YEARS_OF_HOLIDAYS)
    member = make_people(now)
    plan = as_far_as_unchanged(plan, house)
    known = {room.slug for room in plan.rooms}
    around = [booking for booking in bookings_around(now, house.zone) if known.issuperset(booking.rooms)]
    actors: list[tuple[Actor, list[PlanBooking]]] = [
        (System(), [booking for booking in around if booking.association != DEMO_ASSOCIATION]),
        (member or System(), [booking for booking in around if booking.association == DEMO_ASSOCIATION]),
    ]
    for actor, bookings in actors:
        new += store_what_fits(plan, bookings, house, actor, now)
    return house, new


def as_far_as_unchanged(plan: PlanFile, house: House) -> PlanFile:
    """Return the plan with the rooms the house still has as they were: people may have changed it."""
    unchanged = {
        room.slug: {part.slug for part in room.parts.all()}
        for room in house.rooms.filter(is_active=True).prefetch_related("parts")
    }
    rooms = [room for room in plan.rooms if unchanged.get(room.slug) == set(room.parts)]
    slugs = {room.slug for room in rooms}
    return replace(
        plan,
        zone=house.zone,
        rooms=tuple(room for room in rooms if slugs.issuperset(room.parts)),
        bookings=(),
    )


def furnished(plan: PlanFile) -> PlanFile:
    """Return the plan with what this file does not say: kinds of events, phone numbers, spoken words."""
    return replace(
        plan,
        rooms=tuple(
            replace(room, equipment=tuple(texts.EQUIPMENT.get(item, item) for item in room.equipment))
            for room in plan.rooms
        ),
        bookings=tuple(
            replace(
                booking,
                kind=texts.KINDS[booking.id],
                contact_phone=booking.contact_phone or phone_of(booking.association),
            )
            for booking in plan.bookings
        ),
    )


def describe(house: House) -> None:
    """Give house and rooms the words that people read, and the house its rules."""
    House.objects.filter(pk=house.pk).update(**texts.HOUSE)
    for room in house.rooms.all():
        for field, text in texts.ROOMS[room.slug].items():
            setattr(room, field, text)
        room.accessible_toilet = True
        room.save()
    for name, count in texts.MOBILE_EQUIPMENT.items():
        Equipment.objects.create(house=house, name=name, mobile_count=count)
    HouseRules.objects.create(
        house=house,
        version=texts.HOUSE_RULES_VERSION,
        text=texts.HOUSE_RULES,
        valid_from=texts.HOUSE_RULES_VALID_FROM,
    )
    house.refresh_from_db()


def make_people(now: datetime) -> User | None:
    """Make the demo people and their association; return who acts for it, None outside the demo."""
    if not settings.DEMO:
        return None
    users: dict[str, User] = {}
    for who, person in DEMO_PEOPLE.items():
        user = User.objects.filter(email=person.email).first()
        if user is None:
            create = User.objects.create_staff if who == "verwaltung" else User.objects.create_user
            user = create(person.email, **PEOPLE[who])
            prove_address(user)
        users[who] = user
    association, _created = Association.objects.get_or_create(
        name=DEMO_ASSOCIATION,
        defaults={"kind": DEMO_ASSOCIATION_KIND, "email": DEMO_EMAIL, "created_at": now},
    )
    Membership.objects.get_or_create(
        association=association, user=users["verein"], defaults={"role": MemberRole.MANAGER}
    )
    return users["verein"]


def store_what_fits(
    plan: PlanFile, bookings: Iterable[PlanBooking], house: House, actor: Actor, now: datetime
) -> list[Booking]:
    """Store the bookings, without the approved ones whose place is taken by now."""
    wanted = replace(plan, bookings=tuple(bookings))
    taken = check_against(wanted, house, now).skipped_dates
    fitting = replace(
        wanted, bookings=tuple(booking for booking in wanted.bookings if booking.id not in taken)
    )
    _report, _house, new = store_plan(fitting, house=house, skip_clashing_dates=True, actor=actor, now=now)
    return new
