"""The plan of tomorrow for those who open, set up and lock, and what changes in it after it was sent."""

from datetime import date, datetime, timedelta

import pytest

from bookings.access.actors import System
from bookings.models import Booking
from bookings.services import give_dates_back, revoke_booking
from notifications.models import Message
from notifications.outbox.entry import resend
from notifications.planning.caretakers import plan_for_caretakers
from notifications.preferences import choose_mail
from notifications.recipients import person_of
from notifications.wording.catalogue import KINDS
from rooms.models import House
from tests.factories import DAY, NOW, berlin, make_booking, make_room, make_user
from tests.notifications.scenes import Scene, move

pytestmark = pytest.mark.django_db

EVE = DAY - timedelta(days=1)
QUIET = {"reminder_days": "", "overview_days": None, "series_end_weeks": None}


@pytest.fixture
def scene() -> Scene:
    return Scene(**QUIET)


def new_mails(scene: Scene, now: datetime) -> list[Message]:
    return [message for message in scene.plan(now) if message.kind.startswith("caretaker_")]


def kinds(scene: Scene, now: datetime) -> list[str]:
    return [message.kind for message in new_mails(scene, now)]


def changes(scene: Scene, now: datetime) -> list[tuple[str, str]]:
    """What changed in the one new mail, and the title of the date."""
    (message,) = new_mails(scene, now)
    assert message.kind == "caretaker_change"
    return [(change["what"], change["date"]["title"]) for change in message.facts["changes"]]


def on_the_day(scene: Scene, clock: str, title: str, **fields) -> Booking:
    return make_booking([scene.hall], berlin(DAY, clock), title=title, now=NOW, **fields)


# The plan --------------------------------------------------------------------------------------


def test_the_plan_of_tomorrow_comes_at_the_hour_of_the_house(scene: Scene) -> None:
    on_the_day(scene, "16:00", "Chor")
    assert kinds(scene, berlin(EVE, "15:59")) == []
    (message,) = new_mails(scene, berlin(EVE, "16:00"))
    assert (message.kind, message.recipient, message.language) == (
        "caretaker_plan",
        scene.caretaker.email,
        "de",
    )
    assert (message.dedupe_key, message.person) == (
        f"caretaker_plan:{scene.house.pk}:2027-04-20",
        person_of(scene.caretaker.email),
    )
    assert [(slot["title"], slot["rooms"]) for slot in message.facts["plan"]] == [("Chor", ["Saal A"])]
    assert kinds(scene, berlin(EVE, "16:05")) == []
    assert kinds(scene, berlin(DAY, "16:00")) == []


def test_each_caretaker_gets_it_in_the_own_language_and_nobody_else_does(scene: Scene) -> None:
    english = make_user(email="deputy@example.org", is_caretaker=True, language="en")
    make_user(email="frueher@example.org", is_caretaker=True, is_active=False)
    on_the_day(scene, "16:00", "Chor")
    messages = new_mails(scene, berlin(EVE, "16:00"))
    assert [(message.recipient, message.language) for message in messages] == [
        (scene.caretaker.email, "de"),
        (english.email, "en"),
    ]


def test_a_day_without_dates_has_no_plan_and_the_first_date_makes_one(scene: Scene) -> None:
    give_dates_back(booking_id=on_the_day(scene, "10:00", "Entfällt").pk, actor=System(), now=NOW)
    assert kinds(scene, berlin(EVE, "16:00")) == []
    on_the_day(scene, "16:00", "Chor")
    assert kinds(scene, berlin(EVE, "18:00")) == ["caretaker_plan"]


@pytest.mark.parametrize(("clock", "is_sent"), [("18:14", True), ("18:15", False)])
def test_a_beat_that_was_away_sends_the_plan_while_something_is_left_to_do(
    scene: Scene, clock: str, is_sent: bool
) -> None:
    on_the_day(scene, "16:00", "Chor")
    assert bool(kinds(scene, berlin(DAY, clock))) is is_sent


