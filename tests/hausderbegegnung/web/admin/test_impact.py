"""Pages of the administration that ask first what becomes of the approved dates a change hits."""

from datetime import date, time, timedelta
from io import BytesIO

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from PIL import Image

from bookings.enums import SlotStatus
from bookings.impact.hits import fingerprint
from bookings.models import Slot
from notifications.models import Message
from rooms.models import Closure, Holiday, House, OpeningHours, Room
from tests.factories import DAY, NOW, berlin, make_booking, make_house, make_room, make_staff, make_user
from tests.hausderbegegnung.web.notices import notices
from tests.rooms.forms import open_form

pytestmark = pytest.mark.django_db

REASON = "Ein Rohr ist gebrochen."


@pytest.fixture(autouse=True)
def fixed_now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def staff_client(db) -> Client:
    client = Client()
    client.force_login(make_staff())
    return client


def page_of(model: str, pk: int | None = None, verb: str = "change") -> str:
    return reverse(f"admin:rooms_{model}_{verb if pk else 'add'}", args=[pk] if pk else [])


def list_of(model: str) -> str:
    return reverse(f"admin:rooms_{model}_changelist")


def closure_form(in_house: House, *rooms: Room, **fields) -> dict:
    return {
        "house": in_house.pk,
        "reason": "Wasserschaden",
        "starts_at_0": "20.04.2027",
        "starts_at_1": "12:00",
        "ends_at_0": "20.04.2027",
        "ends_at_1": "16:00",
        "rooms": [room.pk for room in rooms],
        "origin": "manual",
    } | fields


def asked(response) -> list[str]:
    """The titles of the dates the page asks about."""
    assert response.status_code in {200, 400, 409}
    return [hit.slot.booking.title for hit in response.context["hits"]]


def decide(response, choice: str = "revoke", reason: str = REASON) -> dict:
    """What the page sends when the same is chosen for every date."""
    form, hits = response.context["form"], response.context["hits"]
    sent: dict = {"settle-seen": fingerprint(hits), "settle-reason": reason}
    for hit in hits:
        field = form.field_of(hit)
        offered = [value for value, _label in field.field.choices]
        sent[field.html_name] = offered[0] if choice == "best" else choice
    for name, value in response.context["sent"]:
        sent.setdefault(name, []).append(value)
    return sent


def test_a_closure_that_hits_nothing_is_saved_as_ever(house, room, staff_client):
    response = staff_client.post(page_of("closure"), closure_form(house))
    assert (response.status_code, response["Location"]) == (302, list_of("closure"))
    assert Closure.objects.count() == 1


def test_a_closure_that_hits_dates_asks_first(house, room, staff_client):
    make_booking([room], berlin(DAY, "15:00"), title="Chor")
    make_booking([room], berlin(DAY, "10:00"), berlin(DAY, "12:00"), title="Frühstück")
    response = staff_client.post(page_of("closure"), closure_form(house, room))
    assert asked(response) == ["Chor"]
    assert not Closure.objects.exists()
    assert not LogEntry.objects.exists()
    assert notices(response) == []
    assert response.context["form"]["reason"].value() == "Wasserschaden"


def test_what_the_change_is_stands_in_words(house, room, staff_client):
    hours = OpeningHours.objects.get(weekday=DAY.weekday())
    make_booking([room], berlin(DAY, "15:00"))
    sent = open_form(staff_client, page_of("openinghours", hours.pk))
    changed = staff_client.post(page_of("openinghours", hours.pk), {**sent, "closes_at": "12:00"})
    added = staff_client.post(page_of("closure"), closure_form(house, room))
    assert [changed.context["what"], added.context["what"]] == [
        "Geändert: Öffnungszeiten (Dienstag 08:00–22:00)",
        "Neu: Sperrzeiten",
    ]


