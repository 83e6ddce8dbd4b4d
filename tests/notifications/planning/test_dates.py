"""Reminders of single dates, and the question whether one of a series takes place: when, and how often."""

from datetime import date, datetime, timedelta

import pytest

from bookings.models import Booking
from bookings.services import approve_booking, confirm_date
from notifications.models import Message
from notifications.planning.dates import plan_questions, plan_reminders
from notifications.preferences import choose_mail
from notifications.recipients import person_of
from notifications.wording.catalogue import KINDS
from tests.factories import DAY, NOW, berlin, make_booking, make_room, make_series, make_staff, weekly
from tests.notifications.scenes import Scene, move

pytestmark = pytest.mark.django_db

APPLICANT = "maria@example.org"
# The caretaker's and the staff's mails are not the matter here.
QUIET = {"caretaker_plan_from": None, "overview_days": None, "series_end_weeks": None}
OF_DATES = {"reminder", "still_taking_place"}


def new_mails(scene: Scene, now: datetime) -> list[tuple[str, str]]:
    """The kinds and the days of what is new at `now`."""
    return [
        (message.kind, message.facts["dates"][0]["starts_at"][:10])
        for message in scene.plan(now)
        if message.kind in OF_DATES
    ]


def at(day: date, days_before: int, clock: str) -> datetime:
    return berlin(day - timedelta(days=days_before), clock)


@pytest.fixture
def scene() -> Scene:
    return Scene(**QUIET)


@pytest.fixture
def booking(scene: Scene) -> Booking:
    booking = scene.request()
    scene.approve(booking)
    return booking


REMINDED = [("reminder", "2027-04-20")]


def test_a_single_date_is_reminded_of_seven_days_and_one_day_before(scene: Scene, booking: Booking) -> None:
    assert new_mails(scene, at(DAY, 8, "23:59")) == []
    assert new_mails(scene, at(DAY, 7, "07:59")) == []
    assert new_mails(scene, at(DAY, 7, "08:00")) == REMINDED
    assert new_mails(scene, at(DAY, 7, "08:05")) == []
    assert new_mails(scene, at(DAY, 1, "07:59")) == []
    assert new_mails(scene, at(DAY, 1, "08:00")) == REMINDED
    assert new_mails(scene, at(DAY, 0, "12:00")) == []

    messages = Message.objects.filter(kind="reminder").order_by("pk")
    person = person_of(APPLICANT)
    assert [(message.dedupe_key, message.person) for message in messages] == [
        (f"reminder:{booking.pk}:7:2027-04-20", person),
        (f"reminder:{booking.pk}:1:2027-04-20", person),
    ]
    first = messages[0]
    assert (first.recipient, first.language, first.booking, first.state) == (
        APPLICANT,
        "de",
        booking,
        "pending",
    )
    assert first.not_before == first.created_at == at(DAY, 7, "08:00")


def test_the_house_says_when(booking: Booking, scene: Scene) -> None:
    type(scene.house).objects.update(reminder_days="14, 3", mails_from="17:30")
    assert new_mails(scene, at(DAY, 14, "17:29")) == []
    assert new_mails(scene, at(DAY, 14, "17:30")) == REMINDED
    assert new_mails(scene, at(DAY, 7, "18:00")) == []
    assert new_mails(scene, at(DAY, 3, "17:30")) == REMINDED


def test_a_house_may_want_no_reminders(booking: Booking, scene: Scene) -> None:
    type(scene.house).objects.update(reminder_days="")
    assert new_mails(scene, at(DAY, 1, "09:00")) == []


def test_a_beat_that_was_away_sends_what_still_makes_sense(scene: Scene, booking: Booking) -> None:
    assert new_mails(scene, at(DAY, 7, "19:00")) == REMINDED


@pytest.mark.parametrize(
    ("days_before", "clock", "expected"),
    [
        (5, "12:00", REMINDED),
        # The one of seven days would come when the date is tomorrow; the one of tomorrow is not due yet.
        (1, "07:00", []),
        (1, "08:00", REMINDED),
        (0, "15:59", REMINDED),
        (0, "16:01", []),
        (-1, "08:00", []),
    ],
)
def test_no_reminder_comes_too_late(
    scene: Scene, booking: Booking, days_before: int, clock: str, expected: list[tuple[str, str]]
) -> None:
    """No beat ran before: at most one reminder is sent, and never of what has begun."""
    assert new_mails(scene, at(DAY, days_before, clock)) == expected
    assert new_mails(scene, at(DAY, days_before, clock)) == []


