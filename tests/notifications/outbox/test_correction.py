"""The correction of an applicant's address, and the mails that wait for the old one; by service and pages."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import Booking
from hausderbegegnung.models import User
from notifications.models import Fault, Message
from notifications.outbox.correction import correct_address
from notifications.outbox.failing_addresses import find_failing_address, note_failure
from tests.factories import DAY, NOW, berlin, make_user
from tests.notifications.scenes import Scene, message_about

pytestmark = pytest.mark.django_db

WRONG, RIGHT = "maria@exmaple.org", "maria@example.org"
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def booking(scene: Scene) -> Booking:
    """Asked for with a typo in the address: the receipt could not be sent, the approval waits."""
    booking = scene.request(contact_email=WRONG)
    set_state(message_about(booking, "receipt"), "failed", fault=Fault.ADDRESS, attempts=1)
    scene.approve(booking)
    return booking


def set_state(message: Message, state: str, **fields: object) -> Message:
    Message.objects.filter(pk=message.pk).update(state=state, **fields)
    message.refresh_from_db()
    return message


def mails(booking: Booking) -> list[tuple[str, str, str]]:
    """What became of the mails about the booking: kind, state, and to whom."""
    return [
        (message.kind, message.state, message.recipient)
        for message in Message.objects.filter(booking=booking).order_by("pk")
    ]


def client_of(person: User | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def test_what_waits_goes_to_the_new_address_and_the_rest_stays(scene: Scene, booking: Booking) -> None:
    correct_address(booking_id=booking.pk, actor=scene.staff, address=RIGHT, now=LATER)
    assert mails(booking) == [
        ("receipt", "failed", WRONG),
        ("staff_new_request", "pending", "haus@example.org"),
        ("approval", "pending", RIGHT),
    ]


def test_what_could_not_be_sent_is_sent_to_the_new_address_on_request(scene: Scene, booking: Booking) -> None:
    for _number in range(2):
        note_failure(WRONG, fault=Fault.ADDRESS, error="550", now=NOW)
    sent = set_state(message_about(booking, "approval"), "sent")
    correct_address(booking_id=booking.pk, actor=scene.staff, address=RIGHT, now=LATER, send_again=True)
    receipt = message_about(booking, "receipt")
    assert (receipt.state, receipt.recipient, receipt.attempts, receipt.not_before) == (
        "pending",
        RIGHT,
        0,
        LATER,
    )
    sent.refresh_from_db()
    assert (sent.state, sent.recipient, find_failing_address(WRONG)) == ("sent", WRONG, None)


def test_what_failed_for_now_is_tried_at_the_new_address_at_once(scene: Scene, booking: Booking) -> None:
    approval = message_about(booking, "approval")
    set_state(approval, "pending", attempts=4, failing_since=NOW, not_before=LATER + timedelta(hours=1))
    correct_address(booking_id=booking.pk, actor=scene.staff, address=RIGHT, now=LATER)
    approval.refresh_from_db()
    assert (approval.attempts, approval.failing_since, approval.not_before) == (0, None, LATER)


def test_a_planned_mail_is_not_planned_again_for_the_new_address(scene: Scene, booking: Booking) -> None:
    morning = berlin(DAY - timedelta(days=1), "09:00")
    (reminder,) = [message for message in scene.plan(morning) if message.kind == "reminder"]
    set_state(reminder, "failed")
    correct_address(booking_id=booking.pk, actor=scene.staff, address=RIGHT, now=morning, send_again=True)
    again = [message for message in scene.plan(morning + timedelta(minutes=1)) if message.kind == "reminder"]
    reminder.refresh_from_db()
    assert (again, reminder.state, reminder.recipient) == ([], "pending", RIGHT)


def test_there_and_back_again_is_no_error(scene: Scene, booking: Booking) -> None:
    """Also where each address has a mail of the same plan by then."""
    morning = berlin(DAY - timedelta(days=1), "09:00")
    (first,) = [message for message in scene.plan(morning) if message.kind == "reminder"]
    set_state(first, "failed")
    correct_address(booking_id=booking.pk, actor=scene.staff, address=RIGHT, now=morning)
    (second,) = [
        message for message in scene.plan(morning + timedelta(minutes=1)) if message.kind == "reminder"
    ]
    for address in (WRONG, RIGHT):
        correct_address(booking_id=booking.pk, actor=scene.staff, address=address, now=LATER, send_again=True)
    reminders = Message.objects.filter(booking=booking, kind="reminder").order_by("pk")
    assert list(reminders.values_list("pk", "recipient")) == [(first.pk, RIGHT), (second.pk, RIGHT)]


def test_mails_to_staff_go_to_nobody_else(scene: Scene) -> None:
    """Staff had entered the address of the house for somebody who has none."""
    booking = scene.request(contact_email="haus@example.org")
    set_state(message_about(booking, "staff_new_request"), "failed")
    correct_address(booking_id=booking.pk, actor=scene.staff, address=RIGHT, now=LATER, send_again=True)
    assert mails(booking) == [
        ("receipt", "pending", RIGHT),
        ("staff_new_request", "failed", "haus@example.org"),
    ]


# From the mail that failed -----------------------------------------------------------------------


def test_from_the_failed_mail_the_booking_is_corrected_too(scene: Scene, booking: Booking) -> None:
    receipt = message_about(booking, "receipt")
    client = client_of(scene.staff)
    form = client.get(reverse("message", args=[receipt.pk])).context["form"]
    assert (form["recipient"].value(), form["for_booking"].value()) == (WRONG, True)
    answer = client.post(
        reverse("resend_message", args=[receipt.pk]), {"recipient": RIGHT, "for_booking": "on"}
    )
    booking.refresh_from_db()
    assert (answer.url, booking.contact_email) == (reverse("message", args=[receipt.pk]), RIGHT)
    assert [(kind, state, to) for kind, state, to in mails(booking) if kind != "staff_new_request"] == [
        ("receipt", "pending", RIGHT),
        ("approval", "pending", RIGHT),
    ]


def test_to_send_one_mail_elsewhere_leaves_the_booking(scene: Scene, booking: Booking) -> None:
    receipt = message_about(booking, "receipt")
    client_of(scene.staff).post(reverse("resend_message", args=[receipt.pk]), {"recipient": RIGHT})
    booking.refresh_from_db()
    assert (booking.contact_email, mails(booking)[0]) == (WRONG, ("receipt", "pending", RIGHT))


def test_a_mail_to_staff_corrects_no_booking(scene: Scene, booking: Booking) -> None:
    to_staff = set_state(message_about(booking, "staff_new_request"), "failed")
    client = client_of(scene.staff)
    assert "for_booking" not in client.get(reverse("message", args=[to_staff.pk])).context["form"].fields
    client.post(reverse("resend_message", args=[to_staff.pk]), {"recipient": RIGHT, "for_booking": "on"})
    booking.refresh_from_db()
    assert booking.contact_email == WRONG


# From the booking --------------------------------------------------------------------------------


def test_the_page_of_the_booking_leads_to_the_correction(scene: Scene, booking: Booking) -> None:
    client, url = client_of(scene.staff), reverse("correct_address", args=[booking.reference])
    assert f'href="{url}"' in client.get(reverse("decide", args=[booking.reference])).content.decode()
    page = client.get(url)
    assert (page.context["form"]["address"].value(), page.context["undelivered"]) == (WRONG, 1)
    answer = client.post(url, {"address": RIGHT, "send_again": "on"})
    booking.refresh_from_db()
    assert (answer.url, booking.contact_email) == (reverse("decide", args=[booking.reference]), RIGHT)
    assert mails(booking)[0] == ("receipt", "pending", RIGHT)
    assert "E-Mail-Adresse berichtigt" in client.get(answer.url).content.decode()


def test_an_address_that_is_none_is_told_at_the_field(scene: Scene, booking: Booking) -> None:
    url = reverse("correct_address", args=[booking.reference])
    for sent in ({"address": "maria"}, {}):
        page = client_of(scene.staff).post(url, sent)
        assert (page.status_code, list(page.context["form"].errors)) == (400, ["address"])
    booking.refresh_from_db()
    assert booking.contact_email == WRONG


def test_only_staff_correct_an_address_and_looking_changes_nothing(scene: Scene, booking: Booking) -> None:
    url = reverse("correct_address", args=[booking.reference])
    for person, code in [(None, 302), (make_user(), 403), (scene.person, 403), (scene.caretaker, 403)]:
        client = client_of(person)
        answers = [client.get(url).status_code, client.post(url, {"address": RIGHT}).status_code]
        assert answers == [code, code]
    assert client_of(scene.staff).get(url, {"address": RIGHT}).status_code == 200
    booking.refresh_from_db()
    assert (booking.contact_email, mails(booking)[0]) == (WRONG, ("receipt", "failed", WRONG))


def test_applicants_are_offered_no_correction(scene: Scene, booking: Booking) -> None:
    page = client_of(scene.person).get(reverse("booking_status", args=[booking.reference]))
    assert "/adresse/" not in page.content.decode()