def test_the_answers_are_sent_along_with_the_form(house, room, staff_client):
    booking = make_booking([room], berlin(DAY, "15:00"))
    other = make_room(house, "Saal B")
    page = staff_client.post(page_of("closure"), closure_form(house, room))
    response = staff_client.post(page_of("closure"), decide(page, "best"))
    assert (response.status_code, response["Location"]) == (302, list_of("closure"))
    closure = Closure.objects.get()
    assert (list(closure.rooms.all()), closure.starts_at) == ([room], berlin(DAY, "12:00"))
    assert list(booking.slots.get().rooms.all()) == [other]
    assert LogEntry.objects.count() == 1
    assert [(message.kind, message.recipient) for message in Message.objects.all()] == [
        ("closure", "maria@example.org")
    ]
    sentences = notices(response)
    assert "1 Termin ist verlegt. 1 E-Mail ist unterwegs." in sentences
    assert len(sentences) == 2


def test_which_button_was_pressed_is_kept(house, room, staff_client):
    make_booking([room], berlin(DAY, "15:00"))
    page = staff_client.post(page_of("closure"), closure_form(house, room, _addanother="1"))
    response = staff_client.post(page_of("closure"), decide(page))
    assert response["Location"] == page_of("closure")


def test_a_form_with_a_mistake_is_shown_with_it(house, room, staff_client):
    make_booking([room], berlin(DAY, "15:00"))
    response = staff_client.post(page_of("closure"), closure_form(house, room, ends_at_1="11:00"))
    assert response.status_code == 200
    assert response.context["adminform"].form.errors


@pytest.mark.parametrize("chosen", ["", "999", "x"])
def test_a_house_that_does_not_exist_is_a_mistake_in_the_form(house, room, staff_client, chosen):
    response = staff_client.post(page_of("closure"), closure_form(house, room, house=chosen))
    assert "house" in response.context["adminform"].form.errors


def test_a_closure_made_longer_asks_and_one_worded_anew_does_not(house, room, staff_client):
    closure = Closure.objects.create(
        house=house, starts_at=berlin(DAY, "12:00"), ends_at=berlin(DAY, "14:00"), reason="Bau"
    )
    make_booking([room], berlin(DAY, "13:00"), berlin(DAY, "15:00"), title="kept")
    make_booking([room], berlin(DAY, "16:00"), title="free so far")
    sent = open_form(staff_client, page_of("closure", closure.pk))
    response = staff_client.post(page_of("closure", closure.pk), {**sent, "reason": "Umbau"})
    assert response.status_code == 302
    response = staff_client.post(page_of("closure", closure.pk), {**sent, "ends_at_1": "17:00"})
    assert asked(response) == ["free so far"]


def test_rooms_added_to_a_closure_ask(house, room, staff_client):
    other = make_room(house, "Saal B")
    closure = Closure.objects.create(
        house=house, starts_at=berlin(DAY, "12:00"), ends_at=berlin(DAY, "17:00"), reason="Bau"
    )
    closure.rooms.add(other)
    make_booking([room], berlin(DAY, "13:00"), title="Chor")
    sent = open_form(staff_client, page_of("closure", closure.pk))
    response = staff_client.post(page_of("closure", closure.pk), {**sent, "rooms": [other.pk, room.pk]})
    assert asked(response) == ["Chor"]
    staff_client.post(page_of("closure", closure.pk), decide(response))
    assert set(Closure.objects.get().rooms.all()) == {room, other}


# Every page whose change can hit dates ----------------------------------------------------------


def test_hours_that_are_changed_or_deleted_ask(house, room, staff_client):
    booking = make_booking([room], berlin(DAY, "20:00"), title="Chor")
    tuesday = OpeningHours.objects.get(weekday=DAY.weekday())
    sent = open_form(staff_client, page_of("openinghours", tuesday.pk))
    address = page_of("openinghours", tuesday.pk)
    assert asked(staff_client.post(address, {**sent, "closes_at": "21:00"})) == ["Chor"]

    address = page_of("openinghours", tuesday.pk, "delete")
    page = staff_client.post(address, {"post": "yes"})
    assert asked(page) == ["Chor"]
    assert OpeningHours.objects.filter(pk=tuesday.pk).exists()
    response = staff_client.post(address, decide(page))
    assert response.status_code == 302
    assert not OpeningHours.objects.filter(pk=tuesday.pk).exists()
    assert booking.slots.get().status == SlotStatus.REVOKED


