"""Several events for one person about one booking become one mail, and the last word is the true one."""

import threading
from dataclasses import replace
from datetime import timedelta

import icalendar
import pytest
from django.db import connection

from bookings.services import (
    approve_booking,
    decide_booking,
    give_dates_back,
    reject_booking,
    request_change,
    revoke_booking,
)
from notifications.models import Message
from notifications.outbox import delivery
from notifications.outbox.delivery import deliver
from notifications.outbox.entry import enqueue, resend
from notifications.wording.rendering import render
from tests.factories import DAY, NOW, berlin
from tests.notifications.outbox.decisions import (
    APPLICANT,
    decide,
    decide_each,
    later,
    move,
    outbox,
    slot_of,
    statuses_in,
)
from tests.notifications.scenes import Scene, make_notice, message_about

pytestmark = pytest.mark.django_db


# Waiting for company ---------------------------------------------------------------------------


def test_a_decision_waits_a_little_and_what_somebody_waits_for_does_not(scene, settings):
    settings.BUNDLE_SECONDS = 90
    booking = scene.request_days(20)
    decide(approve_booking, booking, scene, seconds=0)
    waits = dict(Message.objects.values_list("kind", "not_before"))
    assert waits == {"receipt": NOW, "staff_new_request": NOW, "approval": NOW}  # the receipt is over

    other = scene.request_days(21)
    Message.objects.update(state="sent")
    decide(approve_booking, other, scene, seconds=0)
    assert message_about(other, "approval").not_before == later(90)


def test_nothing_waits_where_the_house_wants_no_bundles(request_of_three, scene, settings):
    settings.BUNDLE_SECONDS = 0
    decide(approve_booking, request_of_three, scene, seconds=5)
    assert message_about(request_of_three, "approval").not_before == later(5)


def test_a_mail_about_no_booking_never_waits_and_is_never_bundled():
    first, second = make_notice(), make_notice()
    assert (first.not_before, second.not_before) == (NOW, NOW)
    assert set(Message.objects.values_list("state", flat=True)) == {"pending"}


# Two become one --------------------------------------------------------------------------------


def test_approvals_one_by_one_are_one_mail_at_the_time_of_the_first(request_of_three, scene):
    for number, day in enumerate([20, 21, 22]):
        decide(approve_booking, request_of_three, scene, day, seconds=30 * number)

    assert outbox(request_of_three) == [
        ("partial_approval", "bundled", [20]),
        ("partial_approval", "bundled", [20, 21]),
        ("approval", "pending", [20, 21, 22]),
    ]
    standing = message_about(request_of_three, "approval")
    assert standing.not_before == later(120)
    assert statuses_in(standing) == ["approved"] * 3
    assert {message.bundled_into for message in Message.objects.filter(state="bundled")} == {standing}


def test_the_calendar_file_of_a_bundle_has_the_latest_state(request_of_three, scene):
    decide(approve_booking, request_of_three, scene, 20, 21, seconds=0)
    decide(approve_booking, request_of_three, scene, 22, seconds=10)
    file = render(Message.objects.get(kind="approval", state="pending")).calendar
    events = icalendar.Calendar.from_ical(file.content).walk("VEVENT")
    assert [(event.start.day, str(event["STATUS"])) for event in events] == [
        (20, "CONFIRMED"),
        (21, "CONFIRMED"),
        (22, "CONFIRMED"),
    ]


@pytest.mark.parametrize("first", ["approve", "reject"])
def test_an_approval_tells_of_the_rejected_dates_whichever_came_first(request_of_three, scene, first):
    steps = {
        "approve": lambda: decide(approve_booking, request_of_three, scene, 20, 21, seconds=0, note="Gern."),
        "reject": lambda: decide(reject_booking, request_of_three, scene, 22, seconds=0, reason="Belegt."),
    }
    steps.pop(first)()
    next(iter(steps.values()))()

    assert sorted(outbox(request_of_three)) == [
        ("partial_approval", "pending", [20, 21, 22]),
        ("rejection", "bundled", [22]),
    ]
    approval = message_about(request_of_three, "partial_approval")
    assert message_about(request_of_three, "rejection").bundled_into == approval
    text = render(approval).text
    assert "Gern." in text
    assert "Warum nicht alle Termine möglich sind:\nBelegt." in text
    assert text.count("Belegt.") == 1


