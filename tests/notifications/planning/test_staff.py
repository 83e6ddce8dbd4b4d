"""What staff are told when nobody did anything: an answer that is overdue, and what the day brings."""

from datetime import date, datetime, timedelta

import pytest

from bookings.models import Booking
from notifications.models import Message
from notifications.planning.staff import plan_digests, plan_overdue
from notifications.preferences import choose_mail
from notifications.recipients import person_of
from notifications.wording.catalogue import KINDS
from notifications.wording.rendering import render
from tests.factories import DAY, NOW, berlin, make_booking, make_house, make_room, make_staff
from tests.notifications.scenes import Scene, make_login_code, make_notice, message_about

pytestmark = pytest.mark.django_db

HOUSE = "haus@example.org"
QUIET = {"caretaker_plan_from": None}
# A request of Monday, 1 March is to be answered within three working days: on Thursday at the latest.
LATE = berlin(date(2027, 3, 5), "08:00")


@pytest.fixture
def scene() -> Scene:
    return Scene(**QUIET)


def new_mails(scene: Scene, now: datetime, kind: str) -> list[Message]:
    return [message for message in scene.plan(now) if message.kind == kind]


def overdue(scene: Scene, now: datetime) -> list[tuple[Booking | None, str]]:
    return [(message.booking, message.recipient) for message in new_mails(scene, now, "staff_overdue")]


# Overdue ---------------------------------------------------------------------------------------


def test_a_late_answer_is_told_once_on_the_morning_after(scene: Scene) -> None:
    booking = scene.request()
    assert overdue(scene, LATE - timedelta(minutes=1)) == []
    assert overdue(scene, LATE) == [(booking, HOUSE)]
    assert overdue(scene, LATE + timedelta(minutes=5)) == []
    assert overdue(scene, LATE + timedelta(days=1)) == []


def test_what_was_answered_in_time_is_not_late(scene: Scene) -> None:
    scene.approve(scene.request())
    scene.withdraw(scene.request("10:00", "12:00"))
    assert overdue(scene, LATE) == []


def test_for_dates_added_later_the_answer_is_promised_later(scene: Scene) -> None:
    """A year's booking is approved; on Thursday further dates are asked for, to be answered by Tuesday."""
    booking = scene.request_days(20)
    scene.approve(booking)
    scene.add(booking, 27, 28)
    planned = {message.kind: message.facts for message in scene.plan(LATE)}
    assert [(kind, facts["requests"][0]["answer_date"]) for kind, facts in planned.items()] == [
        ("staff_digest", "2027-03-09")
    ]
    (message,) = new_mails(scene, berlin(date(2027, 3, 10), "08:00"), "staff_overdue")
    assert "Sie war bis Dienstag, 9.\N{NO-BREAK SPACE}März 2027 versprochen." in render(message).text
    assert [(slot["starts_at"][:10], slot["status"]) for slot in message.facts["dates"]] == [
        ("2027-04-27", "requested"),
        ("2027-04-28", "requested"),
    ]


def test_an_answer_late_for_long_is_left_to_the_digest(scene: Scene) -> None:
    """A house that turns the mails on is not told of every request it ever forgot."""
    scene.request()
    assert overdue(scene, LATE + timedelta(days=7)) == []
    assert [request["is_late"] for request in digests(scene, LATE + timedelta(days=8))[0]["requests"]] == [
        True
    ]


def test_staff_are_told_one_by_one_where_the_house_has_no_mailbox() -> None:
    scene = Scene(**QUIET, email="")
    english = make_staff(email="deputy@example.org", language="en")
    make_staff(email="frueher@example.org", is_active=False)
    scene.request()
    messages = new_mails(scene, LATE, "staff_overdue")
    assert [(message.recipient, message.language) for message in messages] == [
        (scene.staff.email, "de"),
        (english.email, "en"),
    ]


# The digest ------------------------------------------------------------------------------------


def digests(scene: Scene, now: datetime) -> list[dict]:
    return [message.facts for message in new_mails(scene, now, "staff_digest")]