def test_a_new_timetable_asks(house, room, staff_client):
    make_booking([room], berlin(DAY, "20:00"), title="Chor")
    sent = {
        "house": house.pk,
        "weekday": 0,
        "opens_at": "09:00",
        "closes_at": "12:00",
        "valid_from": "01.04.2027",
    }
    assert asked(staff_client.post(page_of("openinghours"), sent)) == ["Chor"]
    assert OpeningHours.objects.count() == 7


def test_rows_deleted_together_ask_once(house, room, staff_client):
    make_booking([room], berlin(DAY, "20:00"), title="Chor")
    make_booking([room], berlin(DAY + timedelta(days=1), "20:00"), title="Café")
    chosen = list(OpeningHours.objects.filter(weekday__in=[1, 2]).values_list("pk", flat=True))
    sent = {"action": "delete_selected", "_selected_action": chosen}
    assert staff_client.post(list_of("openinghours"), sent).status_code == 200
    page = staff_client.post(list_of("openinghours"), {**sent, "post": "yes"})
    assert asked(page) == ["Chor", "Café"]
    assert OpeningHours.objects.count() == 7
    staff_client.post(list_of("openinghours"), decide(page))
    assert OpeningHours.objects.count() == 5
    assert set(Slot.objects.values_list("status", flat=True)) == {"revoked"}


def test_all_rows_of_a_list_are_those_of_its_filter(house, room, staff_client):
    make_booking([room], berlin(DAY, "20:00"), title="Chor")
    make_house()
    one = OpeningHours.objects.filter(house=house, weekday=5).get()
    sent = {"action": "delete_selected", "_selected_action": [one.pk], "select_across": "1", "post": "yes"}
    response = staff_client.post(list_of("openinghours"), sent)
    assert notices(response) == ["Bitte wählen Sie nur Zeilen eines Hauses auf einmal."]
    assert asked(staff_client.post(f"{list_of('openinghours')}?house__id__exact={house.pk}", sent)) == [
        "Chor"
    ]
    assert OpeningHours.objects.count() == 14


def test_rows_of_two_houses_are_not_deleted_together(house, room, staff_client):
    make_house()
    chosen = list(OpeningHours.objects.values_list("pk", flat=True))
    sent = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    response = staff_client.post(list_of("openinghours"), sent)
    assert notices(response) == ["Bitte wählen Sie nur Zeilen eines Hauses auf einmal."]
    assert OpeningHours.objects.count() == 14


def test_own_hours_and_layouts_of_a_room_ask_and_are_kept_in_the_form(house, room, staff_client):
    booking = make_booking([room], berlin(DAY, "20:00"), title="Chor", persons=30)
    sent = open_form(staff_client, page_of("room", room.pk))
    own = {
        "opening_hours-TOTAL_FORMS": 1,
        "opening_hours-0-weekday": 1,
        "opening_hours-0-opens_at": "09:00",
        "opening_hours-0-closes_at": "20:00",
    }
    page = staff_client.post(page_of("room", room.pk), {**sent, **own})
    assert asked(page) == ["Chor"]
    staff_client.post(page_of("room", room.pk), decide(page, "keep"))
    assert room.opening_hours.get().closes_at == time(20)
    assert booking.slots.get().status == SlotStatus.APPROVED

    rows = room.layouts.get(kind="rows")
    number = next(key for key, value in sent.items() if key.endswith("-id") and value == rows.pk).split("-")[
        1
    ]
    sent = open_form(staff_client, page_of("room", room.pk))
    page = staff_client.post(page_of("room", room.pk), {**sent, f"layouts-{number}-capacity": 20})
    assert asked(page) == ["Chor"]
    assert "keep" not in dict(page.context["form"].field_of(page.context["hits"][0]).field.choices)
    response = staff_client.post(page_of("room", room.pk), decide(page, "keep"))
    assert (response.status_code, asked(response)) == (400, ["Chor"])
    assert room.layouts.get(kind="rows").capacity == 40


def test_a_room_that_is_switched_off_asks(house, room, staff_client):
    make_booking([room], berlin(DAY, "20:00"), title="Chor")
    sent = open_form(staff_client, page_of("room", room.pk))
    sent.pop("is_active")
    assert asked(staff_client.post(page_of("room", room.pk), sent)) == ["Chor"]
    assert Room.objects.get(pk=room.pk).is_active


