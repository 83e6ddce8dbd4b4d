"""Every page of our own says of which house it is and who may open it; asked of each address there is."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.urls.resolvers import RoutePattern

from bookings.access import permissions
from bookings.enums import SlotStatus
from rooms.models import Closure
from tests.factories import (
    DAY,
    berlin,
    make_association,
    make_booking,
    make_house,
    make_room,
    make_staff,
    make_user,
)
from tests.notifications.scenes import make_notice

OUR_PAGES = ("bookings.pages.", "notifications.", "hausderbegegnung.")
# Of the installation and of people, not of a house; or there before there is a house, by law.
OF_NO_HOUSE = {
    "account",
    "account_confirm_login_code",
    "account_details",
    "account_login",
    "account_login_link",
    "account_request_login_code",
    "account_restart_login",
    "decline_mail",
    "demo_login",
    "end_token",
    "healthz",
    "house_page",
    "house_rules",
    "mail_choices",
    "media",
    "metrics",
    "robots",
    "tokens",
}
FOR_STAFF = {
    permissions.can_decide,
    permissions.can_see_requests,
    permissions.can_correct_contact,
    permissions.can_see_outbox,
    permissions.can_manage_house,
    permissions.can_see_day_plan,
}


def all_patterns(patterns: list) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from all_patterns(pattern.url_patterns)


def own_pages() -> list[URLPattern]:
    """The pages of our own packages; not the API, nor the administration."""
    return [
        pattern
        for pattern in all_patterns(get_resolver().url_patterns)
        if pattern.callback.__module__.startswith(OUR_PAGES)
        and not hasattr(pattern.callback, "cls")
        and pattern.name
        and isinstance(pattern.pattern, RoutePattern)
        and "admin" not in pattern.callback.__module__
    ]


def guarded_pages() -> dict[str, URLPattern]:
    return {page.name: page for page in own_pages() if hasattr(page.callback, "may_open")}


def test_every_page_takes_its_house_from_the_decorator():
    without = {page.name for page in own_pages() if not hasattr(page.callback, "is_of_a_house")}
    assert without == OF_NO_HOUSE


def test_the_pages_that_ask_who_comes_are_these():
    assert sorted(guarded_pages()) == [
        "approve_booking",
        "booking_search",
        "cancel_for_applicant",
        "caretaker_day",
        "closure",
        "closures",
        "correct_address",
        "decide",
        "decide_dates",
        "inbox",
        "message",
        "message_html",
        "move_date",
        "note_call",
        "outbox",
        "reject_booking",
        "remove_closure",
        "renew_links",
        "resend_message",
        "revoke_booking",
    ]
    assert {page.callback.may_open for page in guarded_pages().values()} == FOR_STAFF


@pytest.mark.django_db
@pytest.mark.parametrize("name", guarded_pages())
def test_pages_of_staff_refuse_the_owner_and_a_stranger(name):
    house, owner = make_house(), make_user()
    booking = make_booking(
        [make_room(house)],
        berlin(DAY, "16:00"),
        status=SlotStatus.REQUESTED,
        applicant=owner,
        association=make_association(owner),
    )
    closure = Closure.objects.create(
        house=house, starts_at=berlin(DAY, "08:00"), ends_at=berlin(DAY, "09:00"), reason="Putz"
    )
    known = {
        "reference": booking.reference,
        "uid": booking.slots.get().uid,
        "closure_id": closure.pk,
        "message_id": make_notice().pk,
    }
    address = reverse(
        name, kwargs={part: known[part] for part in guarded_pages()[name].pattern.converters if part != "day"}
    )
    answers = {}
    for who, person in {"owner": owner, "stranger": make_user(), "staff": make_staff()}.items():
        client = Client()
        client.force_login(person)
        answers[who] = {client.get(address).status_code, client.post(address).status_code}
    assert (answers["owner"], answers["stranger"], 403 in answers["staff"]) == ({403}, {403}, False)
    assert {Client().get(address).url, Client().post(address).url} == {f"/konto/anmelden/?next={address}"}
