"""Calls to make stand in the inbox and at their booking until somebody says that they are made."""

from django.contrib.messages import get_messages
from django.test import Client

from bookings.models import Booking
from bookings.services import approve_booking
from notifications.models import Message
from rooms.models import Room
from tests.factories import DAY, NOW, berlin, make_booking, make_staff
from tests.hausderbegegnung.web.bookings import page_of


def approved(room: Room, clock: str = "16:00", **fields: str) -> Booking:
    booking = make_booking([room], berlin(DAY, clock), status="requested", **fields)
    approve_booking(booking_id=booking.pk, actor=make_staff(), now=NOW)
    return booking


def test_a_call_is_shown_until_it_is_made(as_staff: Client, room: Room) -> None:
    booking = approved(room, contact_email="", contact_phone="02272 402-171")
    for path in ["/eingang/", page_of(booking)]:
        page = as_staff.get(path).content.decode()
        assert [text in page for text in ["keine E-Mail-Adresse", 'href="tel:02272402171"']] == [True, True]
    response = as_staff.post(page_of(booking, "angerufen"), {"inbox": "1"})
    assert response["Location"] == "/eingang/"
    assert [str(message) for message in get_messages(response.wsgi_request)] == [
        f"{booking.reference}: Der Anruf ist vermerkt."
    ]
    assert as_staff.get("/eingang/").context["calls"] == []
    page = as_staff.get(page_of(booking))
    assert page.context["call"] is None
    assert "Telefonisch mitgeteilt" in page.content.decode()


def test_a_mail_to_the_contact_that_failed_makes_a_call(as_staff: Client, room: Room) -> None:
    booking = approved(room, contact_phone="02272 1")
    assert as_staff.get(page_of(booking)).context["call"] is None
    Message.objects.filter(kind="approval").update(state="failed")
    assert as_staff.get(page_of(booking)).context["call"].reason == "undelivered"
    assert [[call.booking for call in calls] for calls in as_staff.get("/eingang/").context["calls"]] == [
        [booking]
    ]
    assert as_staff.post(page_of(booking, "angerufen"))["Location"] == page_of(booking)
    assert as_staff.get("/eingang/").context["calls"] == []


def test_one_call_tells_a_person_of_all_bookings(as_staff: Client, room: Room) -> None:
    anna = {"contact_name": "Anna", "contact_email": "", "contact_phone": "02272 1"}
    first, other, second = (
        approved(room, clock, **contact)
        for clock, contact in [("10:00", anna), ("12:00", anna | {"contact_name": "Ben"}), ("14:00", anna)]
    )

    def shown() -> list[list[Booking]]:
        calls = as_staff.get("/eingang/").context["calls"]
        return [[call.booking for call in group] for group in calls]

    assert shown() == [[first, second], [other]]
    answer = as_staff.post(page_of(first, "angerufen"), {"inbox": "1", "too": [second.reference]})
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        f"{first.reference}, {second.reference}: Der Anruf ist vermerkt."
    ]
    assert shown() == [[other]]
    assert "0 Anfragen" not in as_staff.get("/eingang/").content.decode()


def test_a_call_is_noted_for_all_of_its_bookings_or_for_none(as_staff: Client, room: Room) -> None:
    booking = approved(room, contact_email="", contact_phone="02272 1")
    answer = as_staff.post(page_of(booking, "angerufen"), {"inbox": "1", "too": ["HdB-2027-9999"]})
    assert answer.status_code == 404
    assert as_staff.get(page_of(booking)).context["call"] is not None
