"""Whatever a calendar becomes: read again, it gives the dates that it gives to an empty house."""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from bookings.access.actors import System
from bookings.enums import SlotStatus
from bookings.models import Booking, Slot
from bookings.plan_import.calendar_events import CalendarOptions
from bookings.plan_import.calendar_house import plan_of
from bookings.plan_import.calendar_reader import read_calendar
from bookings.plan_import.writer import store_plan
from bookings.series.scheduler import occurrences_of
from tests.bookings.plan_import.calendars import calendar, event
from tests.factories import NOW, make_house, make_room
from tests.generated import examples

FIRST_DAYS = st.builds(
    lambda day, days: day + timedelta(days=days),
    st.sampled_from([date(2027, 3, 22), date(2027, 10, 25)]),
    st.integers(0, 6),
)
ROOMS = ["Saal A", "Saal B"]
INTERVALS = {"DAILY": timedelta(days=1), "WEEKLY": timedelta(days=7)}


@st.composite
def events(draw, number):
    """A series, or a single event: rule, first start, and what is otherwise about some of its dates.

    The dates of different events are in different minutes, so that no two of them clash.
    """
    rule = draw(st.sampled_from(["", *INTERVALS]))
    count = draw(st.integers(2, 6)) if rule else 1
    return {
        "rule": rule,
        "count": count,
        "start": datetime.combine(draw(FIRST_DAYS), time(draw(st.integers(6, 20)), number * 20)),
        "room": draw(st.sampled_from(ROOMS)),
        "title": draw(st.sampled_from(["Chor", "Probe"])),
        "is_cancelled": draw(st.integers(0, 9)) == 0,
        "skipped": draw(st.sets(st.integers(0, count - 1), max_size=2)) if rule else set(),
        "moved": draw(
            st.dictionaries(st.integers(0, count - 1), st.sampled_from([3, 26, -50, 171]), max_size=2)
            if rule
            else st.just({})
        ),
        "elsewhere": draw(st.sets(st.integers(0, count - 1), max_size=1)) if rule else set(),
        "added": draw(st.sets(st.sampled_from([40 * 24, 41 * 24 + 5]), max_size=2)) if rule else set(),
    }


def changed(number):
    """The same event in a newer version: some of what it says is another."""
    return (
        st.tuples(events(number), events(number), st.sets(st.sampled_from(sorted(ASPECTS))))
        .map(lambda drawn: (drawn[0], _with_aspects(*drawn)))
        .filter(lambda pair: all(map(has_no_date_twice, pair)))
    )


ASPECTS = {
    "rule": ["rule", "count", "skipped", "moved", "elsewhere", "added"],
    "start": ["start"],
    "room": ["room"],
    "title": ["title"],
    "end": ["is_cancelled"],
    "count": ["count"],
    "skipped": ["skipped"],
    "moved": ["moved", "elsewhere"],
    "added": ["added"],
}


def _with_aspects(old, other, aspects):
    new = dict(old)
    for aspect in aspects:
        new |= {name: other[name] for name in ASPECTS[aspect]}
    if not new["rule"]:
        new |= {"count": 1, "skipped": set(), "moved": {}, "elsewhere": set(), "added": set()}
    elif new["count"] < 2:
        new["count"] = 2
    for name in ("skipped", "elsewhere"):
        new[name] = {place for place in new[name] if place < new["count"]}
    new["moved"] = {place: hours for place, hours in new["moved"].items() if place < new["count"]}
    return new


def has_no_date_twice(drawn):
    """Two dates at once clash with each other, and it depends on the order which of them stands."""
    starts = [
        drawn["start"]
        + place * INTERVALS.get(drawn["rule"], timedelta())
        + timedelta(hours=drawn["moved"].get(place, 0))
        for place in range(drawn["count"])
    ]
    starts += [drawn["start"] + timedelta(hours=hours) for hours in drawn["added"]]
    return len(set(starts)) == len(starts)


