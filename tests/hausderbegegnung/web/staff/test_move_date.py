"""Moving one date, as staff do it: ways out, what is refused, and who may."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from bookings.enums import SlotStatus
from bookings.models import Booking
from notifications.models import Message
from rooms.models import Room
from tests.factories import DAY, berlin, make_booking, make_booking_on, make_room, make_user, weekly
from tests.hausderbegegnung.web.bookings import page_of, queries, slots, statuses


@pytest.fixture
def hall(room: Room) -> Room:
    return make_room(room.house, "Saal B")


def move_path(booking: Booking, number: int = 0) -> str:
    return page_of(booking, f"termin/{slots(booking)[number].uid}/verschieben")


def wish(room: Room, **values: object) -> dict[str, object]:
    return {
        "day": "21.04.2027",
        "starts": "10:00",
        "ends": "12:00",
        "last_day": "",
        "rooms": [room.slug],
        "setup_minutes": "",
        "teardown_minutes": "",
        "note": "",
        "version": "1",
        **values,
    }


def test_the_form_holds_the_date_and_proposes_ways_out(
    as_staff: Client, approved: Booking, room: Room, hall: Room
) -> None:
    context = as_staff.get(move_path(approved, 1)).context
    form = context["form"]
    assert [form[name].value() for name in ["day", "starts", "ends", "rooms"]] == [
        "27.04.2027",
        "16:00",
        "18:00",
        [room.slug],
    ]
    ways = {}
    for proposal in context["proposals"]:
        ways.setdefault(proposal.label, []).append(proposal)
    assert {label: len(some) for label, some in ways.items()} == {
        "anderer Raum": 1,
        "andere Zeit": 3,
        "anderer Tag": 3,
    }
    assert ways["anderer Raum"][0].rooms == "Saal B"


def test_a_proposal_fills_the_form_and_moves_nothing(as_staff: Client, approved: Booking, hall: Room) -> None:
    proposal = as_staff.get(move_path(approved)).context["proposals"][0]
    filled = as_staff.post(move_path(approved), {"use": proposal.token, "note": "Wahl", "version": "1"})
    form = filled.context["form"]
    assert [form[name].value() for name in ["day", "starts", "rooms", "note"]] == [
        "20.04.2027",
        "16:00",
        [hall.slug],
        "Wahl",
    ]
    assert slots(approved)[0].rooms.get() != hall
    # What was never proposed is not taken over.
    strange = as_staff.post(move_path(approved), {"use": "2027-04-20T16:00/2027-04-20T18:00/keller"})
    assert strange.context["form"]["rooms"].value() != [hall.slug]


def test_a_date_is_moved_and_the_applicant_told(as_staff: Client, approved: Booking, hall: Room) -> None:
    first = slots(approved)[0]
    response = as_staff.post(move_path(approved), wish(hall, setup_minutes="30", note="Wahl"))
    assert response["Location"] == page_of(approved)
    first.refresh_from_db()
    wednesday = DAY + timedelta(days=1)
    assert (first.starts_at, first.setup_minutes, first.rooms.get()) == (berlin(wednesday, "10:00"), 30, hall)
    assert list(Message.objects.values_list("kind", flat=True)) == ["moved"]
    page = as_staff.get(page_of(approved)).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert "Vorher: Di., 20.04.2027, 16:00–18:00 Uhr, Saal A" in page


def test_an_empty_buffer_is_the_usual_one_of_the_rooms(as_staff: Client, room: Room, hall: Room) -> None:
    Room.objects.filter(pk=hall.pk).update(setup_minutes=45)
    hall.house.save()
    booking = make_booking_on([room], weekly(DAY, 2), setup_minutes=10)
    as_staff.post(move_path(booking), wish(hall))
    assert slots(booking)[0].setup_minutes == 45


def test_a_refused_move_names_every_reason_and_keeps_what_was_typed(
    as_staff: Client, approved: Booking, room: Room
) -> None:
    make_booking([room], berlin(DAY + timedelta(days=1), "11:00"), title="Ausschuss")
    response = as_staff.post(move_path(approved), wish(room, note="Wahl"))
    assert (response.status_code, response.context["refusal"].code) == (409, "clash")
    assert "Ausschuss" in response.content.decode()
    assert (response.context["form"]["note"].value(), response.context["may_override"]) == ("Wahl", False)


def test_staff_may_override_what_they_may(as_staff: Client, approved: Booking, room: Room) -> None:
    values = wish(room, starts="21:00", ends="23:00")
    response = as_staff.post(move_path(approved), values)
    assert (response.status_code, response.context["may_override"]) == (400, True)
    assert (
        as_staff.post(
            move_path(approved), {**values, "override": "on", "override_reason": "Absprache"}
        ).status_code
        == 302
    )


def test_what_is_typed_wrongly_is_told_beside_the_field(
    as_staff: Client, approved: Booking, room: Room
) -> None:
    response = as_staff.post(move_path(approved), wish(room, day="gestern", ends="", rooms=[]))
    assert (response.status_code, sorted(response.context["form"].errors)) == (400, ["day", "ends", "rooms"])


def test_a_single_date_moves_too_and_one_that_is_gone_does_not(as_staff: Client, room: Room) -> None:
    single = make_booking([room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED)
    assert as_staff.post(move_path(single), wish(room)).status_code == 302
    assert statuses(single) == ["requested"]
    gone = make_booking([room], berlin(DAY, "10:00"), status=SlotStatus.CANCELLED)
    assert as_staff.get(move_path(gone)).status_code == 409


def test_the_queries_of_a_move_do_not_depend_on_the_dates(as_staff: Client, room: Room, hall: Room) -> None:
    counted = {}
    for number in [2, 52]:
        booking = make_booking_on([room], weekly(DAY, number))
        counted[number] = queries(as_staff, move_path(booking))
        booking.slots.all().delete()
    assert counted[2] == counted[52]


def test_only_staff_move(client: Client, approved: Booking, now: datetime) -> None:
    path = move_path(approved)
    assert client.get(path).status_code == 302
    owner = make_user()
    Booking.objects.update(applicant=owner)
    for person in [owner, make_user(is_caretaker=True)]:
        client.force_login(person)
        assert client.get(path).status_code == 403
        assert client.post(path, {}).status_code == 403