def test_who_was_told_today_needs_no_reminder(scene: Scene) -> None:
    """A date that is approved four days ahead is not reminded of at once, but on the day before."""
    booking = scene.request()
    approve_booking(booking_id=booking.pk, actor=scene.staff, now=at(DAY, 4, "10:00"))
    assert new_mails(scene, at(DAY, 4, "10:05")) == []
    assert new_mails(scene, at(DAY, 1, "08:00")) == REMINDED


def test_an_imported_plan_reminds_of_nothing_at_once(scene: Scene) -> None:
    make_booking([scene.hall], berlin(DAY, "10:00"), now=at(DAY, 6, "09:00"), association=scene.association)
    assert new_mails(scene, at(DAY, 6, "09:05")) == []
    assert new_mails(scene, at(DAY, 1, "08:00")) == REMINDED


def test_a_cancelled_date_is_not_reminded_of(scene: Scene, booking: Booking) -> None:
    scene.cancel(booking)
    assert new_mails(scene, at(DAY, 7, "08:00")) == []


def test_what_is_not_approved_is_not_reminded_of(scene: Scene) -> None:
    scene.request()
    assert new_mails(scene, at(DAY, 7, "08:00")) == []


def test_the_reminder_moves_with_its_date(scene: Scene, booking: Booking) -> None:
    """Two weeks later: nothing on the old day, both reminders before the new one."""
    assert new_mails(scene, at(DAY, 7, "08:00")) == REMINDED
    later = DAY + timedelta(days=14)
    move(booking.slots.get(), berlin(later, "16:00"))
    assert new_mails(scene, at(DAY, 1, "08:00")) == []
    assert new_mails(scene, at(later, 7, "08:00")) == [("reminder", "2027-05-04")]
    assert new_mails(scene, at(later, 1, "08:00")) == [("reminder", "2027-05-04")]


def test_dates_of_one_booking_and_day_are_one_mail(scene: Scene) -> None:
    booking = make_series(
        scene.hall, [DAY, DAY + timedelta(days=1)], association_id=scene.association.pk, title="Fest"
    )
    early, late = booking.slots.order_by("starts_at")
    assert new_mails(scene, at(DAY, 1, "08:00")) == [("reminder", "2027-04-20"), ("reminder", "2027-04-21")]
    Message.objects.all().delete()
    move(late, berlin(DAY, "19:00"))
    (message,) = [message for message in scene.plan(at(DAY, 1, "08:00")) if message.kind == "reminder"]
    assert [each["uid"] for each in message.facts["dates"]] == [str(early.uid), str(late.uid)]


def test_a_series_is_not_reminded_of(scene: Scene) -> None:
    scene.weekly(3)
    assert new_mails(scene, at(DAY, 7, "08:00")) == []
    scene.weekly(2, starts="10:00", ends="11:00")
    assert new_mails(scene, at(DAY, 7, "08:00")) == REMINDED


def test_somebody_without_an_address_gets_none(scene: Scene) -> None:
    booking = scene.request(actor=scene.staff, contact_email="")
    scene.approve(booking)
    assert new_mails(scene, at(DAY, 1, "08:00")) == []


def test_the_mail_is_in_the_language_of_the_person(scene: Scene) -> None:
    scene.approve(scene.request(language="en"))
    (message,) = [message for message in scene.plan(at(DAY, 1, "08:00")) if message.kind == "reminder"]
    assert message.language == "en"


def test_who_declined_gets_none_until_it_is_taken_back(scene: Scene, booking: Booking) -> None:
    reminder = KINDS["reminder"]
    choose_mail(person=person_of(" MARIA@example.org"), kind=reminder, is_wanted=False, now=NOW)
    assert new_mails(scene, at(DAY, 7, "08:00")) == []
    choose_mail(person=person_of(APPLICANT), kind=reminder, is_wanted=True, now=NOW)
    assert new_mails(scene, at(DAY, 7, "08:05")) == REMINDED


# Clock changes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "day",
    [
        # The clocks go forward in the night to 28 March 2027, and back in the night to 31 October.
        pytest.param(date(2027, 3, 28), id="on the day of summer time"),
        pytest.param(date(2027, 3, 29), id="the day after"),
        pytest.param(date(2027, 4, 2), id="in the week of summer time"),
        pytest.param(date(2027, 10, 31), id="on the day of winter time"),
        pytest.param(date(2027, 11, 1), id="the day after winter time"),
        pytest.param(date(2027, 11, 5), id="in the week of winter time"),
    ],
)
def test_reminders_come_at_eight_by_the_clocks_of_the_house(scene: Scene, day: date) -> None:
    make_booking([scene.hall], berlin(day, "16:00"), association=scene.association)
    for days_before in (7, 1):
        assert new_mails(scene, at(day, days_before, "07:59")) == []
        assert new_mails(scene, at(day, days_before, "08:00")) == [("reminder", str(day))]


