"""The inbox, what it shows and filters, and the search among all bookings."""

from datetime import timedelta

import pytest
from django.test import Client

from bookings.enums import SlotStatus
from bookings.models import Booking
from bookings.services import approve_booking
from rooms.models import House, Room
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_booking_on,
    make_room,
    make_staff,
    weekly,
)
from tests.hausderbegegnung.web.bookings import page_of, queries


def test_the_inbox_shows_what_waits_and_filters_it(as_staff: Client, house: House, room: Room) -> None:
    other = make_room(house, "Küche")
    ready = make_booking([other], berlin(DAY, "10:00"), status=SlotStatus.REQUESTED)
    rivals = [make_booking([room], berlin(DAY, "10:00"), status=SlotStatus.REQUESTED) for _ in range(2)]

    def shown(query: str) -> list[Booking]:
        return [entry.booking for entry in as_staff.get(f"/eingang/{query}").context["entries"]]

    assert shown("") == [ready, *rivals]
    assert shown("?only=ready") == [ready]
    assert shown("?only=obstacles") == rivals
    assert shown(f"?room={other.slug}") == [ready]
    assert shown(f"?room={other.slug}&only=obstacles") == []
    assert shown("?room=keller&only=x") == [ready, *rivals]


def test_the_oldest_request_is_one_click_away_whatever_stands_above_it(as_staff: Client, room: Room) -> None:
    oldest, _younger = (
        make_booking([room], berlin(DAY, clock), status=SlotStatus.REQUESTED) for clock in ("10:00", "14:00")
    )
    link = f'<a class="button button--primary" href="/eingang/{oldest.reference}/">'
    page = as_staff.get("/eingang/").content.decode()
    assert page.count(link) == 1
    assert page.index(link) < page.index('<form class="filter"')


def test_the_number_of_queries_of_the_inbox_does_not_depend_on_what_waits(
    as_staff: Client, room: Room
) -> None:
    def ask(day: int) -> None:
        for _ in range(2):
            make_booking([room], berlin(DAY + timedelta(days=day), "10:00"), status=SlotStatus.REQUESTED)

    ask(0)
    with_one = queries(as_staff, "/eingang/")
    for day in range(1, 7):
        ask(day)
    assert queries(as_staff, "/eingang/") == with_one


def test_an_approved_booking_is_found_by_what_people_say_on_the_phone(as_staff: Client, room: Room) -> None:
    wanted = make_booking(
        [room], berlin(DAY, "10:00"), association=make_association(name="Chor Erftklang"), title="Probe"
    )
    other = make_booking([room], berlin(DAY + timedelta(days=1), "10:00"), title="Lesung")
    third = make_booking([room], berlin(DAY, "14:00"), title="Probelesung", status=SlotStatus.REQUESTED)

    def found(**query: str) -> list[Booking]:
        return list(as_staff.get("/eingang/alle/", query).context["page"].object_list)

    assert found() == [third, other, wanted]
    assert found(day="20.04.2027") == [third, wanted]
    assert found(status="approved") == [other, wanted]
    assert found(q="niemand") == []
    for words in [wanted.reference, "erftklang", "chor probe"]:
        assert as_staff.get("/eingang/alle/", {"q": words})["Location"] == page_of(wanted)


def test_of_a_series_that_is_found_the_next_open_date_is_shown(as_staff: Client, room: Room) -> None:
    series = make_booking_on([room], weekly(DAY, 3), status=SlotStatus.REQUESTED)
    first, second, _third = series.slots.order_by("starts_at")
    approve_booking(booking_id=series.pk, actor=make_staff(), now=NOW, slot_ids=[first.pk])
    (line,) = as_staff.get("/eingang/alle/").context["lines"]
    assert (line.slot, line.is_waiting, line.counts.words) == (second, True, "1 genehmigt, 2 angefragt")


def test_an_unreadable_date_is_told_at_the_search(as_staff: Client, room: Room) -> None:
    response = as_staff.get("/eingang/alle/", {"day": "gestern"})
    assert (response.status_code, list(response.context["form"].errors)) == (200, ["day"])


def test_long_lists_have_pages(as_staff: Client, room: Room) -> None:
    for number in range(27):
        make_booking([room], berlin(DAY + timedelta(days=number), "10:00"))
    response = as_staff.get("/eingang/alle/", {"seite": "2", "status": "approved"})
    assert len(response.context["page"].object_list) == 2
    assert "?status=approved&amp;seite=1" in response.content.decode()


def test_an_approval_that_others_made_meanwhile_leaves_the_inbox(as_staff: Client, room: Room) -> None:
    pending = make_booking([room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED)
    approve_booking(booking_id=pending.pk, actor=make_staff(), now=NOW)
    assert as_staff.get("/eingang/").context["entries"] == []


@pytest.mark.parametrize("day", ["31.12.9999", "0001-01-01"])
def test_no_booking_is_found_at_the_edge_of_the_calendar(as_staff: Client, room: Room, day: str) -> None:
    response = as_staff.get("/eingang/alle/", {"day": day})
    assert (response.status_code, list(response.context["form"].errors)) == (200, ["day"])