def test_a_mail_holds_no_more_than_the_page(scene: Scene) -> None:
    """No mail address, no purpose, and no contact of a date that does not take place."""
    on_the_day(scene, "16:00", "Chor", purpose="Streng geheim", contact_phone="0151 12345")
    off = on_the_day(scene, "10:00", "Entfällt", contact_phone="0151 67890")
    give_dates_back(booking_id=off.pk, actor=System(), now=NOW)
    facts = str(new_mails(scene, berlin(EVE, "16:00"))[0].facts["plan"])
    assert "0151 12345" in facts
    for secret in ["maria@example.org", "Streng geheim", "0151 67890"]:
        assert secret not in facts


def test_a_house_may_send_no_plan(scene: Scene) -> None:
    House.objects.update(caretaker_plan_from=None)
    on_the_day(scene, "16:00", "Chor")
    assert kinds(scene, berlin(DAY, "08:00")) == []


@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2027, 10, 31)], ids=["23 hours", "25 hours"])
def test_the_days_of_clock_changes_have_their_plans(scene: Scene, day: date) -> None:
    """The plan of the changed day, and of the day after, at 16:00 on the clocks of the house."""
    for tomorrow in (day, day + timedelta(days=1)):
        make_booking([scene.hall], berlin(tomorrow, "16:00"), now=NOW)
        assert kinds(scene, berlin(tomorrow - timedelta(days=1), "15:59")) == []
        assert kinds(scene, berlin(tomorrow - timedelta(days=1), "16:00")) == ["caretaker_plan"]


# Changes ---------------------------------------------------------------------------------------


@pytest.fixture
def sent(scene: Scene) -> dict[str, Booking]:
    """The plan of the day was sent, with three dates."""
    bookings = {
        title: on_the_day(scene, clock, title)
        for clock, title in [("10:00", "Chor"), ("13:00", "Tanz"), ("19:00", "Kino")]
    }
    assert kinds(scene, berlin(EVE, "16:00")) == ["caretaker_plan"]
    return bookings


def test_what_changes_after_the_plan_was_sent_is_one_mail(scene: Scene, sent: dict[str, Booking]) -> None:
    give_dates_back(booking_id=sent["Chor"].pk, actor=System(), now=berlin(EVE, "20:00"))
    revoke_booking(booking_id=sent["Tanz"].pk, actor=System(), now=berlin(EVE, "20:00"), reason="Wasser")
    make_booking([scene.kitchen], berlin(DAY, "12:00"), title="Kochen", now=berlin(EVE, "20:00"))
    assert changes(scene, berlin(EVE, "20:05")) == [("off", "Chor"), ("new", "Kochen"), ("off", "Tanz")]
    assert kinds(scene, berlin(EVE, "20:10")) == []


def test_each_change_is_told_once_even_if_it_is_undone(scene: Scene, sent: dict[str, Booking]) -> None:
    slot = sent["Tanz"].slots.get()
    for number, start in enumerate(["14:00", "13:00", "14:00"], start=1):
        move(slot, berlin(DAY, start))
        (message,) = new_mails(scene, berlin(DAY, f"0{number}:00"))
        (change,) = message.facts["changes"]
        assert change["what"] == "changed"
        assert datetime.fromisoformat(change["date"]["starts_at"]) == berlin(DAY, start)
        assert message.dedupe_key.endswith(f":{number}")
    assert kinds(scene, berlin(DAY, "04:00")) == []


def test_a_date_that_moves_to_another_day_is_called_off_on_this_one(
    scene: Scene, sent: dict[str, Booking]
) -> None:
    move(sent["Tanz"].slots.get(), berlin(DAY + timedelta(days=7), "13:00"))
    assert changes(scene, berlin(DAY, "08:00")) == [("off", "Tanz")]


def test_a_date_that_moves_here_is_new(scene: Scene, sent: dict[str, Booking]) -> None:
    later = make_booking([scene.kitchen], berlin(DAY + timedelta(days=7), "13:00"), title="Kochen", now=NOW)
    move(later.slots.get(), berlin(DAY, "13:00"))
    assert changes(scene, berlin(DAY, "08:00")) == [("new", "Kochen")]


def test_another_room_is_a_change(scene: Scene, sent: dict[str, Booking]) -> None:
    slot = sent["Tanz"].slots.get()
    slot.rooms.set([scene.kitchen])
    slot.occupancies.update(part=scene.kitchen)
    (message,) = new_mails(scene, berlin(DAY, "08:00"))
    (change,) = message.facts["changes"]
    assert (change["before"]["rooms"], change["date"]["rooms"]) == (["Saal A"], ["Küche"])


