"""What a person sees who imports the files of all mails about a booking, one after the other."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import pytest

from bookings.models import Booking
from bookings.services import request_change
from notifications.models import Message
from notifications.wording.rendering import render
from tests.factories import NOW
from tests.notifications.calendars.calendar_programs import READERS, CalendarProgram
from tests.notifications.scenes import Scene, slot_ids


def files_about(booking: Booking) -> list[bytes]:
    """The calendar files of all mails about the booking, in the order of the mails."""
    mails = [render(message) for message in Message.objects.filter(booking=booking).order_by("pk")]
    return [mail.calendar.content for mail in mails if mail.calendar]


def calendar_of(read, files: Iterable[bytes]) -> list[tuple[datetime, datetime, str]]:
    """What a person sees in a program that has imported the files: start, end and place of each date."""
    program = CalendarProgram(read)
    for content in files:
        program.take(content)
    return [(entry.starts_at, entry.ends_at, entry.place.split(",")[0]) for entry in program.shown]


def stored(booking: Booking) -> list[tuple[datetime, datetime, str]]:
    """The same from the database: what the house expects."""
    return [
        (slot.starts_at, slot.ends_at, " + ".join(room.name for room in slot.rooms.order_by("position")))
        for slot in booking.slots.approved().order_by("starts_at")
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("read", READERS)
def test_a_calendar_follows_a_series_through_everything_that_happens_to_it(read):
    """In whatever order the files are imported: mails overtake each other."""
    scene = Scene()
    series = scene.request_weeks(40)
    scene.approve(series)
    assert Message.objects.filter(booking=series, kind="approval").count() == 1
    [first] = files_about(series)
    assert calendar_of(read, [first]) == stored(series)
    assert len(stored(series)) == 40

    scene.move(series, 5)
    [_first, after_moving] = files_about(series)
    assert calendar_of(read, [first, after_moving]) == stored(series)
    assert len(read(after_moving)) == 1

    numbers = slot_ids(series)
    scene.cancel(series, slot_ids=[numbers[3]])
    scene.cancel(series, slot_ids=numbers[30:])
    scene.revoke(series, slot_ids=[numbers[7]])
    files = files_about(series)
    assert len(files) == 5
    assert len(stored(series)) == 28
    for order in [files, files[::-1], files[2:] + files[:2], [*files, *files]]:
        assert calendar_of(read, order) == stored(series)


@pytest.mark.django_db
@pytest.mark.parametrize("read", READERS)
def test_dates_that_are_added_or_decided_later_join_the_calendar(read):
    scene = Scene()
    booking = scene.request_days(20, 21, 22)
    scene.decide(booking, [0], [1])
    assert calendar_of(read, files_about(booking)) == stored(booking)
    scene.approve(booking)
    scene.add(booking, 28)
    assert calendar_of(read, files_about(booking)) == stored(booking)
    scene.approve(booking)
    files = files_about(booking)
    assert (len(files), len(stored(booking))) == (3, 3)
    assert calendar_of(read, files) == calendar_of(read, files[::-1]) == stored(booking)


@pytest.mark.django_db
@pytest.mark.parametrize("read", READERS)
def test_the_date_that_was_replaced_gives_way_to_the_new_one(read):
    scene = Scene()
    booking = scene.request()
    scene.approve(booking)
    change = scene.change(booking, "19:00", "20:00", rooms=[scene.kitchen])
    assert calendar_of(read, files_about(booking) + files_about(change)) == stored(booking)
    scene.approve(change)
    files = files_about(booking) + files_about(change)
    assert (len(files), stored(booking)) == (2, [])
    assert calendar_of(read, files) == calendar_of(read, files[::-1]) == stored(change)
    scene.cancel(change)
    assert calendar_of(read, files_about(booking) + files_about(change)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("last_answer", ["reject", "withdraw"])
def test_old_dates_go_with_the_answer_that_settles_a_change(read, last_answer):
    scene = Scene()
    booking = scene.request_days(20, 21, 22)
    scene.approve(booking)
    data = replace(scene.data(), dates=scene.days(20, 21, start="19:00", end="20:00"))
    change = request_change(booking_id=booking.pk, data=data, actor=scene.person, now=NOW)
    scene.approve(change, slot_ids=slot_ids(change)[:1])
    # Sent already, so that the last answer is a mail of its own.
    Message.objects.update(state="sent")
    getattr(scene, last_answer)(change)
    files = files_about(booking) + files_about(change)
    assert (len(files), len(stored(booking)), len(stored(change))) == (3, 1, 1)
    assert calendar_of(read, files) == sorted(stored(booking) + stored(change))


@pytest.mark.django_db
@pytest.mark.parametrize("read", READERS)
def test_of_a_change_the_approved_dates_move_and_the_others_stay(read):
    scene = Scene()
    booking = scene.request_days(20, 21, 22, 23)
    scene.approve(booking)
    data = replace(scene.data(), dates=scene.days(20, 21, 22, start="19:00", end="20:00"))
    change = request_change(booking_id=booking.pk, data=data, actor=scene.person, now=NOW)
    scene.decide(change, [0], [1])
    for _step in range(2):
        files = files_about(booking) + files_about(change)
        expected = sorted(stored(booking) + stored(change))
        assert calendar_of(read, files) == calendar_of(read, files[::-1]) == expected
        # What still stands of the old booking is told under its own reference.
        assert calendar_of(read, files_about(change)) == stored(change)
        # Then the last one is approved too, and the old date without a new one goes.
        if change.status == "requested":
            scene.approve(change)
            change.refresh_from_db()
    assert (len(stored(booking)), len(stored(change))) == (1, 2)
