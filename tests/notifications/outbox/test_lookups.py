from datetime import timedelta

import pytest

from notifications.models import Message
from notifications.outbox import lookups
from notifications.outbox.lookups import count_undelivered, mails_about
from tests.factories import NOW
from tests.notifications.scenes import Scene, make_login_code, make_notice

pytestmark = pytest.mark.django_db


def in_state(message: Message, state: str) -> Message:
    Message.objects.filter(pk=message.pk).update(state=state)
    return message


def test_mails_about_a_booking_are_the_latest_and_before_them_those_that_failed(monkeypatch):
    monkeypatch.setattr(lookups, "SHOWN_OF_BOOKING", 3)
    booking = Scene().request()
    Message.objects.all().delete()
    messages = [make_notice(booking=booking, now=NOW + timedelta(hours=hour)) for hour in range(5)]
    make_notice()
    in_state(messages[0], "failed")
    in_state(messages[4], "sent")

    mails = mails_about(booking)
    assert mails.messages == [messages[0], messages[4], messages[3]]
    assert mails.undelivered == [messages[0]]
    assert mails.are_more


@pytest.mark.parametrize("number", [1, 3])
def test_mails_about_a_booking_need_one_query(number, django_assert_num_queries):
    booking = Scene().request()
    for _n in range(number):
        in_state(make_notice(booking=booking), "failed")
    with django_assert_num_queries(1):
        mails = mails_about(booking)
        assert len(mails.undelivered) == number
    assert not mails.are_more


def test_undelivered_is_what_failed_and_can_be_sent_again():
    in_state(make_notice(), "failed")
    in_state(make_login_code(), "failed")
    in_state(make_notice(), "sent")
    make_notice()
    Message.objects.filter(pk=in_state(make_notice(), "failed").pk).update(erased_at=NOW)
    assert count_undelivered() == 1
