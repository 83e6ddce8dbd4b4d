"""Every refusal of the API is a problem as RFC 9457 has it."""

from datetime import timedelta

import pytest
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.test import APIClient
from rest_framework.throttling import AnonRateThrottle

from bookings.errors import BookingNotFound, InvalidRequest, RoomAlreadyBooked
from hausderbegegnung.api.errors import problem_response
from hausderbegegnung.api.throttling import PersonRateThrottle
from rooms.enums import Severity
from rooms.errors import Reason
from rooms.intervals import Interval
from tests.factories import DAY, berlin, make_house, make_user

MEMBERS = {"type", "title", "status", "detail", "code", "reasons"}


def test_a_domain_error_keeps_its_code_status_and_reasons():
    start = berlin(DAY, "18:00")
    reasons = [
        Reason(
            "clash",
            "Saal A ist belegt.",
            Severity.NOBODY,
            field="starts",
            nearest=Interval(start, start + timedelta(hours=2)),
        ),
        Reason("too_soon", "Zu früh.", Severity.STAFF),
        Reason("rival", "Noch jemand fragt.", Severity.WARNING),
    ]
    response = problem_response(RoomAlreadyBooked(reasons=reasons), {})
    assert (response.status_code, response.content_type) == (409, "application/problem+json")
    assert response.data == {
        "type": "http://testserver/api/docs/#clash",
        "title": str(RoomAlreadyBooked.sentence),
        "status": 409,
        "detail": str(RoomAlreadyBooked.sentence),
        "code": "clash",
        "reasons": [
            {
                "code": "clash",
                "message": "Saal A ist belegt.",
                "overridable_by": "nobody",
                "field": "starts_at",
                "nearest": {
                    "starts_at": "2027-04-20T18:00:00+02:00",
                    "ends_at": "2027-04-20T20:00:00+02:00",
                },
            },
            {
                "code": "too_soon",
                "message": "Zu früh.",
                "overridable_by": "staff",
                "field": None,
                "nearest": None,
            },
            {
                "code": "rival",
                "message": "Noch jemand fragt.",
                "overridable_by": "anyone",
                "field": None,
                "nearest": None,
            },
        ],
    }


def test_what_a_domain_error_adds_stands_beside_the_members_of_every_problem():
    response = problem_response(InvalidRequest(members={"plan": {"dates": []}}), {})
    assert set(response.data) == {*MEMBERS, "plan"}
    assert response.data["plan"] == {"dates": []}


def test_a_domain_error_with_a_field_and_no_reasons_names_the_field():
    response = problem_response(InvalidRequest(_("Please fill in this field."), field="title"), {})
    assert [(one["code"], one["field"]) for one in response.data["reasons"]] == [("invalid", "title")]


def test_every_field_that_is_wrong_is_listed_with_its_path():
    error = exceptions.ValidationError(
        {
            "dates": [{}, {"rooms": {0: ["unbekannt"]}}],
            "title": ["fehlt", "kurz"],
            "non_field_errors": ["passt nicht"],
        }
    )
    response = problem_response(error, {})
    assert [(one["field"], one["message"]) for one in response.data["reasons"]] == [
        ("dates.1.rooms.0", "unbekannt"),
        ("title", "fehlt"),
        ("title", "kurz"),
        (None, "passt nicht"),
    ]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (BookingNotFound(), 404, "not_found"),
        (exceptions.NotFound(), 404, "not_found"),
        (exceptions.PermissionDenied(), 403, "permission_denied"),
        (exceptions.ParseError(), 400, "parse_error"),
        (exceptions.NotAcceptable(), 406, "not_acceptable"),
    ],
)
def test_other_errors_are_problems_too(error, status, code):
    response = problem_response(error, {})
    assert set(response.data) == MEMBERS
    assert (response.status_code, response.data["status"], response.data["code"]) == (status, status, code)


def test_what_nobody_foresaw_stays_an_exception():
    assert problem_response(ZeroDivisionError(), {}) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("get", "/api/v1/bookings/", None, 401, "not_authenticated"),
        ("get", "/api/v1/nirgendwo/", None, 404, "not_found"),
        ("post", "/api/v1/nirgendwo/", "{}", 404, "not_found"),
        ("get", "/api/v1/", None, 404, "not_found"),
        ("delete", "/api/v1/rooms/", None, 405, "method_not_allowed"),
        ("post", "/api/v1/availability/check/", "{", 400, "parse_error"),
        ("post", "/api/v1/availability/check/", "[]", 400, "invalid"),
    ],
)
def test_problems_over_http(method, path, body, status, code):
    make_house()
    client = APIClient()
    response = client.generic(method.upper(), path, body or "", content_type="application/json")
    problem = response.json()
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert (set(problem), problem["code"], problem["status"]) == (MEMBERS, code, status)


@pytest.mark.django_db
def test_another_content_type_is_a_problem():
    make_house()
    response = APIClient().post("/api/v1/availability/check/", data="rooms=a", content_type="text/plain")
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.django_db
def test_a_method_that_is_not_allowed_names_those_that_are():
    assert APIClient().delete("/api/v1/rooms/")["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("Token falsch", "token_unknown"),
        ("Token", "authentication_failed"),
        ("Token a b", "authentication_failed"),
    ],
)
def test_a_wrong_token_is_not_a_visitor(token, code):
    make_house()
    response = APIClient().get("/api/v1/bookings/", HTTP_AUTHORIZATION=token)
    assert (response.status_code, response.json()["code"]) == (401, code)
    assert response["WWW-Authenticate"] == "Token"


@pytest.mark.django_db
def test_too_many_calls_are_told_when_to_come_again(monkeypatch):
    monkeypatch.setattr(AnonRateThrottle, "rate", "2/minute", raising=False)
    make_house()
    client = APIClient()
    answers = [client.get("/api/v1/rooms/") for _number in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert (answers[2].json()["code"], answers[2]["Content-Type"]) == (
        "throttled",
        "application/problem+json",
    )
    assert 0 < int(answers[2]["Retry-After"]) <= 60


@pytest.mark.django_db
def test_a_forwarded_address_does_not_make_somebody_else_of_a_visitor(monkeypatch):
    monkeypatch.setattr(AnonRateThrottle, "rate", "2/minute", raising=False)
    make_house()
    client = APIClient()
    answers = [client.get("/api/v1/rooms/", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}") for number in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


@pytest.mark.django_db
def test_people_who_are_logged_in_are_throttled_by_their_own_rate(monkeypatch):
    monkeypatch.setattr(AnonRateThrottle, "rate", "2/minute", raising=False)
    monkeypatch.setattr(PersonRateThrottle, "rate", "1/minute", raising=False)
    make_house()
    client = APIClient()
    client.force_authenticate(make_user())
    assert [client.get("/api/v1/bookings/").status_code for _number in range(2)] == [200, 429]
    # Who is not known is counted by address alone.
    stranger = APIClient()
    assert [stranger.get("/api/v1/rooms/").status_code for _number in range(3)] == [200, 200, 429]