def test_the_digest_names_what_is_open_late_on_today_and_failed(scene: Scene) -> None:
    late = scene.request("10:00", "12:00", title="Tanztee")
    new = scene.request("12:00", "14:00", title="Flohmarkt")
    Booking.objects.filter(pk=new.pk).update(received_at=berlin(DAY, "07:00"))
    today = make_booking([scene.kitchen], berlin(DAY, "18:00"), title="Nähtreff")
    off = make_booking([scene.kitchen], berlin(DAY, "15:00"), title="Entfällt")
    scene.cancel(off, actor=scene.staff)
    failed = message_about(new, "receipt")
    Message.objects.filter(pk=failed.pk).update(state="failed", created_at=berlin(DAY, "07:00"))
    elsewhere = Scene(**QUIET)
    elsewhere.request()

    (facts,) = digests(scene, berlin(DAY, "08:00"))
    assert [
        (request["reference"], request["answer_date"], request["is_late"]) for request in facts["requests"]
    ] == [
        (late.reference, "2027-03-04", True),
        (new.reference, "2027-04-23", False),
    ]
    assert [slot["reference"] for slot in facts["plan"]] == [today.reference]
    assert (facts["number_failed"], facts["failed"]) == (
        1,
        [{"kind": "receipt", "recipient": "maria@example.org", "booking__reference": new.reference}],
    )


def test_the_digest_comes_once_a_day_from_its_hour_on(scene: Scene) -> None:
    scene.request()
    clocks = ["00:00", "07:59", "08:00", "08:05", "23:59"]
    assert [len(digests(scene, berlin(DAY, clock))) for clock in clocks] == [0, 0, 1, 0, 0]
    assert len(digests(scene, berlin(DAY + timedelta(days=1), "14:00"))) == 1


def test_a_day_without_anything_has_no_digest(scene: Scene) -> None:
    assert digests(scene, berlin(DAY, "08:00")) == []
    scene.request()
    assert len(digests(scene, berlin(DAY, "12:00"))) == 1


def test_a_failed_login_code_is_no_work_for_staff(scene: Scene) -> None:
    now = berlin(DAY, "08:00")
    make_login_code(now=now)
    make_notice(now=now - timedelta(days=8))
    Message.objects.update(state="failed")
    assert digests(scene, now) == []
    make_notice(now=now - timedelta(days=6))
    Message.objects.update(state="failed")
    assert digests(scene, now)[0]["number_failed"] == 1


def test_who_declined_gets_no_digest_and_the_overdue_answer_all_the_same(scene: Scene) -> None:
    person = person_of(HOUSE)
    for kind in KINDS.values():
        choose_mail(person=person, kind=kind, is_wanted=False, now=NOW)
    scene.request()
    assert not Message.objects.filter(kind="staff_new_request").exists()
    assert [message.kind for message in scene.plan(LATE)] == ["staff_overdue"]


# Queries ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 6])
def test_the_queries_do_not_grow_with_requests_and_dates(number: int, django_assert_num_queries) -> None:
    scene = Scene(email="")
    for hour in range(number):
        make_staff()
        room = make_room(scene.house)
        scene.request(rooms=[room])
        make_booking([room], berlin(DAY, f"{8 + hour:02}:00"), now=NOW)
        make_notice(now=LATE)
    Message.objects.filter(kind="account_notice").update(state="failed")
    with django_assert_num_queries(9):
        drafts = list(plan_overdue(scene.house, LATE))
        assert all(draft.facts() for draft in drafts)
    assert len(drafts) == number * (number + 1)
    Message.objects.filter(kind="account_notice").update(created_at=berlin(DAY, "07:00"))
    with django_assert_num_queries(17):
        drafts = list(plan_digests(scene.house, berlin(DAY, "08:00")))
        assert all(draft.facts() for draft in drafts)
    assert len(drafts) == number + 1


def test_another_house_is_another_digest(scene: Scene) -> None:
    scene.request()
    empty = make_house(email="anderes@example.org")
    assert list(plan_overdue(empty, LATE)) == []
    assert [draft.facts() for draft in plan_digests(empty, LATE)] == [None]
