"""The applicant's pages of one request: by link without login, by login, and for nobody else."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from bookings.access.tokens import status_path, status_token
from bookings.enums import BookingStatus, SlotStatus, Verb
from bookings.models import Booking, Transition
from bookings.services import approve_booking, give_dates_back
from hausderbegegnung.models import User
from rooms.models import Room
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_form_values,
    make_staff,
    make_user,
)


@pytest.fixture
def pending(room: Room, applicant: User) -> Booking:
    return make_booking(
        [room],
        berlin(DAY, "16:00"),
        status=SlotStatus.REQUESTED,
        applicant=applicant,
        association=make_association(applicant),
    )


@pytest.fixture
def approved(room: Room, applicant: User) -> Booking:
    return make_booking(
        [room], berlin(DAY, "16:00"), applicant=applicant, association=make_association(applicant)
    )


def link(booking: Booking, action: str = "") -> str:
    return status_path(booking) + (f"{action}/" if action else "")


def page_of(booking: Booking, action: str = "") -> str:
    return f"/anfragen/{booking.reference}/" + (f"{action}/" if action else "")


# Who sees it ----------------------------------------------------------------------------------


def test_the_link_opens_the_request_without_login(client: Client, pending: Booking, now: object) -> None:
    response = client.get(link(pending))
    assert response.status_code == 200
    assert (response["Cache-Control"], response["Referrer-Policy"], response["X-Robots-Tag"]) == (
        "no-store, private",
        "same-origin",
        "noindex",
    )
    # Received on Monday, 01.03.2027; three working days later it is Thursday.
    assert response.context["answer_date"].isoformat() == "2027-03-04"
    assert [entry["line"].verb for entry in response.context["history"]] == [Verb.REQUEST]


def test_a_late_answer_is_admitted(client: Client, pending: Booking) -> None:
    with time_machine.travel(NOW + timedelta(days=4), tick=False):
        assert client.get(link(pending)).context["is_late"]


def test_the_owner_and_the_associations_people_see_it_by_login(
    client: Client, pending: Booking, now: object
) -> None:
    colleague = make_user()
    pending.association.memberships.create(user=colleague)
    for user in [pending.applicant, colleague, make_staff()]:
        client.force_login(user)
        assert client.get(page_of(pending)).status_code == 200


def test_unknown_foreign_and_forged_get_the_same_answer(
    client: Client, pending: Booking, now: object
) -> None:
    stranger = make_user(is_caretaker=True)
    client.force_login(stranger)
    other = make_booking(list(pending.slots.get().rooms.all()), berlin(DAY, "20:00"))
    token = status_token(pending)
    addresses = [
        page_of(pending),
        "/anfragen/HdB-2027-9999/",
        f"/anfragen/{pending.reference}/{token[:-1]}x/",
        f"/anfragen/{other.reference}/{token}/",
        f"/anfragen/HdB-2027-9999/{token}/",
        page_of(pending, "zurueckgeben"),
        f"/anfragen/{pending.reference}/falsch/zurueckgeben/",
    ]
    answers = [client.get(address) for address in addresses]
    assert {answer.status_code for answer in answers} == {404}
    assert len({str(answer.context["error"]) for answer in answers}) == 1
    for answer in answers:
        assert pending.title not in answer.content.decode()


def test_without_login_and_link_the_login_comes_first(client: Client, pending: Booking, now: object) -> None:
    for action in ["", "zurueckgeben", "aendern"]:
        response = client.get(page_of(pending, action))
        assert response["Location"] == f"{reverse('account_login')}?next={page_of(pending, action)}"


def test_the_page_holds_nothing_of_other_requests(
    client: Client, pending: Booking, room: Room, now: object
) -> None:
    make_booking([room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED, title="Rivale")
    assert "Rivale" not in client.get(link(pending)).content.decode()


def test_the_number_of_queries_is_fixed(
    client: Client, pending: Booking, now: object, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(12):
        client.get(link(pending))


# What it offers -------------------------------------------------------------------------------


def offers(client: Client, booking: Booking) -> list[str]:
    context = client.get(link(booking)).context
    return [name for name in ["give_back_url", "change_url"] if context[name]]


def test_actions_follow_the_status(client: Client, room: Room, now: object) -> None:
    offered = {
        status: offers(
            client, make_booking([room], berlin(DAY + timedelta(days=number), "16:00"), status=status)
        )
        for number, status in enumerate(SlotStatus)
        if status != SlotStatus.SKIPPED
    }
    assert offered == {
        SlotStatus.REQUESTED: ["give_back_url"],
        SlotStatus.APPROVED: ["give_back_url", "change_url"],
        SlotStatus.REJECTED: [],
        SlotStatus.WITHDRAWN: [],
        SlotStatus.CANCELLED: [],
        SlotStatus.REVOKED: [],
    }


def test_what_is_over_is_neither_given_back_nor_changed(
    client: Client, approved: Booking, pending: Booking
) -> None:
    with time_machine.travel(berlin(DAY, "19:00"), tick=False):
        assert [offers(client, booking) for booking in (approved, pending)] == [[], []]


def test_staff_give_approved_dates_back_for_the_applicant_and_answer_pending_ones(
    as_staff: Client, approved: Booking, pending: Booking
) -> None:
    offered = [as_staff.get(page_of(booking)).context["give_back_url"] for booking in (approved, pending)]
    assert offered == [page_of(approved, "zurueckgeben"), ""]
    refused = as_staff.post(page_of(pending, "zurueckgeben"), {"note": "Angerufen"})
    assert (refused.status_code, len(refused.context["form"].non_field_errors())) == (403, 1)
    pending.refresh_from_db()
    assert pending.status == BookingStatus.REQUESTED


@pytest.mark.parametrize(
    ("status", "result"),
    [(SlotStatus.REQUESTED, BookingStatus.WITHDRAWN), (SlotStatus.APPROVED, BookingStatus.CANCELLED)],
)
def test_giving_back_is_asked_first_and_needs_a_post(
    client: Client, room: Room, now: object, status: str, result: str
) -> None:
    booking = make_booking([room], berlin(DAY, "16:00"), status=status)
    assert client.get(link(booking, "zurueckgeben")).status_code == 200
    booking.refresh_from_db()
    assert booking.status == status
    response = client.post(
        link(booking, "zurueckgeben"), {"note": "Wir sind krank.", "version": booking.version}
    )
    assert response["Location"] == link(booking)
    booking.refresh_from_db()
    last = Transition.objects.order_by("pk").last()
    assert (booking.status, last.note, last.actor_kind) == (result, "Wir sind krank.", "link")


def test_giving_back_by_login_leads_back_to_the_page_by_login(as_applicant: Client, pending: Booking) -> None:
    response = as_applicant.post(page_of(pending, "zurueckgeben"), {"note": ""})
    assert response["Location"] == page_of(pending)
    assert Transition.objects.order_by("pk").last().actor_kind == "applicant"


def test_giving_back_twice_says_how_it_stands(client: Client, approved: Booking, now: object) -> None:
    for _ in range(2):
        response = client.post(link(approved, "zurueckgeben"), {"note": ""}, follow=True)
    assert response.redirect_chain[-1][0] == link(approved)
    assert [message.level_tag for message in response.context["messages"]] == ["warning"]


def test_a_stale_confirmation_is_refused_and_can_be_repeated(
    client: Client, approved: Booking, now: object
) -> None:
    Booking.objects.update(version=7)
    response = client.post(link(approved, "zurueckgeben"), {"note": "Krank", "version": 1})
    assert response.status_code == 409
    assert (response.context["form"]["note"].value(), response.context["form"]["version"].value()) == (
        "Krank",
        7,
    )
    assert len(response.context["form"].non_field_errors()) == 1


def test_actions_need_the_token_of_the_form(pending: Booking, now: object) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(link(pending, "zurueckgeben"), {"note": ""}).status_code == 403
    pending.refresh_from_db()
    assert pending.status == BookingStatus.REQUESTED


# Changing -------------------------------------------------------------------------------------


def test_a_change_by_link_is_a_request_beside_the_booking_that_stands(
    client: Client, approved: Booking, room: Room, now: object
) -> None:
    form = client.get(link(approved, "aendern")).context["form"]
    assert {
        name: form[name].value() for name in ["rooms", "day", "starts", "ends", "title", "contact_email"]
    } == {
        "rooms": [room.slug],
        "day": "20.04.2027",
        "starts": "16:00",
        "ends": "18:00",
        "title": "Elternabend",
        "contact_email": "maria@example.org",
    }
    values = make_form_values(
        [room], starts="17:00", ends="19:00", association=None, contact_email="maria@example.org"
    )
    response = client.post(link(approved, "aendern"), values)
    change = Booking.objects.get(replaces=approved)
    assert response["Location"] == link(change)
    approved.refresh_from_db()
    assert (approved.status, change.status, change.association) == (
        BookingStatus.APPROVED,
        BookingStatus.REQUESTED,
        approved.association,
    )
    assert client.get(link(approved)).context["open_change"] == change
    assert offers(client, approved) == ["give_back_url"]


def test_the_check_of_a_change_does_not_clash_with_what_it_replaces(
    client: Client, approved: Booking, room: Room, now: object
) -> None:
    page = client.get(link(approved, "aendern"))
    assert page.context["check"].broken == []
    wish = {"rooms": room.slug, "day": "20.04.2027", "starts": "17:00", "ends": "19:00"}
    with_key = client.get("/anfrage/pruefen/", {**wish, "replaces": page.context["replaces"]})
    without = client.get("/anfrage/pruefen/", {**wish, "replaces": str(approved.pk)})
    assert [[reason.code for reason in answer.context["check"].broken] for answer in [with_key, without]] == [
        [],
        ["clash"],
    ]


def test_only_an_approved_booking_can_be_changed(client: Client, pending: Booking, now: object) -> None:
    response = client.get(link(pending, "aendern"))
    assert (response.status_code, response.context["error"].code) == (409, "transition_not_allowed")


def test_a_second_change_waits_for_the_first(
    client: Client, approved: Booking, room: Room, now: object
) -> None:
    for starts, expected in [("17:00", 302), ("18:00", 409)]:
        values = make_form_values([room], starts=starts, ends="20:00", association=None)
        response = client.post(link(approved, "aendern"), values)
        assert response.status_code == expected
    assert Booking.objects.filter(replaces=approved).count() == 1


def test_staff_change_for_somebody_on_the_phone(as_staff: Client, approved: Booking, room: Room) -> None:
    values = make_form_values([room], starts="17:00", ends="19:00", association=None, contact_email="")
    response = as_staff.post(page_of(approved, "aendern"), values)
    change = Booking.objects.get(replaces=approved)
    assert response["Location"] == reverse("decide", args=[change.reference])
    assert (change.association, change.applicant, change.contact_email) == (
        approved.association,
        approved.applicant,
        "",
    )


def test_a_replaced_booking_leads_to_what_replaced_it(
    client: Client, as_applicant: Client, approved: Booking, room: Room, applicant: User
) -> None:
    change = make_booking(
        [room],
        berlin(DAY, "17:00"),
        status=SlotStatus.REQUESTED,
        applicant=applicant,
        association=approved.association,
    )
    Booking.objects.filter(pk=change.pk).update(replaces=approved)
    change.replaced_slots.set(approved.slots.all())
    approve_booking(booking_id=change.pk, actor=make_staff(), now=NOW)
    by_link = Client().get(link(approved))
    assert (by_link.context["replaced_by"], by_link.context["replaced_by_url"]) == (change, link(change))
    assert as_applicant.get(page_of(approved)).context["replaced_by_url"] == page_of(change)
    text = by_link.content.decode()
    assert (f"Ersetzt durch {change.reference}" in text, f"Begründung: {change.reference}" in text) == (
        True,
        False,
    )
    assert (by_link.context["history"][-1]["what"], by_link.context["history"][-1]["note"]) == (
        f"Ersetzt durch {change.reference}",
        "",
    )
    seen = strip_tags(Client().get(link(change)).content.decode())
    assert f"Diese Buchung hat die Buchung {approved.reference} ersetzt." in seen


def test_a_booking_that_was_just_cancelled_is_not_replaced(client: Client, approved: Booking) -> None:
    give_dates_back(booking_id=approved.pk, actor=make_staff(), now=NOW, note="Wir sind zu wenige.")
    assert client.get(link(approved)).context["replaced_by"] is None


def test_a_reference_that_no_column_takes_is_unknown(as_applicant: Client, room: Room) -> None:
    verbs = ["", "zurueckgeben/", "aendern/"]
    assert [as_applicant.get(f"/anfragen/%00/{verb}").status_code for verb in verbs] == [404] * 3
