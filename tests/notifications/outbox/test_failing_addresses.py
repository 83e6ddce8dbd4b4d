"""An address that keeps failing is marked for staff, until a mail gets through or they correct it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from notifications.models import FailingAddress, Fault, Message
from notifications.outbox.delivery import deliver
from notifications.outbox.entry import resend
from notifications.outbox.failing_addresses import (
    find_failing_address,
    forgive,
    list_failing_addresses,
    note_failure,
)
from notifications.outbox.lookups import mails_about
from tests.factories import NOW, make_staff
from tests.notifications.scenes import Scene, make_notice, message_about

pytestmark = pytest.mark.django_db

ADDRESS = "maria@example.org"


def send(answer, smtp_server, *, recipient=ADDRESS, now=NOW):
    smtp_server.answer = answer
    message = make_notice(recipient=recipient, now=now)
    deliver(message_id=message.pk, now=now)
    message.refresh_from_db()
    return message


def test_two_failures_in_a_row_mark_an_address(smtp_server):
    send("554 No", smtp_server)
    assert find_failing_address(ADDRESS) is None
    later = NOW + timedelta(hours=1)
    send("550 Unknown", smtp_server, recipient="Maria@Example.org", now=later)
    mark = find_failing_address("MARIA@example.org")
    assert (mark.failures, mark.last_failed_at, mark.last_error) == (2, later, "550 Unknown")
    assert list(list_failing_addresses()) == [mark]


def test_a_mail_that_gets_through_takes_the_mark_away(smtp_server):
    for answer in ["554 No", "554 No", "250 OK"]:
        send(answer, smtp_server)
    assert not FailingAddress.objects.exists()


def test_a_failure_a_mail_that_got_through_and_a_failure_are_no_mark(smtp_server):
    for answer in ["554 No", "250 OK", "554 No"]:
        send(answer, smtp_server)
    assert find_failing_address(ADDRESS) is None


def test_a_mail_server_that_asks_to_come_again_marks_nobody(smtp_server):
    for _number in range(3):
        send("451 Later", smtp_server)
    assert not FailingAddress.objects.exists()


@pytest.mark.parametrize("fault", sorted(set(Fault) - {Fault.ADDRESS, Fault.REFUSED, Fault.BUSY}))
def test_what_is_not_the_fault_of_the_address_does_not_count(fault):
    note_failure(ADDRESS, fault=fault, error="", now=NOW)
    assert not FailingAddress.objects.exists()


def test_an_address_that_is_none_cannot_be_marked():
    note_failure("", fault=Fault.ADDRESS, error="", now=NOW)
    assert not FailingAddress.objects.exists()


def test_staff_mend_an_address_by_sending_to_another_one(smtp_server):
    messages = [send("550 Unknown", smtp_server, recipient="marai@example.org") for _number in range(2)]
    resend(message=messages[1], recipient=ADDRESS, now=NOW)
    assert find_failing_address("marai@example.org") is None


def test_trying_the_same_address_again_keeps_the_mark_until_it_works(smtp_server):
    messages = [send("550 Unknown", smtp_server) for _number in range(2)]
    resend(message=messages[1], recipient=ADDRESS, now=NOW)
    assert find_failing_address(ADDRESS) is not None
    smtp_server.answer = "250 OK"
    deliver(message_id=messages[1].pk, now=NOW)
    assert find_failing_address(ADDRESS) is None


def test_staff_take_a_mark_away(client):
    for _number in range(2):
        note_failure(ADDRESS, fault=Fault.ADDRESS, error="550", now=NOW)
    client.force_login(make_staff())
    address = reverse("admin:notifications_failingaddress_delete", args=[find_failing_address(ADDRESS).pk])
    assert client.post(address, {"post": "yes"}).status_code == 302
    assert find_failing_address(ADDRESS) is None


def test_an_address_is_the_same_however_it_is_written():
    for _number in range(2):
        note_failure("Maria@Example.org", fault=Fault.ADDRESS, error="550", now=NOW)
    assert find_failing_address(ADDRESS) == find_failing_address("MARIA@example.org") is not None
    forgive("maria@EXAMPLE.org")
    assert find_failing_address(ADDRESS) is None


def test_the_mails_of_a_booking_that_did_not_get_out_are_found(smtp_server):
    scene = Scene()
    booking, other = scene.request(), scene.request()
    smtp_server.answer = "554 No"
    for message in Message.objects.filter(kind="receipt"):
        deliver(message_id=message.pk, now=NOW)
    failed = message_about(booking, "receipt")
    assert mails_about(booking).undelivered == [failed]
    resend(message=failed, recipient=ADDRESS, now=NOW)
    assert mails_about(booking).undelivered == []
    assert mails_about(other).undelivered == [message_about(other, "receipt")]
