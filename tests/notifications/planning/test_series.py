"""The overview of a month in place of reminders, and the notice that a series ends."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bookings.models import Booking
from bookings.services import approve_booking
from notifications.models import Message
from notifications.planning.series import next_month, plan_overviews, plan_series_endings
from notifications.recipients import person_of
from rooms.models import House
from tests.factories import DAY, NOW, berlin, make_room, make_series, weekly
from tests.notifications.scenes import Scene

pytestmark = pytest.mark.django_db

APPLICANT = "maria@example.org"
QUIET = {"caretaker_plan_from": None}
# Five days before April, at eight.
DUE = berlin(date(2027, 3, 27), "08:00")
# The last of twelve weekly dates from 20 April is on 6 July; eight weeks before it is 11 May.
LAST_DAY = date(2027, 7, 6)
END_IS_NEAR = berlin(date(2027, 5, 11), "08:00")


@pytest.fixture
def scene() -> Scene:
    return Scene(**QUIET)


def new_mails(scene: Scene, now: datetime, kind: str) -> list[Message]:
    return [message for message in scene.plan(now) if message.kind == kind]


def overviews(scene: Scene, now: datetime) -> list[dict[str, list[str]]]:
    """The days of each series in each new overview."""
    return [
        {
            series["title"]: [each["starts_at"][:10] for each in series["dates"]]
            for series in message.facts["series"]
        }
        for message in new_mails(scene, now, "monthly_overview")
    ]


# The overview ----------------------------------------------------------------------------------


def test_all_series_of_a_person_are_one_mail_a_month(scene: Scene) -> None:
    scene.weekly(8)
    scene.weekly(8, title="Kochkurs", room=scene.kitchen, contact_email="MARIA@example.org")
    scene.weekly(8, title="Sport", room=make_room(scene.house), contact_email="ute@example.org")
    april = ["2027-04-20", "2027-04-27"]

    assert overviews(scene, DUE - timedelta(minutes=1)) == []
    assert overviews(scene, DUE) == [{"Chorprobe": april, "Kochkurs": april}, {"Sport": april}]
    assert overviews(scene, DUE + timedelta(minutes=5)) == []
    assert overviews(scene, berlin(date(2027, 4, 26), "08:00"))[1] == {
        "Sport": ["2027-05-04", "2027-05-11", "2027-05-18", "2027-05-25"]
    }
    keys = list(Message.objects.order_by("pk").values_list("dedupe_key", "person"))
    month = f"monthly_overview:{scene.house.pk}:2027-04-01"
    assert keys[:2] == [(month, person_of(person)) for person in (APPLICANT, "ute@example.org")]


def test_an_overview_of_one_series_stands_at_its_booking(scene: Scene) -> None:
    series = scene.weekly(8)
    assert [message.booking for message in new_mails(scene, DUE, "monthly_overview")] == [series]
    scene.weekly(8, title="Kochkurs", room=scene.kitchen)
    may = berlin(date(2027, 4, 26), "08:00")
    assert [message.booking for message in new_mails(scene, may, "monthly_overview")] == [None]


def test_a_month_without_dates_has_none(scene: Scene) -> None:
    scene.weekly(8)
    assert overviews(scene, berlin(date(2027, 2, 24), "08:00")) == []


def test_single_dates_are_not_in_it(scene: Scene) -> None:
    scene.weekly(2)
    assert overviews(scene, DUE) == []


@pytest.mark.parametrize(("days_late", "is_sent"), [(0.5, True), (6.9, True), (7, False)])
def test_a_late_overview_is_sent_for_a_week(scene: Scene, days_late: float, is_sent: bool) -> None:
    scene.weekly(8)
    assert bool(overviews(scene, DUE.astimezone(UTC) + timedelta(days=days_late))) is is_sent


def test_a_late_overview_tells_only_what_is_to_come(scene: Scene) -> None:
    House.objects.update(overview_days=0)
    make_series(scene.hall, weekly(date(2027, 4, 1), 4), association_id=scene.association.pk, title="Spiele")
    assert overviews(scene, berlin(date(2027, 4, 2), "08:00")) == [
        {"Spiele": ["2027-04-08", "2027-04-15", "2027-04-22"]}
    ]


def test_a_series_approved_after_the_overview_was_due_is_in_the_next_one(scene: Scene) -> None:
    booking = scene.request_days(20, 21, 22)
    approve_booking(booking_id=booking.pk, actor=scene.staff, now=DUE + timedelta(hours=1))
    assert overviews(scene, DUE + timedelta(hours=2)) == []


def test_the_house_says_how_many_days_before_and_whether(scene: Scene) -> None:
    scene.weekly(8)
    House.objects.update(overview_days=28)
    assert overviews(scene, berlin(date(2027, 3, 4), "08:00")) == [
        {"Chorprobe": ["2027-04-20", "2027-04-27"]}
    ]
    House.objects.update(overview_days=None)
    assert overviews(scene, berlin(date(2027, 4, 26), "08:00")) == []


@pytest.mark.parametrize(
    ("first", "due"),
    [(date(2027, 4, 1), date(2027, 3, 27)), (date(2027, 11, 1), date(2027, 10, 27))],
    ids=["summer time begins between", "summer time ends between"],
)
def test_the_overview_comes_at_eight_around_clock_changes(scene: Scene, first: date, due: date) -> None:
    House.objects.update(overview_days=5)
    make_series(scene.hall, weekly(first, 3), association_id=scene.association.pk)
    assert overviews(scene, berlin(due, "07:59")) == []
    assert len(overviews(scene, berlin(due, "08:00"))) == 1


def test_the_month_after_december_is_january() -> None:
    assert next_month(date(2027, 12, 1)) == date(2028, 1, 1)
    assert next_month(date(2028, 2, 1)) == date(2028, 3, 1)


# The end ---------------------------------------------------------------------------------------


def endings(scene: Scene, now: datetime) -> list[tuple[Booking, str]]:
    return [
        (message.booking, message.facts["last_day"]) for message in new_mails(scene, now, "series_ending")
    ]


def test_the_end_of_a_series_is_told_eight_weeks_before(scene: Scene) -> None:
    series = scene.weekly(12)
    scene.weekly(2, first=LAST_DAY - timedelta(days=7), starts="10:00", ends="11:00")
    assert endings(scene, END_IS_NEAR - timedelta(minutes=1)) == []
    assert endings(scene, END_IS_NEAR) == [(series, "2027-07-06")]
    assert endings(scene, END_IS_NEAR + timedelta(minutes=5)) == []
    message = Message.objects.get(kind="series_ending")
    assert (message.dedupe_key, message.person) == (
        f"series_ending:{series.pk}:2027-07-06",
        person_of(APPLICANT),
    )
    assert [each["starts_at"][:10] for each in message.facts["dates"]] == ["2027-07-06"]


@pytest.mark.parametrize(("days_late", "is_sent"), [(13, True), (15, False)])
def test_a_late_notice_is_sent_for_two_weeks(scene: Scene, days_late: int, is_sent: bool) -> None:
    scene.weekly(12)
    assert bool(endings(scene, END_IS_NEAR + timedelta(days=days_late))) is is_sent


def test_a_course_that_ends_soon_anyway_is_not_told_so(scene: Scene) -> None:
    """Neither before it begins, nor right after it was approved."""
    scene.weekly(8)
    eight_weeks_before = berlin(date(2027, 4, 13), "08:00")
    assert endings(scene, eight_weeks_before) == []
    scene.weekly(19, first=date(2027, 2, 1), room=scene.kitchen, now=eight_weeks_before)
    assert endings(scene, eight_weeks_before + timedelta(hours=1)) == []


def test_an_earlier_end_is_no_news_and_a_later_one_is(scene: Scene) -> None:
    series = scene.weekly(12)
    final = series.slots.order_by("starts_at").last()
    assert endings(scene, END_IS_NEAR) == [(series, "2027-07-06")]
    scene.cancel(series, slot_ids=[final.pk])
    assert endings(scene, END_IS_NEAR + timedelta(hours=1)) == []
    type(final).objects.filter(pk=final.pk).update(
        status="approved",
        starts_at=berlin(date(2027, 8, 3), "16:00"),
        ends_at=berlin(date(2027, 8, 3), "18:00"),
        gross_starts_at=berlin(date(2027, 8, 3), "16:00"),
        gross_ends_at=berlin(date(2027, 8, 3), "18:00"),
    )
    assert endings(scene, berlin(date(2027, 6, 8), "08:00")) == [(series, "2027-08-03")]


def test_the_last_date_cancelled_before_the_notice_makes_it_come_earlier(scene: Scene) -> None:
    series = scene.weekly(12)
    scene.cancel(series, slot_ids=[series.slots.order_by("starts_at").last().pk])
    assert endings(scene, END_IS_NEAR - timedelta(days=7)) == [(series, "2027-06-29")]


def test_the_house_says_how_many_weeks_before_and_whether(scene: Scene) -> None:
    series = scene.weekly(12)
    House.objects.update(series_end_weeks=10)
    assert endings(scene, END_IS_NEAR - timedelta(weeks=2)) == [(series, "2027-07-06")]
    House.objects.update(series_end_weeks=None)
    assert endings(scene, END_IS_NEAR) == []


# Queries ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 12])
def test_the_queries_do_not_grow_with_series_and_people(number: int, django_assert_num_queries) -> None:
    scene = Scene()
    room = make_room(scene.house)
    for hour in range(number):
        make_series(
            room,
            weekly(DAY, 12),
            starts=f"{8 + hour:02}:00",
            ends=f"{9 + hour:02}:00",
            contact_email=f"person-{hour}@example.org",
            association_id=scene.association.pk,
            now=NOW,
        )
    with django_assert_num_queries(2):
        drafts = list(plan_overviews(scene.house, DUE))
        assert all(draft.facts() for draft in drafts)
    assert len(drafts) == number
    with django_assert_num_queries(3):
        drafts = list(plan_series_endings(scene.house, END_IS_NEAR))
        assert all(draft.facts() for draft in drafts)
    assert len(drafts) == number
