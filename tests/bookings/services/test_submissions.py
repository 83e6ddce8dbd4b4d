"""Sending twice is one request, whatever way it is written; another request with the same key is none."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bookings.availability.wishes import Checked
from bookings.date_facts import Before, Skip
from bookings.enums import SkippedBecause, SlotStatus
from bookings.errors import InvalidRequest, KeyReused
from bookings.models import Association, Booking
from bookings.series.dates import Series
from bookings.series.pattern import Frequency, Pattern
from bookings.services import (
    RequestData,
    WantedDate,
    find_submission,
    import_booking,
    request_booking,
    request_change,
)
from bookings.services._entries import SentSeries
from bookings.services.submissions import keyed_by_content, submission_digest
from rooms.intervals import Interval
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_booking_on,
    make_house,
    make_house_rules,
    make_request_data,
    make_room,
    make_staff,
    make_user,
    weekly,
)

KEY = uuid.UUID("b7f6b5a3-7d0d-4a5e-9c55-0a8f4f7f3f10")


def data_of(**fields) -> RequestData:
    """A request for two rooms on two days that needs no database."""
    dates = tuple(
        WantedDate(
            berlin(DAY + timedelta(days=day), "16:00"), berlin(DAY + timedelta(days=day), "18:00"), (1, 2)
        )
        for day in range(2)
    )
    return RequestData(
        **{
            "house_id": 1,
            "dates": dates,
            "association_id": 3,
            "contact_name": "Maria Beispiel",
            "kind": "meeting",
            "title": "Elternabend",
            "remarks": "Bitte leise.\nDanke.",
            "persons": 10,
            "equipment_ids": (4, 5),
            "submission_key": KEY,
            **fields,
        }
    )


def series_of(**fields) -> Series:
    pattern = Pattern(
        frequency=Frequency.WEEKLY,
        first_day=DAY,
        starts=berlin(DAY, "16:00").time(),
        ends=berlin(DAY, "18:00").time(),
        weekdays=(1, 3),
        count=4,
    )
    starts, ends = (berlin(DAY, clock).replace(tzinfo=None) for clock in ("16:00", "18:00"))
    return Series(starts=starts, ends=ends, pattern=replace(pattern, **fields))


def sent_series(**fields) -> SentSeries:
    return SentSeries(
        **{
            "room_ids": (1,),
            "setup_minutes": None,
            "teardown_minutes": 15,
            "choices": {"2027-04-20T16:00": "skip", "2027-04-22T16:00": "keep"},
            **fields,
        }
    )


def in_utc(date: WantedDate) -> WantedDate:
    return replace(date, starts_at=date.starts_at.astimezone(UTC), ends_at=date.ends_at.astimezone(UTC))


@pytest.mark.parametrize(
    "other",
    [
        {"submission_key": uuid.UUID(int=1)},
        {"equipment_ids": (5, 4)},
        {"title": " Elternabend ", "remarks": "Bitte  leise.\r\n Danke.\n"},
        {"dates": tuple(reversed(data_of().dates))},
        {"dates": tuple(map(in_utc, data_of().dates))},
        {"dates": tuple(replace(date, room_ids=(2, 1)) for date in data_of().dates)},
        {"checked": Checked(1, NOW, frozenset(), frozenset())},
    ],
    ids=["key", "equipment", "white space", "order of dates", "time zone", "rooms", "plan"],
)
def test_what_makes_no_difference(other):
    assert submission_digest(data_of(**other)) == submission_digest(data_of())


@pytest.mark.parametrize(
    "other",
    [
        {"house_id": 2},
        {"dates": data_of().dates[:1]},
        {
            "dates": tuple(
                replace(date, ends_at=date.ends_at + timedelta(minutes=15)) for date in data_of().dates
            )
        },
        {"dates": tuple(replace(date, room_ids=(1,)) for date in data_of().dates)},
        {"dates": tuple(replace(date, setup_minutes=0) for date in data_of().dates)},
        {"dates": tuple(replace(date, skipped="Ferien") for date in data_of().dates)},
        {"association_id": 4},
        {"new_association_name": "Chor"},
        {"contact_phone": "02272 1"},
        {"title": "Elternabend 2"},
        {"persons": 11},
        {"persons_total": 10},
        {"equipment_ids": (4,)},
        {"house_rules_id": 1},
        {"follows_id": 1},
        {"series": series_of()},
    ],
    ids=lambda other: next(iter(other)),
)
def test_what_is_another_request(other):
    assert submission_digest(data_of(**other)) != submission_digest(data_of())


def test_every_text_counts():
    names = ("purpose", "language", "visibility", "layout", "display_title", "contact_email", "kind")
    digests = {submission_digest(data_of(**{name: "anders"})) for name in names}
    assert len(digests - {submission_digest(data_of())}) == len(names)


def test_a_new_association_is_the_same_when_it_is_known_the_second_time():
    new = data_of(association_id=None, new_association_name="Lesekreis", new_association_kind="initiative")
    assert submission_digest(new) == submission_digest(replace(new, association_id=7))


def test_of_a_series_counts_what_was_asked_not_what_the_plan_made_of_it():
    asked = data_of(series=series_of(), sent_series=sent_series())
    planned = replace(asked, dates=())
    in_other_order = replace(
        asked,
        series=series_of(weekdays=(3, 1)),
        sent_series=sent_series(choices=dict(reversed(sent_series().choices.items()))),
    )
    assert submission_digest(asked) == submission_digest(planned) == submission_digest(in_other_order)
    for other in [
        replace(asked, series=series_of(count=5)),
        replace(asked, sent_series=sent_series(room_ids=(2,))),
        replace(asked, sent_series=sent_series(teardown_minutes=None)),
        replace(asked, sent_series=sent_series(choices={})),
        replace(asked, sent_series=sent_series(skipped=frozenset({"2027-04-20T16:00"}))),
    ]:
        assert submission_digest(other) != submission_digest(asked)


def test_why_a_date_is_skipped_or_elsewhere_is_the_plan_of_that_moment_and_no_content():
    clash, chosen = (
        tuple(replace(date, skipped=Skip(because)) for date in data_of().dates)
        for because in (SkippedBecause.CLASH, SkippedBecause.CHOSEN)
    )
    assert submission_digest(data_of(dates=clash)) == submission_digest(data_of(dates=chosen))
    assert submission_digest(data_of(dates=clash)) != submission_digest(data_of())
    first, *others = data_of().dates
    wished = Before(Interval(first.starts_at, first.ends_at), ("Saal B",))
    elsewhere = data_of(dates=(replace(first, instead_of=wished), *others))
    assert submission_digest(elsewhere) == submission_digest(data_of())


def test_the_key_of_a_page_follows_from_what_is_sent():
    same, other = keyed_by_content(data_of(title="Elternabend  ")), keyed_by_content(data_of(title="Chor"))
    assert keyed_by_content(data_of()).submission_key == same.submission_key
    assert KEY != same.submission_key != other.submission_key
    assert replace(other, submission_key=KEY) == data_of(title="Chor")


# Stored ------------------------------------------------------------------------------------------


@pytest.fixture
def room(db):
    return make_room(make_house())


@pytest.fixture
def data(room, owner):
    return make_request_data(
        [room], berlin(DAY, "16:00"), berlin(DAY, "18:00"), association_id=make_association(owner).pk
    )


def test_the_same_again_is_the_stored_request_and_another_one_is_refused(data, owner):
    first = request_booking(data=data, actor=owner, now=NOW)
    assert request_booking(data=replace(data, title="Elternabend "), actor=owner, now=NOW) == first
    for other in [
        replace(data, title="Chorprobe"),
        replace(data, dates=(replace(data.dates[0], ends_at=berlin(DAY, "19:00")),)),
        replace(data, association_id=make_association(owner).pk),
    ]:
        with pytest.raises(KeyReused):
            request_booking(data=other, actor=owner, now=NOW)
    assert list(Booking.objects.all()) == [first]
    assert first.submission_digest == submission_digest(data)


def test_what_was_decided_since_makes_no_other_request_of_it(data, owner):
    first = request_booking(data=data, actor=owner, now=NOW)
    Booking.objects.filter(pk=first.pk).update(status="approved", version=7, title="Vom Haus geändert")
    assert find_submission(data, actor=owner) == first


def test_a_new_association_is_made_once(data, owner):
    new = replace(data, association_id=None, new_association_name="Lesekreis", new_association_kind="other")
    before = Association.objects.count()
    first = request_booking(data=new, actor=owner, now=NOW)
    again = replace(new, association_id=first.association_id)
    assert [request_booking(data=sent, actor=owner, now=NOW) for sent in (new, again)] == [first, first]
    assert Association.objects.count() == before + 1


def test_somebody_elses_key_opens_nothing_and_tells_nothing(data, owner):
    """The owner finds it, staff do who enter requests for others, a stranger does not."""
    first, stranger = request_booking(data=data, actor=owner, now=NOW), make_user()
    assert [find_submission(data, actor=actor) for actor in (owner, make_staff())] == [first, first]
    for sent in (data, replace(data, title="Geraten")):
        with pytest.raises(InvalidRequest):
            find_submission(sent, actor=stranger)


def test_an_import_is_one_by_its_key_too(data):
    imported = {"status": SlotStatus.APPROVED, "actor": make_staff(), "now": NOW}
    first = import_booking(data=data, **imported)
    assert import_booking(data=data, **imported) == first
    with pytest.raises(KeyReused):
        import_booking(data=replace(data, title="Verschoben"), **imported)
    assert list(Booking.objects.all()) == [first]


def test_a_change_sent_twice_is_one_and_never_that_of_another_booking_or_date(data, room, owner):
    series = make_booking_on([room], weekly(DAY, 2), applicant=owner)
    other = make_booking([room], berlin(DAY, "20:00"), applicant=owner)
    first, second = series.slots.order_by("starts_at")
    wanted = WantedDate(berlin(DAY, "10:00"), berlin(DAY, "12:00"), (room.pk,))
    data = replace(data, dates=(wanted,))

    def change(booking, **options) -> Booking:
        return request_change(booking_id=booking.pk, data=data, actor=owner, now=NOW, **options)

    stored = change(series, slot_ids=[first.pk])
    assert change(series, slot_ids=[first.pk]) == stored
    with pytest.raises(KeyReused):
        change(series, slot_ids=[second.pk])
    with pytest.raises(InvalidRequest):
        change(other)
    assert list(Booking.objects.filter(replaces__isnull=False)) == [stored]


def test_the_house_rules_that_were_accepted_count(data, room, owner):
    old, new = (make_house_rules(room.house, version) for version in ("2027-01", "2027-02"))
    request_booking(data=replace(data, house_rules_id=old.pk), actor=owner, now=NOW)
    with pytest.raises(KeyReused):
        request_booking(data=replace(data, house_rules_id=new.pk), actor=owner, now=NOW)


def test_instants_of_a_night_of_two_two_oclocks_are_told_apart():
    night = datetime(2027, 10, 31, 2, 30, tzinfo=berlin(DAY, "10:00").tzinfo)
    early, late = (
        data_of(dates=(WantedDate(night.replace(fold=fold), night + timedelta(hours=2), (1,)),))
        for fold in (0, 1)
    )
    assert submission_digest(early) != submission_digest(late)
