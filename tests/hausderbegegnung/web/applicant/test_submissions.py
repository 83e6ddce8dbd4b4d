"""A form sent twice is one request; sent again with something else in it, it is another one."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from playwright.sync_api import Page

from bookings.enums import SlotStatus
from bookings.models import Booking
from hausderbegegnung.models import User
from rooms.models import House, Room
from tests.factories import DAY, NOW, berlin, make_booking, make_form_values, make_house, make_room, make_user
from tests.hausderbegegnung.web.applicant.test_own_dates import lines
from tests.hausderbegegnung.web.browsing import LogIn
from tests.hausderbegegnung.web.notices import notices
from tests.hausderbegegnung.web.series import series_values

URL = "/anfrage/"
TWICE = "Diese Anfrage hatten Sie schon gesendet; sie zählt einmal."


def starts() -> list:
    return sorted(booking.slots.earliest("starts_at").starts_at for booking in Booking.objects.all())


def test_the_same_form_counts_once_and_another_day_is_another_request(
    as_applicant: Client, room: Room
) -> None:
    values = make_form_values([room])
    first = as_applicant.post(URL, values)["Location"]
    assert notices(as_applicant.get(first)) == []
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        assert as_applicant.post(URL, values)["Location"] == first
        assert notices(as_applicant.get(first)) == [TWICE]
    other = {**values, "day": "21.04.2027"}
    second = as_applicant.post(URL, other)["Location"]
    assert second != first
    assert notices(as_applicant.get(second)) == []
    assert [as_applicant.post(URL, sent)["Location"] for sent in (values, other)] == [first, second]
    assert starts() == [berlin(day, "16:00") for day in (DAY, DAY.replace(day=21))]


def test_staff_enter_a_new_name_once(as_staff: Client, room: Room) -> None:
    values = make_form_values([room], association=None, association_name="Lesekreis", contact_email="")
    first, second = (as_staff.post(URL, values)["Location"] for _ in range(2))
    assert first == second
    assert Booking.objects.get().association.name == "Lesekreis"


def test_a_series_sent_twice_is_one_even_if_it_is_taken_by_then(as_applicant: Client, room: Room) -> None:
    values = series_values([room])
    first = as_applicant.post(URL, values)["Location"]
    series = Booking.objects.get()
    make_booking([room], series.slots.latest("starts_at").starts_at)
    assert as_applicant.post(URL, values)["Location"] == first
    assert list(Booking.objects.filter(event__isnull=False)) == [series]


def test_a_change_sent_again_with_another_day_is_refused_and_stays_in_the_form(
    as_applicant: Client, applicant: User, room: Room
) -> None:
    booking = make_booking([room], berlin(DAY, "16:00"), applicant=applicant)
    path = f"/anfragen/{booking.reference}/termin/{booking.slots.get().uid}/aendern/"
    values = make_form_values([room], DAY.replace(day=21))
    assert as_applicant.post(path, values).status_code == 302
    refused = as_applicant.post(path, {**values, "day": "22.04.2027"})
    form = refused.context["form"]
    assert (refused.status_code, form["day"].value()) == (409, "22.04.2027")
    (sentence,) = form.non_field_errors()
    assert sentence == "Zu dieser Buchung wartet schon eine Änderungsanfrage auf Entscheidung."
    assert Booking.objects.filter(replaces=booking).count() == 1


def test_further_dates_sent_again_with_another_day_are_shown_once_more_and_can_be_sent(
    as_applicant: Client, applicant: User, room: Room
) -> None:
    booking = make_booking([room], berlin(DAY, "16:00"), applicant=applicant, status=SlotStatus.REQUESTED)
    path = f"/anfragen/{booking.reference}/weitere-termine/"
    values = lines("27.04.2027", rooms=[room.slug], version=booking.version)
    assert as_applicant.post(path, values).status_code == 302
    refused = as_applicant.post(path, {**values, "day_0": "28.04.2027"})
    form = refused.context["form"]
    assert (refused.status_code, form["day_0"].value()) == (409, "28.04.2027")
    # With the booking as it is now before their eyes people may send it.
    again = {**values, "day_0": "28.04.2027", "version": form["version"].value()}
    assert as_applicant.post(path, again).status_code == 302
    assert [f"{slot.starts_at:%d.%m.}" for slot in booking.slots.order_by("starts_at")] == [
        "20.04.",
        "27.04.",
        "28.04.",
    ]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_back_another_day_and_sent_again_are_two_requests(new_page, log_in: LogIn, script: bool) -> None:
    house: House = make_house(lead_hours=0)
    room, applicant = make_room(house, slug="saal-a"), make_user(name="Maria Beispiel")
    with time_machine.travel(berlin(DAY, "09:00")):
        page: Page = new_page(java_script_enabled=script)
        log_in(page, applicant)
        page.goto(f"{URL}?raum={room.slug}")
        typed = {
            "day": "05.05.2027",
            "starts": "18:00",
            "ends": "19:30",
            "persons": "12",
            "title": "Browser eins",
        }
        page.check("[name=association][value=new]")
        for name, value in {**typed, "association_name": "Lesekreis"}.items():
            page.fill(f"[name={name}]", value)
        page.select_option("[name=kind]", "meeting")
        page.select_option("[name=association_kind]", "initiative")
        send = "#request-form button[type=submit]:not([name])"
        page.click(send)
        page.wait_for_url("**/anfragen/**")
        page.go_back()
        page.fill("[name=day]", "06.05.2027")
        page.fill("[name=title]", "Browser zwei, anderer Tag")
        page.click(send)
        page.wait_for_url("**/anfragen/**")
        page.goto("/meine-anfragen/")
        listed = page.locator("main").inner_text()
    assert sorted(Booking.objects.values_list("title", flat=True)) == [
        "Browser eins",
        "Browser zwei, anderer Tag",
    ]
    assert [title in listed for title in ("Browser eins", "Browser zwei, anderer Tag")] == [True, True]