def wall(moment):
    return f";TZID=Europe/Berlin:{moment:%Y%m%dT%H%M%S}"


def written(number, drawn, sequence):
    """The event as a calendar has it, with its changed dates."""
    starts = [
        drawn["start"] + place * INTERVALS.get(drawn["rule"], timedelta()) for place in range(drawn["count"])
    ]
    common = {"uid": f"{number}@example.org", "title": drawn["title"]}
    lines = ["DURATION:PT15M", f"SEQUENCE:{sequence}"]
    if drawn["is_cancelled"]:
        lines.append("STATUS:CANCELLED")
    yield event(
        f"DTSTART{wall(drawn['start'])}",
        *lines,
        f"LOCATION:{drawn['room']}",
        *([f"RRULE:FREQ={drawn['rule']};COUNT={drawn['count']}"] if drawn["rule"] else []),
        *(f"EXDATE{wall(starts[place])}" for place in sorted(drawn["skipped"])),
        *(f"RDATE{wall(drawn['start'] + timedelta(hours=hours))}" for hours in sorted(drawn["added"])),
        **common,
    )
    for place in sorted((drawn["moved"].keys() | drawn["elsewhere"]) - drawn["skipped"]):
        other = ROOMS[1 - ROOMS.index(drawn["room"])] if place in drawn["elsewhere"] else drawn["room"]
        start = starts[place] + timedelta(hours=drawn["moved"].get(place, 0))
        yield event(
            f"DTSTART{wall(start)}",
            f"RECURRENCE-ID{wall(starts[place])}",
            *lines,
            f"LOCATION:{other}",
            **common,
        )


def read(house, parts, **how):
    options = CalendarOptions(association="Chor", persons=1)
    plan = read_calendar(calendar(*parts), plan_of(house), {}, options)
    report, _house, _new = store_plan(
        plan, house=house, actor=System(), now=NOW, skip_clashing_dates=True, **how
    )
    return report.comparison


def standing(house):
    """All dates that stand: when, where, and how often so."""
    return sorted(
        (slot.starts_at, slot.ends_at, [room.name for room in slot.rooms.all()])
        for slot in Slot.objects.filter(
            booking__house=house, status__in=SlotStatus.STANDING
        ).prefetch_related("rooms")
    )


def compare_with_django_scheduler():
    for booking in Booking.objects.filter(event__isnull=False).select_related("event", "house"):
        nets = {slot.net for slot in booking.slots.filter(status__in=SlotStatus.STANDING)}
        assert occurrences_of(booking.event, booking.house.zone) == sorted(nets)


@given(st.tuples(changed(0), changed(1)))
@examples(30)
def test_a_changed_calendar_read_again_gives_the_dates_that_an_empty_house_gets(db, drawn):
    old = [part for number, (before, _new) in enumerate(drawn) for part in written(number, before, 0)]
    new = [part for number, (_old, after) in enumerate(drawn) for part in written(number, after, 1)]
    with transaction.atomic():
        house, empty = make_house(slug="haus"), make_house(slug="leer", reference_prefix="L")
        for name in ROOMS:
            for place in (house, empty):
                make_room(place, name, slug=name.lower().replace(" ", "-"))
        read(house, old)
        read(empty, new)
        expected = standing(empty)
        was = standing(house)
        read(house, new)
        assert [row for row in was if row not in standing(house)] == []
        compare_with_django_scheduler()
        read(house, new, update=True)
        compare_with_django_scheduler()
        assert standing(house) == expected
        versions = list(Booking.objects.order_by("pk").values_list("pk", "version", "title"))
        again = read(house, new, update=True)
        assert [difference.kind for difference in again.differences if difference.is_done] == []
        assert standing(house) == expected
        assert list(Booking.objects.order_by("pk").values_list("pk", "version", "title")) == versions
        transaction.set_rollback(True)
