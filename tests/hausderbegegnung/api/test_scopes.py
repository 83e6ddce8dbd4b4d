"""What a token may be used for: asked of every address there is, and of what staff may do for others."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.urls import URLPattern, get_resolver
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory

from bookings.enums import SlotStatus
from bookings.models import Booking
from hausderbegegnung.accounts.tokens import Scope
from hausderbegegnung.api.views.base import ApiView
from hausderbegegnung.models import ApiToken, User
from tests.factories import DAY, NOW, berlin, make_booking, make_token
from tests.hausderbegegnung.api.calls import LIST, a_request, address, codes

pytestmark = pytest.mark.django_db


def with_token(user: User, *scopes: str) -> APIClient:
    text = make_token(user, *scopes)
    return APIClient(HTTP_AUTHORIZATION=f"Token {text}", HTTP_ACCEPT_LANGUAGE="de")


def refusal(answer: Any) -> tuple[int, str, str | None]:
    problem = answer.json()
    return answer.status_code, problem["code"], problem.get("scope")


def routes() -> list[tuple[str, Any, str]]:
    """Every address of the API with its view and each method that it answers."""
    import_module(settings.ROOT_URLCONF)  # registers the converters of addresses
    patterns: list[URLPattern] = get_resolver("hausderbegegnung.api.urls").url_patterns
    return [
        (str(pattern.name), pattern.callback.view_class, method)
        for pattern in patterns
        if hasattr(pattern.callback, "view_class")
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if hasattr(pattern.callback.view_class, method.lower())
    ]


def test_every_address_looks_nobody_up_or_says_which_scope_a_token_needs() -> None:
    without_lookup, scopes = set(), {}
    for name, view, method in routes():
        if view.authentication_classes in ((), []):
            without_lookup.add(name)
        else:
            assert issubclass(view, ApiView)
            scopes[f"{method} {name}"] = view.scopes[method]
    assert without_lookup == {
        "api_availability",
        "api_docs",
        "api_house",
        "api_room",
        "api_rooms",
        "api_schedule",
        "api_schema",
    }
    assert scopes == {
        "GET api_bookings": Scope.READ,
        "GET api_booking": Scope.READ,
        "GET api_check_wish": Scope.READ,
        "POST api_check_wish": Scope.READ,
        "POST api_check_series": Scope.READ,
        "POST api_bookings": Scope.REQUEST,
        "POST api_add_booking": Scope.REQUEST,
        "POST api_give-back_booking": Scope.REQUEST,
        "POST api_approve_booking": Scope.DECIDE,
        "POST api_decide_booking": Scope.DECIDE,
        "POST api_reject_booking": Scope.DECIDE,
        "POST api_move_booking": Scope.MANAGE,
        "POST api_renew-links_booking": Scope.MANAGE,
        "POST api_revoke_booking": Scope.MANAGE,
    }


def test_a_view_that_declares_no_scope_refuses_every_token(staff: User) -> None:
    class Forgotten(ApiView):
        def get(self, request: Request) -> Response:
            return Response({})

    def answer(**headers: str) -> Response:
        request = APIRequestFactory().get("/", **headers)
        request.user = staff
        return Forgotten.as_view()(request)

    refused = answer(HTTP_AUTHORIZATION=f"Token {make_token(staff)}")

    assert (refused.status_code, refused.data["code"]) == (403, "scope_missing")
    assert "scope" not in refused.data


@pytest.mark.parametrize("scope", Scope)
def test_each_scope_opens_its_own_addresses_and_no_other(scope: Scope, staff: User, pending: Booking) -> None:
    client = with_token(staff, scope)
    wanted = {
        Scope.READ: client.get(LIST),
        Scope.REQUEST: client.post(LIST, {}),
        Scope.DECIDE: client.post(address(pending, "reject"), {}),
        Scope.MANAGE: client.post(address(pending, "revoke"), {}),
    }

    assert wanted.pop(scope).status_code in {200, 400}
    assert {other: refusal(answer) for other, answer in wanted.items()} == {
        other: (403, "scope_missing", other.value) for other in wanted
    }


def test_the_refusal_is_a_sentence_that_names_the_token_and_the_scope(staff: User) -> None:
    client = with_token(staff, "read")

    problem = client.post(LIST, a_request()).json()

    name = ApiToken.objects.get().name
    assert problem["detail"] == f"Das Token „{name}“ darf das nicht: Ihm fehlt die Berechtigung „request“."


def test_a_token_can_do_no_more_than_its_person(owner: User, stranger: User, pending: Booking) -> None:
    """Three people with all scopes: staff, the owner, a stranger; scopes are no rights."""
    answers = [
        with_token(person).post(address(pending, "reject"), {"reason": "Belegt"})
        for person in (owner, stranger)
    ]

    assert [answer.status_code for answer in answers] == [403, 404]
    assert answers[0].json()["code"] == "not_allowed"


def test_whoever_is_logged_in_needs_no_scope(owner: User, pending: Booking) -> None:
    client = APIClient()
    client.force_login(owner)

    assert client.get(LIST).status_code == client.get(address(pending)).status_code == 200


def test_the_options_of_an_address_are_no_way_around(staff: User) -> None:
    client = with_token(staff, "read")

    assert client.head(LIST).status_code == 200
    assert refusal(client.options(LIST)) == (403, "scope_missing", None)


def test_a_token_that_has_ended_and_one_that_nobody_has(owner: User) -> None:
    client = with_token(owner)
    ApiToken.objects.update(expires_at=NOW)

    ended = client.get(LIST)
    ApiToken.objects.all().delete()
    unknown = client.get(LIST)

    assert [(refusal(answer), answer["WWW-Authenticate"]) for answer in (ended, unknown)] == [
        ((401, "token_expired", None), "Token"),
        ((401, "token_unknown", None), "Token"),
    ]
    assert ended.json()["detail"] == "Dieses Token ist abgelaufen. Bitte legen Sie im Konto ein neues an."


def test_who_may_only_ask_for_rooms_asks_for_the_own_person(place: Any, staff: User) -> None:
    """What staff may beyond that, `request` does not open: for somebody else, or against the rules."""
    client = with_token(staff, "request")
    own = {**a_request(), "contact_email": staff.email}

    for more in [{"contact_email": "maria@example.org"}, {"contact_email": ""}, {"override": True}]:
        assert refusal(client.post(LIST, {**own, **more})) == (403, "scope_missing", "manage")
    assert client.post(LIST, own).status_code == 201
    both = with_token(staff, "request", "manage")
    assert both.post(LIST, {**own, "title": "Chor", "contact_email": "maria@example.org"}).status_code == 201


def test_an_applicant_who_names_another_address_hears_the_reason_of_the_pages(
    place: Any, owner: User
) -> None:
    answer = with_token(owner, "request").post(LIST, a_request(contact_email="victim@example.com"))

    assert (answer.status_code, codes(answer)) == (400, [("foreign_address", "contact_email")])


@pytest.mark.parametrize("verb", ["give-back", "add"])
def test_bookings_of_others_need_more_than_the_scope_to_request(
    verb: str, place: Any, staff: User, owner: User, approved: Booking
) -> None:
    of_staff = make_booking(
        [place.hall_a],
        berlin(DAY + timedelta(days=1), "16:00"),
        status=SlotStatus.APPROVED,
        applicant=staff,
    )
    sent = {
        "dates": [
            {"rooms": ["saal-a"], "starts_at": "2027-05-20T16:00+02:00", "ends_at": "2027-05-20T17:00+02:00"}
        ]
        if verb == "add"
        else [],
    }

    def send(client: APIClient, booking: Booking) -> Any:
        body = sent if verb == "add" else {"dates": [str(slot.uid) for slot in booking.slots.all()]}
        return client.post(address(booking, verb), body)

    client = with_token(staff, "read", "request")
    assert refusal(send(client, approved)) == (403, "scope_missing", "manage")
    assert send(client, of_staff).status_code == 200
    assert send(with_token(owner, "request"), approved).status_code == 200
