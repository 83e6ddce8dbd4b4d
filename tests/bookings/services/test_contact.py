"""Correcting the address of an applicant, and renewing links: who may, what is kept, what stays."""

from datetime import timedelta

import pytest

from bookings.access.actors import LinkHolder
from bookings.agenda.upcoming import dates_to_come
from bookings.enums import Verb
from bookings.errors import BookingNotFound, InvalidRequest, NotAllowed, StalePage
from bookings.models import Booking
from bookings.services import approve_booking, correct_address, renew_links
from rooms.clock import whole_day
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_change,
    make_house,
    make_room,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking() -> Booking:
    person = make_user()
    return make_booking(
        [make_room(make_house())],
        berlin(DAY, "16:00"),
        status="requested",
        applicant=person,
        association=make_association(person),
        contact_email="maria@exmaple.org",
    )


def history(booking: Booking) -> list[tuple[str, str, str, str]]:
    lines = booking.transitions.order_by("pk")[1:]
    return [(line.verb, line.to_status, line.actor_kind, line.before_email) for line in lines]


def test_the_address_is_corrected_and_the_history_keeps_the_old_one(booking: Booking) -> None:
    staff = make_staff()
    correct_address(booking_id=booking.pk, actor=staff, address=" maria@example.org ", now=NOW)
    version = booking.version
    booking.refresh_from_db()
    assert (booking.contact_email, booking.version) == ("maria@example.org", version)
    assert history(booking) == [(Verb.CORRECT, "requested", "staff", "maria@exmaple.org")]
    correct_address(booking_id=booking.pk, actor=staff, address="maria@example.org", now=NOW)
    assert len(history(booking)) == 1


def test_an_address_can_be_entered_where_there_was_none(booking: Booking) -> None:
    Booking.objects.update(contact_email="")
    correct_address(booking_id=booking.pk, actor=make_staff(), address="maria@example.org", now=NOW)
    assert history(booking) == [(Verb.CORRECT, "requested", "staff", "")]


@pytest.mark.parametrize("address", ["", "maria", "maria@example.org, otto@example.org"])
def test_what_is_no_address_is_refused(booking: Booking, address: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        correct_address(booking_id=booking.pk, actor=make_staff(), address=address, now=NOW)
    assert caught.value.field == "address"
    assert history(booking) == []


def test_only_staff_correct_it(booking: Booking) -> None:
    """Who holds the link could have the mails of others sent elsewhere."""
    actors = [
        (booking.applicant, NotAllowed),
        (LinkHolder(booking.pk), NotAllowed),
        (make_user(), BookingNotFound),
    ]
    for actor, error in actors:
        with pytest.raises(error):
            correct_address(booking_id=booking.pk, actor=actor, address="otto@example.org", now=NOW)
    booking.refresh_from_db()
    assert (booking.contact_email, history(booking)) == ("maria@exmaple.org", [])


def test_a_mended_address_is_no_news_of_the_dates(booking: Booking) -> None:
    """A reminder that went to the wrong address is still due."""
    staff = make_staff()
    approve_booking(booking_id=booking.pk, actor=staff, now=NOW)
    later = NOW + timedelta(days=2)
    correct_address(booking_id=booking.pk, actor=staff, address="maria@example.org", now=later)
    (slot,) = dates_to_come(booking.house, whole_day(DAY, booking.house.zone))
    assert slot.last_news_at == NOW


# Links -------------------------------------------------------------------------------------------


def generations(*bookings: Booking) -> list[int]:
    return [Booking.objects.get(pk=booking.pk).link_generation for booking in bookings]


@pytest.mark.parametrize(
    ("before", "address", "generation"),
    [
        ("maria@exmaple.org", "maria@example.org", 2),
        ("maria@exmaple.org", "Maria@exmaple.org", 1),
        ("maria@exmaple.org", "maria@exmaple.org", 1),
        # Nothing was mailed.
        ("", "maria@example.org", 1),
    ],
)
def test_links_that_went_to_another_address_end(
    booking: Booking, before: str, address: str, generation: int
) -> None:
    Booking.objects.update(contact_email=before)
    correct_address(booking_id=booking.pk, actor=make_staff(), address=address, now=NOW)
    assert generations(booking) == [generation]


def test_links_are_renewed_once_for_a_page_and_the_history_says_so(booking: Booking) -> None:
    staff, version = make_staff(), booking.version
    for _click in range(2):
        renewed = renew_links(booking_id=booking.pk, actor=staff, now=NOW, generation=1)
        assert (renewed.link_generation, renewed.version) == (2, version)
    assert history(booking) == [(Verb.RENEW, "requested", "staff", "")]
    renew_links(booking_id=booking.pk, actor=staff, now=NOW)
    assert generations(booking) == [3]
    with pytest.raises(StalePage):
        renew_links(booking_id=booking.pk, actor=staff, now=NOW, version=version + 1)


def test_links_end_with_those_that_lead_to_them(booking: Booking) -> None:
    """Of a change and what it replaces, as far as one page leads to the next."""
    staff = make_staff()
    approve_booking(booking_id=booking.pk, actor=staff, now=NOW)
    Booking.objects.update(contact_email="maria@example.org")
    change = make_change(booking, [DAY])
    approve_booking(booking_id=change.pk, actor=staff, now=NOW)
    of_change = make_change(change, [DAY], "18:00", "20:00")
    Booking.objects.filter(pk=of_change.pk).update(contact_email="otto@example.org")
    other = make_booking(list(booking.slots.get().rooms.all()), berlin(DAY, "08:00"))
    renew_links(booking_id=change.pk, actor=staff, now=NOW)
    assert generations(booking, change, of_change, other) == [2, 2, 1, 1]
    assert history(booking)[-1] == (Verb.RENEW, "cancelled", "staff", "")


def test_new_links_are_no_news_of_the_dates(booking: Booking) -> None:
    staff = make_staff()
    approve_booking(booking_id=booking.pk, actor=staff, now=NOW)
    renew_links(booking_id=booking.pk, actor=staff, now=NOW + timedelta(days=2))
    (slot,) = dates_to_come(booking.house, whole_day(DAY, booking.house.zone))
    assert slot.last_news_at == NOW
