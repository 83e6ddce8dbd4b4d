"""What follows from the secret key: the tokens of links, by generation."""

import uuid

import pytest

from bookings.access.tokens import date_path, date_token, leads_to, require_token, status_path, status_token
from bookings.errors import BookingNotFound, LinkEnded
from bookings.models import Booking

KEY, UID = uuid.UUID(int=1), uuid.UUID(int=2)


def booking(generation: int = 1) -> Booking:
    return Booking(reference="HdB-2027-0001", submission_key=KEY, link_generation=generation)


def test_links_of_a_time_before_there_were_generations_still_open_what_they_opened() -> None:
    """As mails carry them that were sent then, with this secret key."""
    assert status_path(booking()) == "/anfragen/HdB-2027-0001/01b8ff815e20c96c37798f25d3c32a03/"
    assert date_path(booking(), UID) == f"/termin/{UID}/9a27ed34124a4d5cd26bbf4fed28ffec/"


def test_each_generation_booking_and_date_has_tokens_of_its_own() -> None:
    bookings = [booking(), booking(2), booking(12), Booking(submission_key=UID)]
    tokens = [status_token(each) for each in bookings]
    tokens += [date_token(each, uid) for each in bookings for uid in (KEY, UID)]
    assert len(set(tokens)) == len(tokens) == 12


@pytest.mark.parametrize(
    ("token", "outcome"),
    [
        (status_token(booking(3)), None),
        (status_token(booking(2)), LinkEnded),
        (status_token(booking(1)), LinkEnded),
        (status_token(booking(4)), BookingNotFound),
        (date_token(booking(3), UID), BookingNotFound),
        ("", BookingNotFound),
        ("ä", BookingNotFound),
    ],
)
def test_an_earlier_link_has_ended_and_any_other_is_none(token: str, outcome: type[Exception] | None) -> None:
    def answer(*, may_be_ended: bool) -> type[Exception] | None:
        now = booking(3)
        try:
            require_token(
                now, token, lambda generation: status_token(now, generation), may_be_ended=may_be_ended
            )
        except (LinkEnded, BookingNotFound) as error:
            return type(error)
        return None

    assert answer(may_be_ended=False) == outcome
    assert answer(may_be_ended=True) == (None if outcome is LinkEnded else outcome)


def test_a_link_leads_on_to_bookings_of_the_same_contact_only() -> None:
    maria, otto = Booking(contact_email="maria@example.org"), Booking(contact_email="otto@example.org")
    same = Booking(contact_email="Maria@Example.org")
    assert (leads_to(maria, same), leads_to(maria, otto), leads_to(otto, Booking())) == (True, False, False)
