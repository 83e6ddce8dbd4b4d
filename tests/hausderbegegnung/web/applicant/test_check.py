"""The check while typing: what it says of a wish, and what it does not."""

from datetime import datetime

import pytest
from django.test import Client

from bookings.access.tokens import status_path
from bookings.models import Booking
from rooms.models import House, Room
from tests.factories import DAY, berlin, make_booking, make_form_values
from tests.hausderbegegnung.web.applicant.test_request import URL, errors_of


def check(client: Client, room: Room | None, **values: str):
    query = {
        "rooms": room.slug if room else "",
        "day": "20.04.2027",
        "starts": "16:00",
        "ends": "18:00",
        **values,
    }
    return client.get("/anfrage/pruefen/", {name: value for name, value in query.items() if value})


def test_the_check_says_free(client: Client, room: Room, now: datetime) -> None:
    response = check(client, room)
    assert (response.context["check"].broken, response.context["check"].warnings) == ([], [])
    assert "verdict--good" in response.content.decode()
    assert response["Cache-Control"] == "no-store, private"


def test_the_check_waits_until_the_wish_is_complete(client: Client, room: Room, now: datetime) -> None:
    response = check(client, room, ends="")
    assert (response.context["check"], response.context["unreadable"]) == (None, [])


def test_the_check_tells_what_it_cannot_read(client: Client, room: Room, now: datetime) -> None:
    response = check(client, room, starts="halb vier")
    assert len(response.context["unreadable"]) == 1


def test_the_check_tells_visitors_nothing_of_those_who_only_asked(
    client: Client, room: Room, now: datetime
) -> None:
    make_booking([room], berlin(DAY, "16:00"), status="requested")
    wish = check(client, room).context["check"]
    assert (wish.broken, wish.warnings) == ([], [])


def test_the_holder_of_a_link_learns_nothing_of_those_who_only_asked(
    client: Client, room: Room, now: datetime
) -> None:
    mine = make_booking([room], berlin(DAY, "16:00"))
    make_booking([room], berlin(DAY, "16:00"), status="requested")
    wish = client.get(f"{status_path(mine)}aendern/").context["check"]
    assert (wish.broken, wish.warnings) == ([], [])


def test_the_check_names_every_rule_the_rivals_and_the_nearest_free_time(
    as_applicant: Client, house: House, room: Room, now: datetime
) -> None:
    make_booking([room], berlin(DAY, "17:00"), berlin(DAY, "19:00"))
    make_booking([room], berlin(DAY, "16:00"), berlin(DAY, "17:00"), status="requested")
    response = check(as_applicant, room, persons="99")
    wish = response.context["check"]
    assert sorted(reason.code for reason in wish.broken) == ["clash", "too_many_persons"]
    assert [reason.code for reason in wish.warnings] == ["rival"]
    assert wish.nearest_fields["starts"] == "15:00"
    assert wish.nearest_value in response.content.decode()


def test_the_check_widens_a_time_beside_the_grid(client: Client, room: Room, now: datetime) -> None:
    assert check(client, room, starts="16:07", ends="18:00").context["check"].nearest_fields == {
        "day": "20.04.2027",
        "starts": "16:00",
        "ends": "18:00",
        "last_day": "",
    }


@pytest.mark.parametrize(
    ("values", "address"),
    [
        (
            {"persons": "99", "layout": "rows"},
            "/finden/?datum=20.04.2027&von=16%3A00&dauer=120&personen=99&bestuhlung=rows",
        ),
        ({"ends": "17:15", "persons": "99"}, "/finden/?datum=20.04.2027&von=16%3A00&dauer=90&personen=99"),
        ({"starts": "06:00"}, ""),
        ({}, ""),
    ],
)
def test_the_check_leads_to_rooms_that_may_fit(
    client: Client, room: Room, now: datetime, values: dict[str, str], address: str
) -> None:
    response = check(client, room, **values)
    assert response.context["check"].find_room_url == address
    assert ("/finden/" in response.content.decode()) == bool(address)


def test_the_check_never_names_what_is_hidden(client: Client, room: Room, now: datetime) -> None:
    make_booking([room], berlin(DAY, "16:00"), title="Geheim", visibility="busy")
    make_booking([room], berlin(DAY, "18:00"), title="Rivale", status="requested")
    page = check(client, room, ends="20:00").content.decode()
    assert "Geheim" not in page
    assert "Rivale" not in page


def test_without_javascript_the_button_checks_on_the_same_page(as_applicant: Client, room: Room) -> None:
    values = make_form_values([room], title="", check="1")
    response = as_applicant.post(URL, values)
    assert response.status_code == 200
    assert errors_of(response) == {}
    assert response.context["check"].broken == []
    assert response.context["form"]["contact_name"].value() == "Maria Beispiel"
    assert Booking.objects.count() == 0


def test_the_nearest_free_time_is_taken_over_by_its_button(as_applicant: Client, room: Room) -> None:
    make_booking([room], berlin(DAY, "16:00"), berlin(DAY, "18:00"))
    nearest = as_applicant.post(URL, make_form_values([room], check="1")).context["check"]
    response = as_applicant.post(URL, make_form_values([room], use=nearest.nearest_value))
    form = response.context["form"]
    assert {name: form[name].value() for name in ["day", "starts", "ends"]} == {
        "day": "20.04.2027",
        "starts": "14:00",
        "ends": "16:00",
    }
    assert response.context["check"].broken == []


def test_a_forged_time_to_take_over_changes_nothing(as_applicant: Client, room: Room) -> None:
    for forged in ["x", "2027-04-20T16:00/2027-04-20T18:00", "2027-04-20T18:00+00:00/2027-04-20T16:00+00:00"]:
        response = as_applicant.post(URL, make_form_values([room], use=forged))
        assert response.context["form"]["starts"].value() == "16:00"