@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2027, 10, 31)])
def test_an_hour_that_is_missing_or_there_twice_sends_once(scene: Scene, day: date) -> None:
    type(scene.house).objects.update(mails_from="02:30", reminder_days="1")
    next_day = day + timedelta(days=1)
    make_booking([scene.hall], berlin(next_day, "16:00"), association=scene.association)
    hour = berlin(day, "00:00")
    found = []
    for half_hours in range(12):
        now = (hour.astimezone(tz=None) + timedelta(minutes=30 * half_hours)).astimezone(hour.tzinfo)
        found += [f"{now:%H:%M}" for _message in new_mails(scene, now)]
    # 02:30 does not exist in March, and the clocks show 03:30 then; in October the first one counts.
    assert found == (["03:30"] if day.month == 3 else ["02:30"])


# Does it take place? ---------------------------------------------------------------------------


def test_nobody_is_asked_where_the_house_does_not_want_to_know(scene: Scene) -> None:
    scene.weekly(20)
    assert new_mails(scene, at(DAY, 3, "08:00")) == []


def test_each_date_of_a_long_series_is_asked_for_once() -> None:
    scene = Scene(**QUIET, ask_days=3)
    series = scene.weekly(8)
    scene.weekly(7, starts="10:00", ends="11:00")
    asked = [("still_taking_place", "2027-04-20")]
    assert new_mails(scene, at(DAY, 3, "07:59")) == []
    assert new_mails(scene, at(DAY, 3, "08:00")) == asked
    assert new_mails(scene, at(DAY, 0, "12:00")) == []
    assert new_mails(scene, at(DAY + timedelta(days=7), 3, "08:00")) == [("still_taking_place", "2027-04-27")]

    first, second = series.slots.order_by("starts_at")[:2]
    messages = Message.objects.filter(kind="still_taking_place").order_by("pk")
    assert [message.facts["asked_uid"] for message in messages] == [str(first.uid), str(second.uid)]
    assert [(message.dedupe_key, message.person) for message in messages] == [
        (f"still_taking_place:{slot.pk}:{day}", person_of(APPLICANT))
        for slot, day in [(first, "2027-04-20"), (second, "2027-04-27")]
    ]


def test_a_question_too_late_is_not_asked() -> None:
    scene = Scene(**QUIET, ask_days=3)
    scene.weekly(8)
    assert new_mails(scene, at(DAY, 0, "16:01")) == []


def test_a_long_series_that_lost_dates_stays_long() -> None:
    scene = Scene(**QUIET, ask_days=3, ask_from_dates=8)
    series = scene.weekly(8)
    scene.cancel(series, slot_ids=[slot.pk for slot in series.slots.order_by("starts_at")[3:]])
    assert new_mails(scene, at(DAY, 3, "08:00")) == [("still_taking_place", "2027-04-20")]


def test_an_answer_is_no_news_that_silences_the_next_mail() -> None:
    scene = Scene(**QUIET, ask_days=3)
    series = scene.weekly(8)
    last = series.slots.order_by("starts_at").last()
    next_week = DAY + timedelta(days=7)
    confirm_date(slot_id=last.pk, actor=make_staff(), now=at(next_week, 3, "09:00"))
    assert new_mails(scene, at(next_week, 3, "10:00")) == [("still_taking_place", "2027-04-27")]


# Queries ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 20])
def test_the_queries_do_not_grow_with_dates_and_people(number: int, django_assert_num_queries) -> None:
    scene = Scene(ask_days=1, ask_from_dates=3)
    rooms = [make_room(scene.house), make_room(scene.house)]
    for minute in range(number):
        common = {"contact_email": f"person-{minute}@example.org", "association_id": scene.association.pk}
        starts, ends = (f"{8 + quarter // 4:02}:{15 * (quarter % 4):02}" for quarter in (minute, minute + 1))
        times = {"starts": starts, "ends": ends}
        make_series(rooms[0], [DAY], **times, **common)
        make_series(rooms[1], weekly(DAY, 3), **times, **common)
    with django_assert_num_queries(4):
        drafts = [*plan_reminders(scene.house, at(DAY, 1, "08:00"))]
        drafts += plan_questions(scene.house, at(DAY, 1, "08:00"))
        assert all(draft.facts() for draft in drafts)
    assert len(drafts) == 2 * number