def test_a_picture_has_to_be_chosen_again(house, room, staff_client):
    make_booking([room], berlin(DAY, "20:00"))
    sent = open_form(staff_client, page_of("room", room.pk))
    sent.pop("is_active")
    drawn = BytesIO()
    Image.new("RGB", (2, 1)).save(drawn, "PNG")
    picture = SimpleUploadedFile("saal.png", drawn.getvalue(), "image/png")
    page = staff_client.post(page_of("room", room.pk), {**sent, "picture": picture})
    assert "Das gewählte Bild wird nicht mit übernommen" in page.content.decode()


def test_holidays_ask_where_they_close(house, room, staff_client):
    make_booking([room], berlin(DAY, "20:00"), title="Chor")
    sent = {
        "house": house.pk,
        "kind": "public",
        "name": "Fest",
        "first_date": "20.04.2027",
        "last_date": "20.04.2027",
    }
    assert staff_client.post(page_of("holiday"), sent).status_code == 302
    assert Holiday.objects.get(name="Fest").first_date == DAY
    sent = open_form(staff_client, page_of("house", house.pk))
    page = staff_client.post(page_of("house", house.pk), {**sent, "closed_on_public_holidays": "on"})
    assert asked(page) == ["Chor"]
    assert House.objects.get().closed_on_public_holidays is False
    staff_client.post(page_of("house", house.pk), decide(page))
    assert House.objects.get().closed_on_public_holidays is True

    make_booking([room], berlin(date(2027, 4, 21), "20:00"), title="Café")
    assert asked(staff_client.post(page_of("holiday"), sent_for(house, "21.04.2027"))) == ["Café"]


def sent_for(house, day):
    return {"house": house.pk, "kind": "public", "name": "Fest", "first_date": day, "last_date": day}


def test_a_smaller_limit_of_the_house_asks(house, room, staff_client):
    make_booking([room], berlin(DAY, "20:00"), title="Chor", persons=30)
    sent = open_form(staff_client, page_of("house", house.pk))
    assert asked(staff_client.post(page_of("house", house.pk), {**sent, "max_persons": 20})) == ["Chor"]


# Answers ---------------------------------------------------------------------------------------


def test_a_choice_for_all_dates_needs_no_script(house, room, staff_client):
    for start, end in [("12:30", "13:30"), ("14:00", "15:00")]:
        make_booking([room], berlin(DAY, start), berlin(DAY, end))
    page = staff_client.post(page_of("closure"), closure_form(house, room))
    proposed = chosen(page)
    assert all("/" in value for value in proposed)
    for choice, expected in [("revoke", ["revoke"] * 2), ("keep", ["keep"] * 2), ("proposed", proposed)]:
        sent = decide(page) | {"settle-all": choice, "settle-reason": "Mein Satz"}
        page = staff_client.post(page_of("closure"), sent)
        assert chosen(page) == expected
        assert page.context["form"]["reason"].value() == "Mein Satz"
    assert not Closure.objects.exists()


def test_with_the_proposals_what_has_none_is_revoked(house, room, staff_client):
    make_booking([room], berlin(DAY, "12:30"), berlin(DAY, "13:30"))
    # Too long for any other day.
    make_booking([room], berlin(DAY, "14:00"), berlin(DAY + timedelta(days=1), "13:00"))
    page = staff_client.post(page_of("closure"), closure_form(house, room))
    proposal = chosen(page)[0]
    assert (chosen(page), "/" in proposal) == ([proposal, None], True)
    assert "Vorschläge übernehmen, die anderen widerrufen" in page.content.decode()
    page = staff_client.post(page_of("closure"), decide(page) | {"settle-all": "proposed"})
    assert chosen(page) == [proposal, "revoke"]


def fields(page):
    return [page.context["form"].field_of(hit) for hit in page.context["hits"]]


def chosen(page):
    return [field.value() for field in fields(page)]


