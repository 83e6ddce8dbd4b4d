"""Staff take back the links of a booking, on its page."""

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import Booking, Transition
from hausderbegegnung.models import User
from notifications.models import Message
from rooms.models import Room
from tests.factories import DAY, berlin, make_association, make_booking, make_staff, make_user


@pytest.fixture
def booking(room: Room, applicant: User, now: object) -> Booking:
    return make_booking([room], berlin(DAY, "16:00"), association=make_association(applicant))


def url_of(booking: Booking) -> str:
    return reverse("renew_links", args=[booking.reference])


def generation(booking: Booking) -> int:
    return Booking.objects.get(pk=booking.pk).link_generation


def test_only_staff_renew_links_and_looking_changes_nothing(booking: Booking, applicant: User) -> None:
    answers = []
    for person in (None, make_user(), applicant, make_staff()):
        client = Client()
        if person is not None:
            client.force_login(person)
        opened = client.get(url_of(booking)).status_code
        assert generation(booking) == 1
        answers.append((opened, client.post(url_of(booking)).status_code, generation(booking)))
    assert answers == [(302, 302, 1), (403, 403, 1), (403, 403, 1), (302, 302, 2)]


def test_the_page_of_the_booking_says_what_it_does_and_does_it_once(
    as_staff: Client, booking: Booking
) -> None:
    page = as_staff.get(reverse("decide", args=[booking.reference])).content.decode()
    assert "Kein Link aus früheren E-Mails öffnet diese Buchung mehr" in page
    assert f'action="{url_of(booking)}"' in page
    for _click in range(2):
        answer = as_staff.post(url_of(booking), {"generation": "1"}, follow=True)
        assert answer.redirect_chain == [(reverse("decide", args=[booking.reference]), 302)]
        assert "Der neue ist unterwegs an maria@example.org." in answer.content.decode()
    assert (generation(booking), Message.objects.filter(kind="new_link").count()) == (2, 1)
    assert "Links erneuert" in answer.content.decode()
    assert Transition.objects.filter(booking=booking, verb="renew").count() == 1


def test_without_an_address_the_page_promises_no_mail(as_staff: Client, booking: Booking) -> None:
    Booking.objects.update(contact_email="")
    page = as_staff.get(reverse("decide", args=[booking.reference])).content.decode()
    assert "erhält einen neuen" not in page
    answer = as_staff.post(url_of(booking), {"generation": "x"}, follow=True).content.decode()
    assert "Es gibt keine E-Mail-Adresse, an die der neue gehen könnte." in answer
    assert generation(booking) == 2


def test_applicants_are_offered_no_renewal(as_applicant: Client, booking: Booking) -> None:
    page = as_applicant.get(reverse("booking_status", args=[booking.reference]))
    assert "links-erneuern" not in page.content.decode()