@pytest.mark.parametrize("first", ["approval", "rejection"])
def test_a_decision_date_by_date_tells_of_what_was_decided_before(scene, first):
    booking = scene.request_days(20, 21, 22, 23)
    Message.objects.update(state="sent")
    if first == "approval":
        decide(approve_booking, booking, scene, 20, seconds=0, note="Gern.")
    else:
        decide(reject_booking, booking, scene, 20, seconds=0, reason="Feiertag.")
    decide_each(booking, scene, approve=[21], reject=[22], seconds=10)
    assert [(state, days) for _kind, state, days in outbox(booking)] == [
        ("bundled", [20]),
        ("pending", [20, 21, 22]),
    ]
    text = render(Message.objects.get(kind="partial_approval", state="pending")).text
    assert ("Gern." if first == "approval" else "abgelehnt (Feiertag.)") in text


def test_a_decision_date_by_date_tells_of_what_is_rejected_after_it(scene):
    booking = scene.request_days(20, 21, 22)
    Message.objects.update(state="sent")
    decide_each(booking, scene, approve=[20], reject=[21], seconds=0)
    decide(reject_booking, booking, scene, 22, seconds=10, reason="Feiertag.")
    assert outbox(booking) == [("partial_approval", "pending", [20, 21, 22]), ("rejection", "bundled", [22])]
    assert "abgelehnt (Feiertag.)" in render(message_about(booking, "partial_approval")).text


def test_notes_of_an_approval_and_a_decision_stay_with_their_dates(scene):
    booking = scene.request_days(20, 21, 22)
    Message.objects.update(state="sent")
    decide(approve_booking, booking, scene, 20, seconds=0, note="Gern.")
    decide_each(booking, scene, approve=[21], reject=[22], seconds=10, note="Nur bis 18 Uhr.")
    # The first one was partial as long as the others were open.
    assert outbox(booking) == [("approval", "pending", [20]), ("partial_approval", "pending", [21, 22])]


def test_an_approval_is_whole_where_what_was_open_is_withdrawn_before_it_goes_out(request_of_three, scene):
    decide(approve_booking, request_of_three, scene, 20, 21, seconds=0)
    decide(give_dates_back, request_of_three, scene, 22, seconds=10)
    assert outbox(request_of_three) == [("approval", "pending", [20, 21]), ("withdrawal", "pending", [22])]


@pytest.mark.parametrize("end", ["cancelled", "rejected", "revoked", "moved", "withdrawn"])
def test_what_was_told_before_makes_no_partial_approval_of_a_later_wish(request_of_three, scene, end):
    steps = {
        "cancelled": lambda: decide(give_dates_back, request_of_three, scene, 20, seconds=1),
        "revoked": lambda: decide(revoke_booking, request_of_three, scene, 20, seconds=1, reason="Wahl."),
        "moved": lambda: move(request_of_three, scene, 20, seconds=1),
    }
    first = {
        "rejected": lambda: decide(reject_booking, request_of_three, scene, 20, seconds=0, reason="Wahl."),
        "withdrawn": lambda: decide(give_dates_back, request_of_three, scene, 20, seconds=0),
    }
    first.get(end, lambda: None)()
    decide(approve_booking, request_of_three, scene, seconds=0)
    steps.get(end, lambda: None)()
    Message.objects.update(state="sent")

    scene.add(request_of_three, 23, 24)
    Message.objects.filter(state="pending").update(state="sent")
    decide(approve_booking, request_of_three, scene, 23, seconds=20)
    assert outbox(request_of_three) == [("partial_approval", "pending", [23])]
    text = render(Message.objects.get(state="pending")).text
    assert "Ihre Anfrage ist teilweise genehmigt: 1 von 2 Terminen." in text
    decide(approve_booking, request_of_three, scene, 24, seconds=30)
    assert outbox(request_of_three) == [
        ("partial_approval", "bundled", [23]),
        ("approval", "pending", [23, 24]),
    ]
    text = render(Message.objects.get(state="pending")).text
    assert "Ihre 2 Termine sind genehmigt." in text
    assert "Anderen Raum" not in text


# What is told beside it ------------------------------------------------------------------------


def test_a_closure_of_several_bookings_ends_the_approvals_that_still_wait(scene):
    slots = []
    for day in [20, 21]:
        booking = scene.request_days(day)
        booking.messages.update(state="sent")
        decide(approve_booking, booking, scene, seconds=0)
        slots.append(booking.slots.get())
    scene.close_hall(revoke=slots, days=(DAY, DAY + timedelta(days=1)))
    closure = Message.objects.get(kind="closure")
    assert (closure.state, closure.booking) == ("pending", None)
    approvals = Message.objects.filter(kind="approval")
    assert [approval.bundled_into for approval in approvals] == [closure] * 2


