"""An address that keeps failing is marked for staff, until a mail gets through or they mend it."""

from datetime import timedelta

import pytest

from notifications.addresses import find_failing_address, forgive, list_failing_addresses, note_failure
from notifications.delivery import deliver
from notifications.models import FailingAddress, Fault
from notifications.outbox import resend
from tests.factories import NOW
from tests.notifications.scenes import make_notice

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


def test_staff_say_that_an_address_works_again():
    for _number in range(2):
        note_failure(ADDRESS, fault=Fault.ADDRESS, error="550", now=NOW)
    forgive("Maria@example.org")
    assert find_failing_address(ADDRESS) is None