def test_what_is_over_is_no_change(scene: Scene, sent: dict[str, Booking]) -> None:
    give_dates_back(booking_id=sent["Chor"].pk, actor=System(), now=berlin(DAY, "09:00"))
    # Until the room is cleared.
    assert kinds(scene, berlin(DAY, "12:15")) == []


def test_before_the_plan_is_sent_nothing_is_a_change(scene: Scene) -> None:
    booking = on_the_day(scene, "16:00", "Chor")
    on_the_day(scene, "10:00", "Tanz")
    give_dates_back(booking_id=booking.pk, actor=System(), now=berlin(EVE, "12:00"))
    assert kinds(scene, berlin(EVE, "12:05")) == []
    assert kinds(scene, berlin(EVE, "16:00")) == ["caretaker_plan"]
    assert kinds(scene, berlin(EVE, "16:05")) == []


def test_a_change_of_a_later_day_waits_for_its_plan(scene: Scene, sent: dict[str, Booking]) -> None:
    make_booking([scene.hall], berlin(DAY + timedelta(days=1), "10:00"), now=berlin(DAY, "08:00"))
    assert kinds(scene, berlin(DAY, "08:05")) == []


def test_an_old_plan_that_is_sent_again_is_not_compared_with(scene: Scene, sent: dict[str, Booking]) -> None:
    plan = Message.objects.get(kind="caretaker_plan")
    give_dates_back(booking_id=sent["Kino"].pk, actor=System(), now=berlin(EVE, "20:00"))
    assert changes(scene, berlin(EVE, "20:05")) == [("off", "Kino")]
    Message.objects.filter(pk=plan.pk).update(state="sent")
    plan.refresh_from_db()
    resend(message=plan, recipient=scene.caretaker.email, now=berlin(EVE, "21:00"))
    assert kinds(scene, berlin(EVE, "21:05")) == []


def test_who_declined_changes_still_gets_the_plan(scene: Scene) -> None:
    choose_mail(
        person=person_of(scene.caretaker.email), kind=KINDS["caretaker_change"], is_wanted=False, now=NOW
    )
    booking = on_the_day(scene, "16:00", "Chor")
    assert kinds(scene, berlin(EVE, "16:00")) == ["caretaker_plan"]
    give_dates_back(booking_id=booking.pk, actor=System(), now=berlin(EVE, "20:00"))
    assert kinds(scene, berlin(EVE, "20:05")) == []


def test_houses_do_not_mix(scene: Scene, sent: dict[str, Booking]) -> None:
    other = Scene(**QUIET)
    on_the_day(other, "10:00", "Anderswo")
    # Caretakers are so for every house, and get the plan of each.
    assert kinds(other, berlin(EVE, "16:00")) == ["caretaker_plan", "caretaker_plan"]
    assert kinds(scene, berlin(EVE, "16:05")) == ["caretaker_plan"]
    assert kinds(other, berlin(EVE, "16:10")) == []


# Queries ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 5])
def test_the_queries_do_not_grow_with_dates_and_caretakers(number: int, django_assert_num_queries) -> None:
    scene = Scene(**QUIET)
    for hour in range(number):
        make_user(is_caretaker=True)
        make_booking([make_room(scene.house)], berlin(DAY, f"{8 + 2 * hour:02}:00"), now=NOW)
    scene.house.refresh_from_db()
    eve = berlin(EVE, "16:00")
    [draft.facts() for draft in plan_for_caretakers(scene.house, eve)]
    with django_assert_num_queries(8):
        drafts = list(plan_for_caretakers(scene.house, eve))
        facts = [draft.facts() for draft in drafts]
    assert sum(plan is not None for plan in facts) == number + 1
    new_mails(scene, eve)
    make_booking([make_room(scene.house)], berlin(DAY, "10:00"), now=NOW)
    scene.house.refresh_from_db()
    [draft.facts() for draft in plan_for_caretakers(scene.house, eve)]
    with django_assert_num_queries(8):
        drafts = list(plan_for_caretakers(scene.house, eve))
        facts = [draft.facts() for draft in drafts]
    assert sum(draft.kind == "caretaker_change" for draft in drafts) == number + 1
