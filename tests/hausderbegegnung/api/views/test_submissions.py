"""Programs send again what they got no answer to: the same is one booking, anything else a conflict."""

import uuid

import pytest

from bookings.models import Booking
from tests.hausderbegegnung.api.calls import LIST, a_request

OTHER_DATES = [
    {
        "rooms": ["saal-a"],
        "starts_at": "2027-04-27T16:00:00+02:00",
        "ends_at": "2027-04-27T18:00:00+02:00",
    }
]


@pytest.mark.parametrize("way", ["body", "header"])
@pytest.mark.parametrize("change", [{"title": "Chorprobe"}, {"dates": OTHER_DATES}, {"persons": 11}])
def test_another_request_with_a_known_key_is_a_conflict(place, as_owner, way, change):
    key = str(uuid.uuid4())
    sent = a_request(**({"submission_key": key} if way == "body" else {}))
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if way == "header" else {}
    assert as_owner.post(LIST, sent, **headers).status_code == 201
    refused = as_owner.post(LIST, {**sent, **change}, HTTP_ACCEPT_LANGUAGE="de", **headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "key_reused")
    assert refused.json()["detail"] == (
        "Mit diesem Schlüssel wurde schon eine andere Anfrage gesendet; diese ist nicht gespeichert. "
        "Bitte senden Sie sie mit einem neuen Schlüssel noch einmal."
    )
    assert Booking.objects.count() == 1
    assert as_owner.post(LIST, sent, **headers).status_code == 200


def test_the_same_written_otherwise_is_the_same(place, as_owner):
    sent = a_request(submission_key=str(uuid.uuid4()))
    (date,) = sent["dates"]
    in_utc = {**date, "starts_at": "2027-04-20T17:30:00Z", "ends_at": "2027-04-20T19:30:00Z"}
    assert [date["starts_at"], date["ends_at"]] == ["2027-04-20T19:30:00+02:00", "2027-04-20T21:30:00+02:00"]
    answers = [
        as_owner.post(LIST, one) for one in (sent, {**sent, "dates": [in_utc], "title": f" {sent['title']} "})
    ]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()


def test_the_key_of_a_stranger_is_refused_whatever_is_sent_and_staff_get_the_booking(
    place, owner, as_owner, as_staff, as_stranger
):
    sent = a_request(submission_key=str(uuid.uuid4()))
    first = as_owner.post(LIST, sent).json()
    for body in (sent, {**sent, "title": "Geraten"}):
        refused = as_stranger.post(LIST, body)
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    told = as_staff.post(LIST, {**sent, "contact_email": owner.email})
    assert (told.status_code, told.json()["reference"]) == (200, first["reference"])
