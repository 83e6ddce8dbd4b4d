"""A calendar that is read again: what changed in an event is carried out where that is wanted."""

import pytest

from bookings.enums import BookingStatus, SlotStatus, Verb
from bookings.events import FreeTime, bookings_changed
from bookings.models import Booking, Slot, Transition
from notifications.models import Message
from rooms.intervals import Interval
from rooms.models import Room
from tests.bookings.plan_import.calendars import event
from tests.bookings.plan_import.read_again import CLOCKS, DAY, LATER, SINGLE, changes, kinds, stored
from tests.factories import berlin

pytestmark = pytest.mark.usefixtures("english")


def test_what_is_new_and_what_is_unchanged_is_counted(read):
    other = event(f"{CLOCKS}20270421T190000", uid="b", title="Probe")
    first, second, third = read(SINGLE), read(SINGLE), read(SINGLE, other)
    assert [kinds(report) for report in (first, second, third)] == [
        {},
        {"unchanged": 1},
        {"unchanged": 1, "new": 1},
    ]
    assert (second["changes"], third["stored"]) == ([], 1)


MOVED = "It moved from 17:00 to 19:00."


@pytest.mark.parametrize("options", [[], ["--dry-run"], ["--dry-run", "--update"]])
def test_a_moved_event_is_said_and_stays_without_the_option(read, options):
    read(SINGLE)
    report = read(LATER, options=options)
    assert changes(report) == [("moved", MOVED, "--update" in options, "")]
    assert report["changes"][0] == {
        "booking": "Chorprobe, 2027-04-20 19:00",
        "reference": Booking.objects.get().reference,
        "kind": "moved",
        "from": ["2027-04-20T17:00", "2027-04-20T19:00"],
        "to": ["2027-04-20T19:00", "2027-04-20T21:00"],
        "message": MOVED,
        "done": "--update" in options,
        "left": "",
    }
    assert stored() == ["20.04. 17:00–19:00 saal-a"]


def test_a_moved_event_moves_once_and_nobody_is_told(read, update):
    read(SINGLE)
    Booking.objects.update(contact_email="chor@example.org")
    assert changes(update(LATER)) == [("moved", MOVED, True, "")]
    assert stored() == ["20.04. 19:00–21:00 saal-a"]
    history = list(Transition.objects.values_list("verb", "actor_kind"))
    assert Message.objects.count() == 0
    again = update(LATER)
    assert (again["changes"], kinds(again)) == ([], {"unchanged": 1})
    assert list(Transition.objects.values_list("verb", "actor_kind")) == history
    assert Slot.objects.get().sequence == 1


def test_what_is_read_is_announced_quietly_with_what_became_free(read):
    events = []

    def hear(event, **kwargs):
        events.append((event.is_quiet, [change.verb for change in event.changes], list(event.freed)))

    bookings_changed.connect(hear, weak=False)
    try:
        read(SINGLE)
        read(LATER, options=["--update"])
    finally:
        bookings_changed.disconnect(hear)
    room = Room.objects.get(slug="saal-a")
    before = FreeTime(
        room.house_id, frozenset({room.pk}), Interval(berlin(DAY, "17:00"), berlin(DAY, "19:00"))
    )
    assert events == [(True, [Verb.REQUEST], []), (True, [Verb.MOVE], [before])]


def test_people_are_told_where_that_is_wanted(read):
    read(SINGLE)
    Booking.objects.update(contact_email="chor@example.org")
    read(LATER, options=["--update", "--tell"])
    assert list(Message.objects.values_list("recipient", flat=True)) == ["chor@example.org"]


@pytest.mark.parametrize(
    ("part", "head"),
    [
        (event(f"{CLOCKS}20270420T170000", "SEQUENCE:1", "STATUS:CANCELLED"), ()),
        (event(f"{CLOCKS}20270420T170000", "SEQUENCE:1"), ["METHOD:CANCEL"]),
    ],
)
def test_a_cancelled_event_is_cancelled(read, update, part, head):
    read(SINGLE)
    assert changes(read(part, head=head)) == [("cancelled", "It was cancelled.", False, "")]
    assert stored() == ["20.04. 17:00–19:00 saal-a"]
    assert changes(update(part, head=head)) == [("cancelled", "It was cancelled.", True, "")]
    assert (stored(), Booking.objects.get().status) == ([], BookingStatus.CANCELLED)
    assert update(part, head=head)["changes"] == []


def test_a_cancelled_event_comes_back_with_a_newer_version_only(read, update):
    read(SINGLE)
    update(event(f"{CLOCKS}20270420T170000", "SEQUENCE:2", "STATUS:CANCELLED"))
    assert [kind for kind, *_rest in changes(update(LATER))] == ["older"]
    assert stored() == []
    again = event(f"{CLOCKS}20270420T180000", "SEQUENCE:3")
    assert changes(update(again)) == [("added", "It has a new date.", True, "")]
    assert (stored(), update(again)["changes"]) == (["20.04. 18:00–20:00 saal-a"], [])


def test_a_request_that_is_cancelled_is_withdrawn(read, update):
    read(event(f"{CLOCKS}20270420T170000", "STATUS:TENTATIVE"))
    update(event(f"{CLOCKS}20270420T170000", "STATUS:CANCELLED"))
    assert Booking.objects.get().status == BookingStatus.WITHDRAWN


def test_an_event_that_is_missing_is_said_and_stays(read, update):
    read(SINGLE, event(f"{CLOCKS}20270421T190000", uid="b", title="Probe"))
    report = update(SINGLE)
    assert [(change["booking"], change["kind"], change["done"]) for change in report["changes"]] == [
        ("Probe, 2027-04-21 19:00", "missing", False)
    ]
    assert len(stored()) == 2
    # News of a single event says nothing of the others.
    assert read(LATER, head=["METHOD:REQUEST"])["compared"]["missing"] == 0


@pytest.mark.parametrize(
    ("part", "message", "date", "title"),
    [
        (
            event(f"{CLOCKS}20270420T170000", "DURATION:PT3H"),
            "It ends at 20:00 instead of 19:00.",
            "20.04. 17:00–20:00 saal-a",
            "Chorprobe",
        ),
        (
            event(f"{CLOCKS}20270420T170000", "LOCATION:Saal B"),
            "It is in Saal B instead of Saal A.",
            "20.04. 17:00–19:00 saal-b",
            "Chorprobe",
        ),
        (
            event(f"{CLOCKS}20270420T170000", title="Konzert"),
            "It is called “Konzert” instead of “Chorprobe”.",
            "20.04. 17:00–19:00 saal-a",
            "Konzert",
        ),
    ],
)
def test_what_is_changed_otherwise_is_carried_out(read, update, part, message, date, title):
    read(SINGLE)
    assert changes(read(part)) == [("changed", message, False, "")]
    assert changes(update(part)) == [("changed", message, True, "")]
    assert (stored(), Booking.objects.get().title) == ([date], title)
    assert update(part)["changes"] == []


def test_whether_it_is_approved_is_decided_by_people(read, update):
    read(event(f"{CLOCKS}20270420T170000", "STATUS:TENTATIVE"))
    expected = [
        (
            "changed",
            "It is marked as approved instead of requested.",
            False,
            "Whether it is approved is decided here.",
        )
    ]
    assert [changes(update(SINGLE)), changes(update(SINGLE))] == [expected, expected]
    Slot.objects.update(status=SlotStatus.APPROVED)
    assert update(SINGLE)["changes"] == []
