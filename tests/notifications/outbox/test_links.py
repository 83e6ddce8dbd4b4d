"""Links in mails open the booking for its contact, whoever else a mail goes to, and whenever it is made."""

import re
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.smtp import Envelope
from django.test import Client
from django.urls import reverse

from bookings.access.tokens import date_path, status_path
from bookings.models import Booking
from notifications.models import Message
from notifications.outbox.correction import correct_address
from notifications.outbox.delivery import deliver, free_stuck
from notifications.outbox.entry import resend
from notifications.outbox.link_mail import send_link
from notifications.wording.rendering import render
from tests.factories import DAY, NOW, berlin
from tests.mail_server import Postbox
from tests.notifications.scenes import Scene, message_about

pytestmark = pytest.mark.django_db

WRONG, RIGHT = "maria@exmaple.org", "maria@example.org"
LATER = NOW + timedelta(hours=2)
LINK = re.compile(r"http://testserver(/(?:anfragen|termin)/\S+)")


@pytest.fixture
def scene() -> Scene:
    return Scene(ask_days=1)


@pytest.fixture
def booking(scene: Scene) -> Booking:
    return scene.request(contact_email=WRONG)


def correct(scene: Scene, booking: Booking, *, send_again: bool = False) -> Booking:
    return correct_address(
        booking_id=booking.pk, actor=scene.staff, address=RIGHT, now=LATER, send_again=send_again
    )


def links(message: Message) -> list[str]:
    """The links that the mail would carry if it went out now, in both of its parts."""
    message = Message.objects.select_related("booking").get(pk=message.pk)
    mail = render(message)
    found = LINK.findall(mail.text)
    assert sorted(set(re.findall(r'href="http://testserver(/(?:anfragen|termin)/[^"]+)', mail.html))) == found
    return found


def text_of(envelope: Envelope) -> str:
    """Both parts of a mail as a mail program reads them."""
    mail = message_from_bytes(envelope.original_content or b"", policy=policy.default)
    return "".join(part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")


def entered(booking: Booking) -> list[tuple[str, str, str]]:
    messages = Message.objects.filter(booking=booking).exclude(recipient="haus@example.org").order_by("pk")
    return list(messages.values_list("kind", "state", "recipient"))


def test_what_waited_for_a_wrong_address_brings_a_link_that_holds_to_the_right_one(
    scene: Scene, booking: Booking
) -> None:
    receipt, first = message_about(booking, "receipt"), status_path(booking)
    assert links(receipt) == [first]
    booking = correct(scene, booking)
    assert entered(booking) == [("receipt", "pending", RIGHT)]
    assert links(receipt) == [status_path(booking)] != [first]


@pytest.mark.parametrize("state", ["failed", "sent", "sending", "bundled"])
def test_no_way_leads_with_a_new_link_to_the_wrong_address(
    scene: Scene, booking: Booking, smtp_server: Postbox, state: str
) -> None:
    """Not what failed, nor a copy of what was sent, nor what a worker had taken when it died."""
    receipt = message_about(booking, "receipt")
    Message.objects.filter(pk=receipt.pk).update(state=state, claimed_at=NOW, attempts=1)
    correct(scene, booking)
    receipt.refresh_from_db()
    again = resend(message=receipt, recipient=WRONG, now=LATER)
    free_stuck(now=LATER)
    deliver(message_id=again.pk, now=LATER)
    sent = [(envelope.rcpt_tos, text_of(envelope)) for envelope in smtp_server.envelopes]
    assert [to for to, _text in sent] == ([] if state == "bundled" else [[WRONG]])
    assert [LINK.findall(text) for _to, text in sent] == [[] for _mail in sent]


def test_a_mail_about_several_bookings_links_those_whose_contact_it_reaches(scene: Scene) -> None:
    first, second = (scene.weekly(4, room=room, contact_email=WRONG) for room in (scene.hall, scene.kitchen))
    (overview,) = [
        message
        for message in scene.plan(berlin(DAY.replace(day=1), "08:00"))
        if message.kind == "monthly_overview"
    ]
    assert overview.booking is None
    assert sorted(links(overview)) == sorted([status_path(first), status_path(second)])
    correct(scene, second)
    assert links(overview) == [status_path(first)]


def test_the_question_about_a_date_is_linked_anew(scene: Scene) -> None:
    booking = scene.weekly(8, contact_email=RIGHT)
    (question,) = [
        message
        for message in scene.plan(berlin(DAY - timedelta(days=1), "08:00"))
        if message.kind == "still_taking_place"
    ]
    uid = booking.slots.order_by("starts_at")[0].uid
    first = date_path(booking, uid)
    assert links(question) == [first]
    booking = scene.renew_links(booking)
    assert links(question) == [date_path(booking, uid)] != [first]


# The mail with the link --------------------------------------------------------------------------


def test_whoever_never_got_a_mail_gets_the_link_with_the_right_address(
    scene: Scene, booking: Booking
) -> None:
    Message.objects.update(state="sent")
    booking = correct(scene, booking)
    assert entered(booking) == [("receipt", "sent", WRONG), ("new_link", "pending", RIGHT)]
    assert links(message_about(booking, "new_link")) == [status_path(booking)]


def test_with_what_is_sent_again_no_other_mail_is_needed(scene: Scene, booking: Booking) -> None:
    Message.objects.update(state="failed")
    booking = correct(scene, booking, send_again=True)
    assert entered(booking) == [("receipt", "pending", RIGHT)]


def test_renewed_links_go_to_the_contact(scene: Scene, booking: Booking) -> None:
    booking = scene.renew_links(booking)
    assert entered(booking)[1:] == [("new_link", "pending", WRONG)]
    assert links(message_about(booking, "new_link")) == [status_path(booking)]
    Booking.objects.update(contact_email="")
    scene.renew_links(booking)
    assert len(entered(booking)) == 2


def test_a_link_that_is_asked_for_comes_once_an_hour(scene: Scene, booking: Booking) -> None:
    for minutes in (0, 1, 59, 60):
        send_link(booking, now=NOW + timedelta(minutes=minutes))
    assert [kind for kind, _state, _to in entered(booking)] == ["receipt", "new_link", "new_link"]


# For staff ---------------------------------------------------------------------------------------


def test_staff_who_send_again_are_offered_the_address_of_today(scene: Scene, booking: Booking) -> None:
    Message.objects.update(state="failed")
    correct(scene, booking)
    client = Client()
    client.force_login(scene.staff)
    page = client.get(reverse("message", args=[message_about(booking, "receipt").pk]))
    assert page.context["form"]["recipient"].value() == RIGHT
    assert "enthält keinen Link" in page.content.decode()
    to_staff = client.get(reverse("message", args=[message_about(booking, "staff_new_request").pk]))
    assert to_staff.context["form"]["recipient"].value() == "haus@example.org"
    assert "enthält keinen Link" not in to_staff.content.decode()
