from dataclasses import replace

import pytest
from django.db import transaction

from bookings.access.actors import LinkHolder
from bookings.date_facts import Skip
from bookings.enums import SkippedBecause
from bookings.models import Booking
from bookings.services import request_change
from notifications.models import Message
from tests.factories import DAY, NOW, berlin, make_booking, make_staff
from tests.notifications.scenes import Scene

pytestmark = pytest.mark.django_db


def new_mails() -> list[tuple[str, str]]:
    """What was entered since the last call, as kind and recipient."""
    messages = list(Message.objects.order_by("pk").values_list("kind", "recipient"))
    Message.objects.all().delete()
    return messages


APPLICANT, HOUSE = "maria@example.org", "haus@example.org"


def test_every_decision_tells_the_applicant_and_what_the_applicant_does_tells_the_house():
    scene = Scene()
    booking = scene.request()
    assert new_mails() == [("receipt", APPLICANT), ("staff_new_request", HOUSE)]
    scene.approve(booking)
    assert new_mails() == [("approval", APPLICANT)]
    scene.cancel(booking)
    assert new_mails() == [("cancellation", APPLICANT), ("staff_cancelled", HOUSE)]

    booking = scene.request()
    new_mails()
    scene.reject(booking)
    assert new_mails() == [("rejection", APPLICANT)]

    booking = scene.request()
    new_mails()
    scene.withdraw(booking)
    assert new_mails() == [("withdrawal", APPLICANT), ("staff_withdrawn", HOUSE)]

    booking = scene.request()
    scene.approve(booking)
    new_mails()
    scene.revoke(booking)
    assert new_mails() == [("revocation", APPLICANT)]


def test_a_change_is_received_and_approved_as_one_mail_each():
    scene = Scene()
    booking = scene.request()
    scene.approve(booking)
    new_mails()

    change = scene.change(booking, "18:00", "20:00")
    assert new_mails() == [("change_receipt", APPLICANT), ("staff_new_request", HOUSE)]
    scene.approve(change)
    assert new_mails() == [("change_approved", APPLICANT)]


def test_answers_date_by_date_moves_and_further_dates_are_one_mail_each():
    scene = Scene()
    booking = scene.request_days(20, 21, 22)
    new_mails()
    scene.decide(booking, [0], [1])
    assert new_mails() == [("partial_approval", APPLICANT)]
    scene.decide(booking, [2], [])
    assert new_mails() == [("approval", APPLICANT)]
    scene.move(booking, 0, 2)
    assert new_mails() == [("moved", APPLICANT)]
    scene.add(booking, 27, 28)
    assert new_mails() == [("dates_added", APPLICANT), ("staff_dates_added", HOUSE)]
    scene.add(booking, 29, actor=scene.staff)
    assert new_mails() == [("dates_added", APPLICANT)]


def test_what_moved_dates_were_before_is_told_with_them():
    scene = Scene()
    booking = scene.request_days(20, 21)
    scene.approve(booking)
    scene.move(booking, 1)
    first, second = Message.objects.get(kind="moved").facts["dates"]
    assert "before" not in first
    assert second["before"] == {
        "starts_at": "2027-04-21T14:00:00+00:00",
        "ends_at": "2027-04-21T16:00:00+00:00",
        "rooms": ["Saal A"],
    }


def test_what_staff_do_for_an_applicant_is_no_news_for_staff():
    scene = Scene()
    booking = scene.request(actor=scene.staff)
    scene.approve(booking)
    scene.cancel(booking, actor=scene.staff)
    assert new_mails() == [("receipt", APPLICANT), ("approval", APPLICANT), ("cancellation", APPLICANT)]


def test_whoever_holds_the_link_is_the_applicant():
    scene = Scene()
    booking = scene.request()
    new_mails()
    scene.withdraw(booking, actor=LinkHolder(booking.pk))
    assert new_mails() == [("withdrawal", APPLICANT), ("staff_withdrawn", HOUSE)]


