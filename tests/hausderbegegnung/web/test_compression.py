"""What is compressed, and what is not, because its length would tell something."""

import gzip

import pytest
from django.test import Client

from rooms.models import House, Room

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


def encoding(answer) -> str | None:
    return answer.get("Content-Encoding")


@pytest.mark.parametrize("address", ["/raeume/", "/raeume/?q=Saal", "/api/v1/rooms/?limit=5"])
def test_what_is_public_is_compressed(client: Client, room: Room, address: str) -> None:
    plain, packed = client.get(address), client.get(address, headers=GZIP)
    assert (encoding(plain), encoding(packed)) == (None, "gzip")
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content)
    assert "Accept-Encoding" in packed["Vary"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [("/eingang/", "gzip"), ("/eingang/alle/?q=Chor", None), ("/api/v1/bookings/", None)],
)
def test_a_private_page_that_repeats_its_address_is_not(
    as_staff: Client, house: House, address: str, expected: str | None
) -> None:
    """A list without bookings is too short to be worth it."""
    assert encoding(as_staff.get(address, headers=GZIP)) == expected


def test_no_two_answers_have_to_be_of_the_same_length(client: Client, house: House) -> None:
    lengths = {len(client.get("/seite/impressum/", headers=GZIP).content) for _ in range(20)}
    assert len(lengths) > 1


@pytest.mark.parametrize("address", ["/api/v1/schedule/?date=2027-04-20", "/display/"])
def test_an_answer_that_has_not_changed_is_not_sent_again(
    client: Client, room: Room, now: object, address: str
) -> None:
    first = client.get(address, headers=GZIP)
    again = client.get(address, headers={**GZIP, "If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    if encoding(first):
        assert first["ETag"].startswith('W/"')
