"""Associations, bookings to look at, and what the pages of rooms learn of bookings."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from bookings.enums import SlotStatus
from bookings.models import Association, Booking
from bookings.services import approve_booking
from hausderbegegnung.models import User
from notifications.models import Message
from rooms.models import HouseRules, Room
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_house_rules,
    make_room,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fixed_now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def staff_client(staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def add(model: str) -> str:
    return reverse(f"admin:{model}_add")


def change(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def room_form(room: Room, **fields) -> dict:
    sent = {
        "name": room.name,
        "slug": room.slug,
        "position": room.position,
        "is_active": "on",
        "parts": list(room.parts.values_list("pk", flat=True)),
        **fields,
    }
    for prefix in ("layouts", "opening_hours"):
        sent |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    return sent


def errors(response) -> dict[str, list[str]]:
    if response.status_code == 302:
        return {}
    form = response.context["adminform"].form
    return {field: [error.code for error in found.as_data()] for field, found in form.errors.items()}


# Bookings --------------------------------------------------------------------------------------


def test_a_booking_is_shown_with_a_link_to_the_page_where_it_is_decided(house, staff_client):
    booking = make_booking([make_room(house)], berlin(DAY, "16:00"))
    for address in (reverse("admin:bookings_booking_changelist"), change(booking)):
        page = staff_client.get(address).content.decode()
        assert f'href="{reverse("decide", args=[booking.reference])}"' in page


def test_the_history_of_a_booking_is_told_in_words(house, staff, staff_client):
    booking = make_booking([make_room(house)], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED)
    approve_booking(booking_id=booking.pk, actor=staff, now=NOW, note="Schlüssel um 15:30")
    page = staff_client.get(change(booking)).content.decode()
    for words in ["Schlüssel um 15:30", "Verwaltung", str(SlotStatus.APPROVED.label)]:
        assert words in page


@pytest.mark.parametrize("way", ["change", "add", "delete", "delete_selected"])
def test_nothing_of_a_booking_can_be_changed_here(house, staff_client, way):
    booking = make_booking([make_room(house)], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED)
    before = Booking.objects.values().get()
    if way == "delete_selected":
        sent = {"action": "delete_selected", "_selected_action": [booking.pk], "post": "yes"}
        staff_client.post(reverse("admin:bookings_booking_changelist"), sent)
    else:
        address = add("bookings_booking") if way == "add" else change(booking).replace("change", way)
        assert staff_client.post(address, {"status": "approved", "post": "yes"}).status_code == 403
    assert Booking.objects.values().get() == before


@pytest.mark.parametrize("bookings", [1, 5])
def test_the_list_of_bookings_costs_the_same_number_of_queries(
    house, staff_client, django_assert_num_queries, bookings
):
    room = make_room(house)
    for number in range(bookings):
        make_booking([room], berlin(DAY + timedelta(days=number), "16:00"))
    with django_assert_num_queries(5):
        staff_client.get(reverse("admin:bookings_booking_changelist"))


def test_a_message_is_shown_without_its_text(house, staff_client):
    message = Message.objects.create(
        kind="login_code",
        recipient="maria@example.org",
        facts={"code": "314159"},
        body="Ihr Code: 314159",
        html="<b>314159</b>",
        dedupe_key="1",
        message_id="<1@example.org>",
        not_before=NOW,
        created_at=NOW,
    )
    for address in (reverse("admin:notifications_message_changelist"), change(message)):
        page = staff_client.get(address).content.decode()
        assert "maria@example.org" in page
        assert "314159" not in page
    assert staff_client.post(change(message), {"state": "sent"}).status_code == 403


# Associations and people -----------------------------------------------------------------------


def test_staff_enter_an_association_with_its_members(staff_client):
    person = make_user()
    sent = {
        "name": "Chor",
        "kind": "registered_association",
        "memberships-TOTAL_FORMS": 1,
        "memberships-INITIAL_FORMS": 0,
        "memberships-0-user": person.pk,
        "memberships-0-role": "manager",
    }
    assert staff_client.post(add("bookings_association"), sent).status_code == 302
    association = Association.objects.get()
    assert (association.name, association.created_at) == ("Chor", NOW)
    assert list(association.members.all()) == [person]


def test_a_block_needs_its_reason(staff_client):
    association = make_association()
    sent = {
        "name": association.name,
        "kind": association.kind,
        "is_blocked": "on",
        "memberships-TOTAL_FORMS": 0,
        "memberships-INITIAL_FORMS": 0,
    }
    response = staff_client.post(change(association), sent)
    assert list(errors(response)) == ["block_reason"]
    staff_client.post(change(association), {**sent, "block_reason": "Schlüssel fehlt"})
    assert Association.objects.get().is_blocked is True


def test_an_association_with_bookings_stays(house, staff_client):
    booking = make_booking([make_room(house)], berlin(DAY, "16:00"))
    staff_client.post(
        reverse("admin:bookings_association_delete", args=[booking.association_id]), {"post": "yes"}
    )
    assert Association.objects.filter(pk=booking.association_id).exists()


def test_a_person_entered_by_staff_has_no_password(staff_client):
    sent = {"email": "neu@example.org", "name": "Neu", "language": "de", "is_active": "on"}
    assert staff_client.post(add("hausderbegegnung_user"), sent).status_code == 302
    assert User.objects.get(email="neu@example.org").has_usable_password() is False


def test_nobody_takes_away_the_own_rights(staff, staff_client):
    staff_client.post(change(staff), {"name": "Neu", "language": "de", "email": "andere@example.org"})
    before, staff_again = staff.email, User.objects.get(pk=staff.pk)
    assert (staff_again.name, staff_again.is_staff, staff_again.is_active) == ("Neu", True, True)
    assert staff_again.email == before


def test_people_are_made_inactive_and_not_deleted(staff_client):
    person = make_user()
    assert staff_client.post(change(person).replace("change", "delete"), {"post": "yes"}).status_code == 403
    staff_client.post(change(person), {"language": "de"})
    assert User.objects.get(pk=person.pk).is_active is False


# Rooms that have dates -------------------------------------------------------------------------


@pytest.mark.parametrize("status", [SlotStatus.APPROVED, SlotStatus.REQUESTED])
def test_a_room_that_was_occupied_never_becomes_a_combination(house, staff_client, status):
    hall, part = make_room(house, "Saal"), make_room(house, "Teil")
    make_booking([hall], berlin(DAY, "16:00"), status=status)
    response = staff_client.post(change(hall), room_form(hall, parts=[part.pk]))
    assert errors(response) == {"parts": ["room_is_occupied"]}
    assert list(hall.parts.all()) == []


def test_parts_of_a_combination_stay_while_dates_to_come_use_it(house, staff_client):
    hall_a, hall_b, more = (make_room(house, name) for name in ("Saal A", "Saal B", "Empore"))
    hall = make_room(house, "Saal", parts=[hall_a, hall_b])
    booking = make_booking([hall], berlin(DAY, "16:00"))
    address, sent = change(hall), room_form(hall, parts=[hall_a.pk, hall_b.pk, more.pk])
    assert errors(staff_client.post(address, sent)) == {"parts": ["combination_is_expected"]}
    with time_machine.travel(booking.slots.get().gross_ends_at, tick=False):
        staff_client.force_login(make_staff())
        assert errors(staff_client.post(address, sent)) == {}
    assert set(hall.parts.all()) == {hall_a, hall_b, more}


def test_other_things_of_a_combination_can_change_while_dates_use_it(house, staff_client):
    hall = make_room(house, "Saal", parts=[make_room(house, "Saal A"), make_room(house, "Saal B")])
    make_booking([hall], berlin(DAY, "16:00"))
    assert errors(staff_client.post(change(hall), room_form(hall, name="Großer Saal"))) == {}
    assert Room.objects.get(pk=hall.pk).name == "Großer Saal"


def test_a_room_that_was_asked_for_is_not_deleted(house, staff_client):
    hall_a, unused = make_room(house, "Saal A"), make_room(house, "Keller")
    hall = make_room(house, "Saal", parts=[hall_a])
    make_booking([hall], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED)
    sent = {"action": "delete_selected", "_selected_action": [hall.pk, unused.pk], "post": "yes"}
    staff_client.post(reverse("admin:rooms_room_changelist"), sent)
    assert Room.objects.filter(pk=hall.pk).exists()
    assert (
        staff_client.post(reverse("admin:rooms_room_delete", args=[hall.pk]), {"post": "yes"}).status_code
        == 403
    )
    staff_client.post(reverse("admin:rooms_room_delete", args=[unused.pk]), {"post": "yes"})
    assert not Room.objects.filter(pk=unused.pk).exists()


# House rules -----------------------------------------------------------------------------------


def test_house_rules_that_were_accepted_stay_as_they_are(house, staff_client):
    rules = make_house_rules(house)
    make_booking([make_room(house)], berlin(DAY, "15:00"), house_rules_id=rules.pk)
    sent = {"version": "2027-01", "text": "Anders", "valid_from": "01.01.2027"}
    assert staff_client.post(change(rules), sent).status_code == 403
    assert staff_client.post(change(rules).replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert HouseRules.objects.get().text == "Bitte aufräumen."


def test_members_are_found_by_typing(staff_client):
    person = make_user("maria@example.org", name="Maria Beispiel")
    query = {"app_label": "bookings", "model_name": "membership", "field_name": "user", "term": "Maria"}
    found = staff_client.get("/admin/autocomplete/", query).json()["results"]
    assert found == [{"id": str(person.pk), "text": "Maria Beispiel"}]


# Addresses by hand -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        "received_at__year=0",
        "received_at__year=1",
        "received_at__year=9999",
        "received_at__year=10000",
        "received_at__gte=0001-01-01",
        "received_at__gte=0001-01-01T00:00%2B14:00",
        "received_at__lt=9999-12-31T23:59-12:00",
        "received_at__range=",
    ],
)
def test_a_time_that_is_none_breaks_no_list(staff_client, room: Room, asked: str):
    """Django leads to the whole list, with a word about it."""
    make_booking([room], berlin(DAY, "16:00"))
    answer = staff_client.get(f"{reverse('admin:bookings_booking_changelist')}?{asked}", follow=True)
    assert answer.status_code == 200