def test_somebody_without_an_address_gets_no_mail():
    scene = Scene()
    booking = scene.request(actor=scene.staff, contact_email="")
    scene.approve(booking)
    assert new_mails() == []


def test_staff_are_told_one_by_one_where_the_house_has_no_mailbox():
    scene = Scene(email="")
    deputy = make_staff(email="vertretung@example.org")
    make_staff(email="frueher@example.org", is_active=False)
    scene.request()
    assert new_mails() == [
        ("receipt", APPLICANT),
        ("staff_new_request", scene.staff.email),
        ("staff_new_request", deputy.email),
    ]


def test_many_dates_of_one_decision_are_one_mail():
    scene = Scene()
    booking = scene.request_days(20, 21, 22)
    new_mails()

    scene.approve(booking, slot_ids=[booking.slots.order_by("starts_at").first().pk])

    message = Message.objects.get()
    assert [date["is_changed"] for date in message.facts["dates"]] == [True, False, False]
    assert [date["status"] for date in message.facts["dates"]] == ["approved", "requested", "requested"]


def test_an_approval_that_leaves_rejected_dates_is_a_partial_one():
    scene = Scene()
    booking = scene.request_days(20, 21, 22)
    first, second, third = booking.slots.order_by("starts_at")
    new_mails()
    scene.approve(booking, slot_ids=[first.pk])
    scene.reject(booking, slot_ids=[second.pk])
    scene.approve(booking, slot_ids=[third.pk])
    assert new_mails() == [
        (kind, APPLICANT) for kind in ("partial_approval", "rejection", "partial_approval")
    ]


def test_an_approval_that_leaves_dates_open_is_a_partial_one_until_the_last():
    scene = Scene()
    booking = scene.request_days(20, 21)
    first, second = booking.slots.order_by("starts_at")
    new_mails()
    scene.approve(booking, slot_ids=[first.pk])
    scene.approve(booking, slot_ids=[second.pk])
    assert new_mails() == [("partial_approval", APPLICANT), ("approval", APPLICANT)]


def test_a_change_of_which_a_date_was_rejected_before_is_approved_for_the_rest():
    scene = Scene()
    booking = scene.request_days(20, 21)
    scene.approve(booking)
    change = request_change(
        booking_id=booking.pk,
        data=replace(scene.data(), dates=scene.days(20, 21, start="19:00", end="20:00")),
        actor=scene.person,
        now=NOW,
    )
    first, _second = change.slots.order_by("starts_at")
    scene.reject(change, slot_ids=[first.pk])
    new_mails()
    scene.approve(change)
    assert new_mails() == [("change_approved", APPLICANT)]


def test_what_falls_out_of_a_series_was_not_asked_for():
    """So its receipt is over when all others are decided."""
    scene = Scene()
    first, second = scene.weeks(2)
    booking = scene.request_on([first, replace(second, skipped=Skip(SkippedBecause.CHOSEN))])
    receipt = Message.objects.get(kind="receipt")
    assert [date["is_changed"] for date in receipt.facts["dates"]] == [True, False]
    scene.approve(booking)
    assert dict(Message.objects.values_list("kind", "state"))["receipt"] == "bundled"


def test_facts_are_those_of_the_decision():
    scene = Scene()
    booking = scene.request()
    scene.approve(booking, note="Bitte den Schlüssel holen.")
    Booking.objects.filter(pk=booking.pk).update(title="Später geändert")

    facts = Message.objects.get(kind="approval").facts

    assert (facts["title"], facts["note"]) == ("Sprachcafé „Willkommen“", "Bitte den Schlüssel holen.")
    assert facts["dates"][0]["rooms"] == ["Saal A", "Küche"]
    assert facts["dates"][0]["uid"] == str(booking.slots.get().uid)