def test_planned_mails_are_compared_with_the_data_and_not_bundled(scene):
    booking = scene.weekly(1)
    (reminder,) = [
        mail for mail in scene.plan(berlin(DAY - timedelta(days=7), "08:00")) if mail.kind == "reminder"
    ]
    facts = reminder.facts
    slot = booking.slots.get()
    give_dates_back(booking_id=booking.pk, actor=scene.person, now=later(0), slot_ids=[slot.pk])
    reminder.refresh_from_db()
    assert (reminder.state, reminder.facts) == ("pending", facts)


def test_two_reasons_stay_two_mails(request_of_three, scene):
    decide(reject_booking, request_of_three, scene, 20, seconds=0, reason="Belegt.")
    decide(reject_booking, request_of_three, scene, 21, seconds=10, reason="Feiertag.")
    assert outbox(request_of_three) == [("rejection", "pending", [20]), ("rejection", "pending", [21])]


def test_one_reason_for_two_dates_is_one_mail(request_of_three, scene):
    decide(reject_booking, request_of_three, scene, 20, seconds=0, reason="Belegt.")
    decide(reject_booking, request_of_three, scene, 21, seconds=10, reason="Belegt.")
    assert outbox(request_of_three) == [("rejection", "bundled", [20]), ("rejection", "pending", [20, 21])]


def test_staff_hear_once_of_three_cancellations(request_of_three, scene):
    decide(approve_booking, request_of_three, scene, seconds=0)
    Message.objects.update(state="sent")
    for number, day in enumerate([20, 21, 22]):
        decide(give_dates_back, request_of_three, scene, day, seconds=30 * number)
    for recipient, kind in [(APPLICANT, "cancellation"), (scene.house.email, "staff_cancelled")]:
        assert outbox(request_of_three, recipient)[-1] == (kind, "pending", [20, 21, 22])
        assert {state for _kind, state, _days in outbox(request_of_three, recipient)[:-1]} == {"bundled"}


# News that is over -----------------------------------------------------------------------------


def test_an_approval_that_was_taken_back_before_it_went_out_is_not_sent(request_of_three, scene):
    decide(approve_booking, request_of_three, scene, seconds=0)
    decide(revoke_booking, request_of_three, scene, seconds=20, reason="Wasserschaden.")
    assert outbox(request_of_three) == [
        ("approval", "bundled", [20, 21, 22]),
        ("revocation", "pending", [20, 21, 22]),
    ]


def test_a_mail_that_waits_tells_what_is_true_when_it_goes_out(request_of_three, scene):
    decide(approve_booking, request_of_three, scene, seconds=0)
    decide(give_dates_back, request_of_three, scene, 21, seconds=20)
    approval = message_about(request_of_three, "approval")
    assert outbox(request_of_three) == [("approval", "pending", [20, 22]), ("cancellation", "pending", [21])]
    assert statuses_in(approval) == ["approved", "cancelled", "approved"]


def test_a_receipt_the_mail_server_would_not_take_is_not_sent_after_the_decision(scene, smtp_server):
    smtp_server.answer = "451 later"
    booking = scene.request_days(20)
    receipt = message_about(booking, "receipt")
    deliver(message_id=receipt.pk, now=NOW)
    decide(approve_booking, booking, scene, seconds=600)
    receipt.refresh_from_db()
    assert (receipt.state, receipt.bundled_into.kind) == ("bundled", "approval")


def test_a_receipt_stays_while_dates_wait_for_a_decision(scene):
    booking = scene.request_days(20, 21)
    decide(approve_booking, booking, scene, 20, seconds=5)
    assert outbox(booking) == [("receipt", "pending", [21]), ("partial_approval", "pending", [20])]


# What is left alone ----------------------------------------------------------------------------


def test_what_a_worker_has_taken_is_left_to_it(request_of_three, scene):
    decide(approve_booking, request_of_three, scene, 20, seconds=0)
    delivery.claim(message_id=message_about(request_of_three, "partial_approval").pk, now=later(120))
    decide(approve_booking, request_of_three, scene, 21, seconds=121)
    assert outbox(request_of_three) == [
        ("partial_approval", "sending", [20]),
        ("partial_approval", "pending", [21]),
    ]


def test_a_mail_that_may_be_out_keeps_its_text(request_of_three, scene):
    decide(approve_booking, request_of_three, scene, 20, 21, seconds=0)
    Message.objects.filter(kind="partial_approval").update(takeovers=1)
    before = message_about(request_of_three, "partial_approval").facts
    decide(reject_booking, request_of_three, scene, 22, seconds=5, reason="Belegt.")
    assert message_about(request_of_three, "partial_approval").facts == before
    assert [(kind, state) for kind, state, _days in outbox(request_of_three)] == [
        ("partial_approval", "pending"),
        ("rejection", "pending"),
    ]


