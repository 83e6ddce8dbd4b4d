"""Whose bookings there are is found without a walk through all that were ever stored."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.availability.nearest import check_wish
from bookings.availability.wishes import wish_for
from bookings.enums import SlotStatus
from bookings.models import Booking
from rooms.models import Room
from tests.factories import DAY, NOW, berlin, make_association, make_booking, make_user

pytestmark = pytest.mark.django_db
# How SQLite says in a plan that it reads a whole table.
WALKS = ("SCAN bookings_booking", "SCAN slot", "SCAN U0")


def test_bookings_of_a_person_are_those_sent_and_those_of_the_own_associations(room: Room) -> None:
    owner, member = make_user(), make_user()
    common = make_association(owner, member)
    sent_for_it = make_booking([room], berlin(DAY, "08:00"), applicant=owner, association=common)
    by_another = make_booking([room], berlin(DAY, "11:00"), applicant=make_user(), association=common)
    for_another = make_booking([room], berlin(DAY, "14:00"), applicant=owner)
    make_booking([room], berlin(DAY, "17:00"), applicant=make_user())
    assert list(Booking.objects.of_user(owner.pk).order_by("pk")) == [sent_for_it, by_another, for_another]
    assert list(Booking.objects.of_user(member.pk).order_by("pk")) == [sent_for_it, by_another]


def test_neither_a_list_of_them_nor_a_look_at_a_date_reads_all_bookings(room: Room) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL chooses its plan by the size of the tables")
    owner = make_user()
    make_booking([room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED, applicant=owner)
    wish = wish_for(
        house=room.house, room_ids=[room.pk], starts_at=berlin(DAY, "16:00"), ends_at=berlin(DAY, "18:00")
    )
    with CaptureQueriesContext(connection) as queries:
        assert check_wish(house=room.house, wish=wish, now=NOW, asker=owner) == []
        list(Booking.objects.of_user(owner.pk))
    asked = [query["sql"] for query in queries if "bookings_membership" in query["sql"]]
    assert len(asked) == 2
    for sql in asked:
        with connection.cursor() as cursor:
            plan = [row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()]
        assert [step for step in plan if step.startswith(WALKS)] == []