def test_the_mail_is_undone_with_the_decision():
    scene = Scene()
    booking = scene.request()
    new_mails()
    with transaction.atomic():
        scene.approve(booking)
        transaction.set_rollback(True)
    assert new_mails() == []


def test_an_imported_plan_sends_nothing():
    scene = Scene()
    make_booking([scene.hall], berlin(DAY, "10:00"))
    assert new_mails() == []


# A change of the house -------------------------------------------------------------------------


def test_a_closure_tells_each_address_once_of_all_its_dates():
    scene = Scene()
    tuesday, wednesday = scene.request_days(20, 22), scene.request_days(21)
    for booking in (tuesday, wednesday):
        scene.approve(booking)
    other = make_booking([scene.hall], berlin(DAY, "10:00"), contact_email="chor@example.org", language="en")
    without = make_booking([scene.hall], berlin(DAY, "13:00"), contact_email="")
    new_mails()
    Booking.objects.filter(pk=wednesday.pk).update(contact_email="MARIA@example.org")
    first, third = tuesday.slots.order_by("starts_at")
    scene.close_hall(
        revoke=[first, other.slots.get(), without.slots.get()],
        moves=[scene.to_kitchen(wednesday.slots.get())],
        keep=[third],
        days=(DAY, DAY.replace(day=22)),
    )
    chor, maria = Message.objects.order_by("recipient")
    assert [(message.kind, message.recipient, message.language) for message in (chor, maria)] == [
        ("closure", "chor@example.org", "en"),
        ("closure", APPLICANT, "de"),
    ]
    assert (chor.booking, maria.booking) == (other, None)
    assert [
        (
            date["reference"],
            date["status"],
            date["sequence"],
            date["rooms"],
            date["before"] and date["before"]["rooms"],
        )
        for date in maria.facts["dates"]
    ] == [
        (tuesday.reference, "revoked", 1, ["Saal A"], None),
        (wednesday.reference, "approved", 1, ["Küche"], ["Saal A"]),
    ]
    assert "chor@example.org" not in str(maria.facts)


def test_dates_that_are_kept_are_no_news():
    scene = Scene()
    booking = scene.request_days(20)
    scene.approve(booking)
    new_mails()
    scene.close_hall(keep=[booking.slots.get()])
    assert new_mails() == []


def test_the_mails_are_undone_with_the_closure():
    scene = Scene()
    booking = scene.request_days(20)
    scene.approve(booking)
    new_mails()
    with transaction.atomic():
        scene.close_hall(revoke=[booking.slots.get()])
        transaction.set_rollback(True)
    assert new_mails() == []


@pytest.mark.parametrize("number", [1, 5])
def test_the_queries_of_a_closure_grow_with_the_mails_alone(number, django_assert_num_queries):
    from bookings.enums import Verb
    from bookings.events import Change
    from notifications.receivers import tell_about_settled_dates

    scene = Scene()
    booking = scene.request_days(*range(20, 20 + number))
    slots = list(booking.slots.prefetch_related("rooms"))
    Message.objects.update(state="sent")
    # To enter the mail, to see that it is new, and to look for others that wait.
    with django_assert_num_queries(3):
        tell_about_settled_dates([Change(booking, Verb.REVOKE, slots, "Bau")], now=NOW)


@pytest.mark.parametrize("number_of_dates", [1, 3])
def test_the_queries_do_not_grow_with_the_dates(number_of_dates, django_assert_num_queries):
    from bookings.enums import Verb
    from bookings.events import Change
    from notifications.receivers import tell_about_booking

    scene = Scene()
    booking = scene.request_days(*range(20, 20 + number_of_dates))
    booking.version += 1
    slots = list(booking.slots.all())
    # To enter the mail, and to look for others that wait; the booking has its dates.
    with django_assert_num_queries(2):
        tell_about_booking(Change(booking, Verb.APPROVE, slots), actor=scene.staff, now=NOW)