def test_a_mail_sent_again_by_staff_goes_alone(request_of_three, scene):
    decide(approve_booking, request_of_three, scene, 20, seconds=0)
    sent = message_about(request_of_three, "partial_approval")
    Message.objects.filter(pk=sent.pk).update(state="sent")
    sent.refresh_from_db()
    decide(approve_booking, request_of_three, scene, 21, seconds=5)
    resend(message=sent, recipient=APPLICANT, now=later(6))
    assert outbox(request_of_three) == [
        ("partial_approval", "pending", [21]),
        ("partial_approval", "pending", [20]),
    ]


def test_mails_about_another_booking_or_to_another_person_are_left_alone(request_of_three, scene):
    other = scene.request_days(27)
    decide(approve_booking, request_of_three, scene, 20, seconds=0)
    decide(approve_booking, other, scene, seconds=5)
    assert outbox(request_of_three) == [("partial_approval", "pending", [20])]


def test_entering_the_same_event_twice_bundles_nothing(request_of_three, scene):
    decide(approve_booking, request_of_three, scene, 20, seconds=0)
    message = message_about(request_of_three, "partial_approval")
    again = enqueue(
        kind="partial_approval",
        recipient=APPLICANT,
        facts=message.facts,
        dedupe_key=message.dedupe_key,
        now=later(5),
        booking=request_of_three,
    )
    assert (again, outbox(request_of_three)) == (message, [("partial_approval", "pending", [20])])


def test_facts_of_another_form_do_not_stop_a_decision(request_of_three, scene):
    for number, facts in enumerate([{}, {"dates": [{"uid": "x"}]}, {"dates": []}]):
        enqueue(
            kind="approval",
            recipient=APPLICANT,
            facts=facts,
            dedupe_key=f"odd:{number}",
            now=NOW,
            booking=request_of_three,
        )
    decide(approve_booking, request_of_three, scene, seconds=0)
    approval = Message.objects.filter(kind="approval").latest("pk")
    assert (approval.state, statuses_in(approval)) == ("pending", ["approved"] * 3)


def test_the_mail_about_a_change_tells_what_became_of_the_old_dates_in_the_end(request_of_three, scene):
    """The old dates in the mail about both steps are those of the last one."""
    scene.approve(request_of_three)
    Message.objects.update(state="sent")
    dates = scene.days(20, 21, 22, start="19:00", end="20:00")
    change = request_change(
        booking_id=request_of_three.pk,
        data=replace(scene.data(), dates=dates),
        actor=scene.person,
        now=NOW,
    )
    Message.objects.update(state="sent")
    decide_booking(
        booking_id=change.pk,
        actor=scene.staff,
        now=later(0),
        approve=[slot_of(change, 20).pk],
        reject=[slot_of(change, 21).pk],
        reason="Wahl",
    )
    decide(approve_booking, change, scene, 22, seconds=5)
    assert outbox(change) == [
        ("partial_approval", "bundled", [20, 21]),
        ("partial_approval", "pending", [20, 21, 22]),
    ]
    mail = Message.objects.get(booking=change, state="pending")
    old = mail.facts["replaced"]["dates"]
    assert [date["status"] for date in old] == ["cancelled", "approved", "cancelled"]


# A worker at the same moment -------------------------------------------------------------------


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_claims_while_another_event_is_entered_tells_it_once():
    """Either the first mail goes out alone, or the second one tells of both; never both, never neither."""
    scene = Scene()
    booking = scene.request_days(20, 21)
    facts = message_about(booking, "receipt").facts | {"note": ""}
    Message.objects.all().delete()
    outcomes = set()
    for number in range(12):
        first, second = (
            {
                "kind": "approval",
                "recipient": APPLICANT,
                "facts": facts,
                "dedupe_key": f"race:{number}:{key}",
                "now": NOW,
                "booking": booking,
                "not_before": NOW,
            }
            for key in [1, 2]
        )
        waiting = enqueue(**first)
        claims = []
        together(
            lambda waiting=waiting, claims=claims: claims.append(
                delivery.claim(message_id=waiting.pk, now=NOW) is not None
            ),
            lambda second=second: enqueue(**second),
        )
        waiting.refresh_from_db()
        outcomes.add((claims[0], waiting.state))
        Message.objects.all().delete()
    assert outcomes <= {(True, "sending"), (False, "bundled")}


def together(*works):
    """Do these things at the same moment, each over a connection of its own."""
    barrier = threading.Barrier(len(works))

    def run(work):
        barrier.wait()
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
