"""What the domain refuses, told as a page where no form tells it."""

from datetime import timedelta

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory

from bookings.errors import BookingNotFound, NotAllowed, RoomAlreadyBooked, TransitionNotAllowed
from hausderbegegnung.web.errors import DomainErrorMiddleware
from rooms.enums import Severity
from rooms.errors import DomainError, Reason
from tests.factories import DAY, berlin, make_booking, make_house, make_room, make_staff, make_user


@pytest.fixture
def request_of_nobody(rf: RequestFactory, db: None) -> HttpRequest:
    make_house()
    return rf.get("/eingang/")


def page_for(error: Exception, request: HttpRequest):
    return DomainErrorMiddleware(lambda _request: None).process_exception(request, error)


@pytest.mark.parametrize(
    "error", [NotAllowed(), BookingNotFound(), TransitionNotAllowed(), DomainError("Nein.")]
)
def test_a_refusal_is_a_page_with_its_sentence_and_status(
    request_of_nobody: HttpRequest, error: DomainError
) -> None:
    response = page_for(error, request_of_nobody)
    assert response.status_code == error.status
    assert str(error) in response.content.decode()


def test_all_reasons_are_named(request_of_nobody: HttpRequest) -> None:
    error = RoomAlreadyBooked(
        reasons=[Reason("clash", "Schon belegt.", Severity.NOBODY), Reason("closed", "Zu.")]
    )
    page = page_for(error, request_of_nobody).content.decode()
    assert "Schon belegt." in page
    assert "Zu." in page


def test_other_errors_are_not_swallowed(request_of_nobody: HttpRequest) -> None:
    assert page_for(ValueError("a mistake of ours"), request_of_nobody) is None


def test_the_middleware_is_in_place(client: Client, db: None) -> None:
    booking = make_booking([make_room(make_house())], berlin(DAY, "16:00") + timedelta(hours=1))
    client.force_login(make_user())
    assert client.get(f"/anfragen/{booking.reference}/").status_code == 404
    assert client.get("/eingang/").status_code == 403


def test_who_may_not_is_told_what_to_do(client: Client, db: None) -> None:
    make_house()
    client.force_login(make_user())
    response = client.get("/eingang/")
    assert response.status_code == 403
    page = response.content.decode()
    assert ["wenden Sie sich bitte an das Haus." in page, 'href="#contact"' in page] == [True, True]


@pytest.mark.parametrize("method", ["put", "post"])
def test_a_wrong_method_is_a_page_with_a_sentence(client: Client, db: None, method: str) -> None:
    make_house()
    client.force_login(make_staff())
    response = getattr(client, method)("/eingang/")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    assert "Es wurde nichts geändert." in response.content.decode()