def test_somebody_booked_in_the_meantime(house, room, staff_client):
    make_booking([room], berlin(DAY, "12:30"), berlin(DAY, "13:30"), title="seen")
    page = staff_client.post(page_of("closure"), closure_form(house, room))
    make_booking([room], berlin(DAY, "14:00"), title="new")
    response = staff_client.post(page_of("closure"), decide(page))
    assert (response.status_code, asked(response)) == (409, ["seen", "new"])
    content = response.content.decode()
    assert "Inzwischen hat sich etwas geändert" in content
    # What was chosen stays; the new date has to be chosen for.
    assert chosen(response) == ["revoke", None]
    assert not Closure.objects.exists()
    assert set(Slot.objects.values_list("status", flat=True)) == {"approved"}


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "burn",
        "1/2",
        "1/9/5",
        "1/99999999999999/5",
        "1/999999999999/999999999999",
        "999999999999999999/1808200000/1808203600",
        "{room}/1808203600/1808200000",
        "{room}-{room}/1808200000/1808203600",
        "{foreign}/1808200000/1808203600",
    ],
)
def test_a_forged_choice_changes_nothing(house, room, staff_client, forged):
    foreign = make_room(make_house())
    make_booking([room], berlin(DAY, "15:00"))
    page = staff_client.post(page_of("closure"), closure_form(house, room))
    (field,) = fields(page)
    sent = decide(page) | {field.html_name: forged.format(room=room.pk, foreign=foreign.pk)}
    response = staff_client.post(page_of("closure"), sent)
    assert response.status_code in {400, 409}
    assert response.context["refusal"]
    assert not Closure.objects.exists()
    assert not Message.objects.exists()
    assert Slot.objects.get().status == "approved"


def test_a_reason_is_asked_for_where_it_belongs(house, room, staff_client):
    make_booking([room], berlin(DAY, "15:00"))
    page = staff_client.post(page_of("closure"), closure_form(house, room))
    response = staff_client.post(page_of("closure"), decide(page, reason=" "))
    assert response.status_code == 400
    assert list(response.context["form"].errors) == ["reason"]
    response = staff_client.post(page_of("closure"), decide(page, reason="x" * 501))
    assert "höchstens 500 Zeichen" in response.content.decode()
    assert not Closure.objects.exists()


def test_people_without_an_address_are_to_be_called(house, room, staff_client):
    booking = make_booking(
        [room], berlin(DAY, "15:00"), contact_email="", contact_phone="02272 1234", contact_name="Herr Muster"
    )
    page = staff_client.post(page_of("closure"), closure_form(house, room))
    line = f"Herr Muster, 02272 1234 ({booking.reference})"
    assert line in " ".join(strip_tags(page.content.decode()).split())
    response = staff_client.post(page_of("closure"), decide(page))
    assert f"Ohne E-Mail-Adresse. Bitte anrufen: {line}." in notices(response)
    assert not Message.objects.exists()


def test_titles_cannot_carry_markup(house, room, staff_client):
    make_booking([room], berlin(DAY, "15:00"), title="<b>x</b>", contact_name="<i>y</i>", contact_email="")
    page = staff_client.post(page_of("closure"), closure_form(house, room, reason="<u>z</u>"))
    content = page.content.decode()
    for forbidden in ("<b>x", "<i>y", "<u>z"):
        assert forbidden not in content


def test_the_page_costs_the_same_number_of_queries(house, room, staff_client, django_assert_num_queries):
    for number in range(2):
        make_booking([room], berlin(DAY, f"{12 + number}:15"), berlin(DAY, f"{12 + number}:45"))
    staff_client.post(page_of("closure"), closure_form(house, room))
    with django_assert_num_queries(38):
        staff_client.post(page_of("closure"), closure_form(house, room))
    for number in range(6):
        make_booking([room], berlin(DAY, f"{14}:{number}0"), berlin(DAY, f"14:{number}9"))
    with django_assert_num_queries(38):
        page = staff_client.post(page_of("closure"), closure_form(house, room))
    assert len(asked(page)) == 8


@pytest.mark.parametrize("who", ["visitor", "association"])
def test_only_staff_get_this_far(house, room, who):
    make_booking([room], berlin(DAY, "15:00"))
    client = Client()
    if who == "association":
        client.force_login(make_user())
    response = client.post(page_of("closure"), closure_form(house, room))
    assert response.status_code == 302
    assert "/admin/login/" in response["Location"]
    assert not Closure.objects.exists()
