"""Planning as a whole: twice is once, two beats are one, and nothing slips in between."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection

from bookings.access.actors import System
from bookings.services import give_dates_back
from notifications import tasks
from notifications.models import Message
from notifications.planning import plan_mails
from notifications.wording.catalogue import KINDS, Audience
from rooms.models import House
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_booking,
    make_room,
    make_series,
    make_staff,
    make_user,
    weekly,
)
from tests.notifications.scenes import Scene

EVE = DAY - timedelta(days=1)


def known_scene(**fields) -> Scene:
    """A house in which every kind of planned mail is due in the evening before DAY."""
    scene = Scene(ask_days=1, caretaker_plan_from="08:00", overview_days=12, **fields)
    scene.approve(scene.request())
    scene.request("10:00", "12:00")
    scene.weekly(8, room=make_room(scene.house))
    make_series(
        make_room(scene.house),
        weekly(EVE - timedelta(weeks=1), 10),
        association_id=scene.association.pk,
    )
    return scene


@pytest.mark.django_db
def test_every_planned_kind_is_entered_and_a_second_time_nothing() -> None:
    scene = known_scene()
    Message.objects.all().delete()
    evening = berlin(EVE, "18:00")
    # The request waits since 1 March; what is late for long is told by the digest alone.
    planned = {kind.name for kind in KINDS.values() if kind.holds} - {"caretaker_change", "staff_overdue"}
    assert {message.kind for message in scene.plan(evening)} == planned
    assert scene.plan(evening) == []
    assert scene.plan(evening + timedelta(minutes=5)) == []


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_enter_nothing_twice() -> None:
    scene = known_scene()
    Message.objects.all().delete()
    evening, entered = berlin(EVE, "18:00"), []
    barrier = threading.Barrier(4)

    def beat() -> None:
        try:
            barrier.wait()
            entered.append(plan_mails(house_id=scene.house.pk, now=evening))
        finally:
            connection.close()

    beats = [threading.Thread(target=beat) for _ in range(4)]
    for thread in beats:
        thread.start()
    for thread in beats:
        thread.join()
    assert sorted(entered) == [0, 0, 0, Message.objects.count()]
    assert Message.objects.count() > 0


@pytest.mark.django_db(transaction=True)
def test_a_date_that_is_cancelled_meanwhile_is_not_entered() -> None:
    """Planning and cancelling at once, in any order: never a reminder entered after the cancellation."""
    scene = Scene(caretaker_plan_from=None)
    bookings = [
        make_booking([make_room(scene.house)], berlin(DAY, "10:00"), now=NOW, association=scene.association)
        for _ in range(6)
    ]
    now = berlin(EVE, "09:00")

    def run(work) -> threading.Thread:
        def and_close() -> None:
            try:
                work()
            finally:
                connection.close()

        thread = threading.Thread(target=and_close)
        thread.start()
        return thread

    threads = [
        run(lambda booking=booking: give_dates_back(booking_id=booking.pk, actor=System(), now=now))
        for booking in bookings
    ]
    threads.append(run(lambda: plan_mails(house_id=scene.house.pk, now=now)))
    for thread in threads:
        thread.join()
    in_order = {
        kind: dict(Message.objects.filter(kind=kind).values_list("booking", "pk"))
        for kind in ("reminder", "cancellation")
    }
    assert len(in_order["cancellation"]) == 6
    for booking_id, reminder in in_order["reminder"].items():
        assert reminder < in_order["cancellation"][booking_id]


@pytest.mark.parametrize("number", [1, 6])
@pytest.mark.django_db
def test_the_queries_depend_on_nothing(number: int, django_assert_num_queries) -> None:
    """Everything due at once, for one and for many; and again when all of it is known."""
    scene = Scene(ask_days=1, caretaker_plan_from="08:00", overview_days=12, email="")
    for hour in range(number):
        common = {"contact_email": f"person-{hour}@example.org", "association_id": scene.association.pk}
        room, other = make_room(scene.house), make_room(scene.house)
        make_series(room, [DAY], **common)
        make_series(other, weekly(DAY, 8), **common)
        make_series(room, weekly(EVE - timedelta(weeks=1), 10), **common)
        scene.request("10:00", "12:00", rooms=[room])
        make_staff()
        make_user(is_caretaker=True)
    Message.objects.all().delete()
    with django_assert_num_queries(56):
        entered = plan_mails(house_id=scene.house.pk, now=berlin(EVE, "18:00"))
    assert entered == 4 * number + 2 * (number + 1)
    with django_assert_num_queries(26):
        assert plan_mails(house_id=scene.house.pk, now=berlin(EVE, "18:05")) == 0


@pytest.mark.django_db
def test_who_gets_what_is_told_by_the_catalogue() -> None:
    scene = known_scene()
    Message.objects.all().delete()
    people = {
        Audience.APPLICANT: {"maria@example.org"},
        Audience.STAFF: {"haus@example.org"},
        Audience.CARETAKERS: {scene.caretaker.email},
    }
    for message in scene.plan(berlin(EVE, "18:00")):
        assert {message.recipient} == people[KINDS[message.kind].audience]


# The tasks -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_beat_hands_out_each_house_by_itself(monkeypatch) -> None:
    known_scene()
    House.objects.create(name="Zweites Haus", slug="zweites", reference_prefix="Z")
    handed_out: list[int] = []
    monkeypatch.setattr(
        tasks.plan_mails_of_house, "apply_async", lambda *, args, expires: handed_out.extend(args)
    )
    tasks.plan_mails_of_houses()
    assert handed_out == list(House.objects.order_by("pk").values_list("pk", flat=True))


@pytest.mark.django_db
def test_the_task_plans_by_the_clock() -> None:
    scene = known_scene()
    Message.objects.all().delete()
    with time_machine.travel(berlin(EVE, "18:00"), tick=False):
        tasks.plan_mails_of_house(scene.house.pk)
        tasks.plan_mails_of_house(scene.house.pk)
    assert Message.objects.filter(kind="reminder").count() == 1


@pytest.mark.django_db
def test_nothing_is_planned_by_the_broker(settings) -> None:
    """Redis may be emptied at any moment: what beat asks expires before it asks again."""
    entry = settings.CELERY_BEAT_SCHEDULE["plan-mails"]
    assert entry["task"] == tasks.plan_mails_of_houses.name
    assert timedelta(seconds=entry["options"]["expires"]) <= entry["schedule"].run_every
    assert tasks.plan_mails_of_houses.once_in < entry["schedule"].run_every
