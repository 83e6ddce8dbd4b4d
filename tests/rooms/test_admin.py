"""The pages on which staff describe the house: what they refuse, and what raises the plan version."""

import re
from datetime import date, time

import pytest
import time_machine
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from rooms.models import (
    Closure,
    Equipment,
    Holiday,
    House,
    HousePage,
    HouseRules,
    OpeningHours,
    Room,
    SeatingLayout,
)
from tests.factories import make_house, make_house_rules, make_room, make_staff, make_user
from tests.rooms.forms import open_form

pytestmark = pytest.mark.django_db

OWN_MODELS = [
    "bookings.association",
    "bookings.booking",
    "hausderbegegnung.user",
    "notifications.failingaddress",
    "notifications.mailtext",
    "notifications.message",
    "rooms.closure",
    "rooms.equipment",
    "rooms.holiday",
    "rooms.house",
    "rooms.housepage",
    "rooms.houserules",
    "rooms.openinghours",
    "rooms.room",
]


@pytest.fixture
def staff_client() -> Client:
    client = Client()
    client.force_login(make_staff())
    return client


def plan_version(house: House) -> int:
    return House.objects.values_list("plan_version", flat=True).get(pk=house.pk)


def errors(response) -> dict[str, list[str]]:
    form = response.context["adminform"].form
    return {field: [error.code for error in found.as_data()] for field, found in form.errors.items()}


def changed(model: str, pk: int) -> str:
    return reverse(f"admin:{model}_change", args=[pk])


# Rules of axe-core that the templates of django-unfold break. A list that may only shrink.
KNOWN_AXE_FINDINGS = {"landmark-unique"}


# Getting in ------------------------------------------------------------------------------------


def test_only_the_tables_of_the_house_are_here():
    assert sorted(model._meta.label_lower for model in admin.site._registry) == OWN_MODELS


def test_visitors_are_sent_to_the_one_login_of_the_house(client):
    response = client.get("/admin/rooms/room/", follow=False)
    assert (response.status_code, response["Location"]) == (302, "/admin/login/?next=/admin/rooms/room/")
    login = client.get(response["Location"])
    assert login["Location"] == f"{reverse('account_login')}?next=/admin/rooms/room/"


def test_people_who_are_not_on_the_staff_get_a_refusal_and_no_loop(client):
    client.force_login(make_user())
    response = client.get("/admin/", follow=True)
    assert response.status_code == 403


@pytest.mark.parametrize("model", OWN_MODELS)
def test_staff_without_further_rights_see_every_list(staff_client, model):
    house = make_house()
    make_room(house)
    make_house_rules(house)
    HousePage.objects.create(house=house, kind="imprint", text="Stadt")
    assert staff_client.get(reverse(f"admin:{model.replace('.', '_')}_changelist")).status_code == 200


@pytest.mark.parametrize("path", ["/admin/", "/admin/rooms/house/", "/admin/rooms/room/add/"])
def test_the_policy_is_relaxed_only_as_needed(staff_client, path):
    policy = staff_client.get(path)["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'self'"
    assert directives["script-src"] == "'self' 'unsafe-eval'"
    assert directives["style-src"] == "'self' 'unsafe-inline'"
    assert directives["img-src"] == "'self' data:"
    assert directives["form-action"] == "'self'"


def test_pages_outside_keep_the_strict_policy(client):
    make_house()
    assert "unsafe" not in client.get("/raeume/")["Content-Security-Policy"]


def test_logging_out_leads_home(staff_client):
    response = staff_client.post("/admin/logout/")
    assert (response.status_code, response["Location"]) == (302, "/")


# House -----------------------------------------------------------------------------------------


def test_a_changed_policy_raises_the_plan_version_and_puts_nothing_back(staff_client):
    house = make_house()
    sent = open_form(staff_client, changed("rooms_house", house.pk))
    House.objects.filter(pk=house.pk).update(plan_version=7)
    assert staff_client.post(changed("rooms_house", house.pk), {**sent, "lead_hours": 48}).status_code == 302
    house.refresh_from_db()
    # Raised by the house itself, and by the holidays it is given.
    assert (house.lead_hours, house.plan_version) == (48, 9)


def test_saving_a_house_unchanged_is_fine(staff_client):
    house = make_house()
    sent = open_form(staff_client, changed("rooms_house", house.pk))
    assert staff_client.post(changed("rooms_house", house.pk), sent).status_code == 302


def test_an_unknown_time_zone_is_refused(staff_client):
    house = make_house()
    sent = open_form(staff_client, changed("rooms_house", house.pk))
    response = staff_client.post(changed("rooms_house", house.pk), {**sent, "time_zone": "Europe/Kaster"})
    assert errors(response) == {"time_zone": ["unknown_zone"]}


@pytest.mark.parametrize(
    ("entered", "days"), [("7, 1", [7, 1]), ("1,14 , 1", [14, 1]), ("", []), (" , ", []), ("60", [60])]
)
def test_the_days_of_reminders_are_a_list(staff_client, entered, days):
    house = make_house()
    sent = open_form(staff_client, changed("rooms_house", house.pk)) | {"reminder_days": entered}
    assert staff_client.post(changed("rooms_house", house.pk), sent).status_code == 302
    house.refresh_from_db()
    assert house.reminders == days


@pytest.mark.parametrize("entered", ["morgen", "7;1", "0", "-1", "61", "7, 1.5"])
def test_days_of_reminders_that_are_none_are_refused(staff_client, entered):
    house = make_house()
    sent = open_form(staff_client, changed("rooms_house", house.pk)) | {"reminder_days": entered}
    assert errors(staff_client.post(changed("rooms_house", house.pk), sent)) == {
        "reminder_days": ["invalid_days"]
    }


# Rooms -----------------------------------------------------------------------------------------


def test_the_only_house_is_filled_in(staff_client):
    house = make_house()
    assert open_form(staff_client, reverse("admin:rooms_room_add"))["house"] == house.pk


def test_a_room_is_made_with_layouts_and_hours_of_its_own(staff_client):
    house = make_house()
    address = reverse("admin:rooms_room_add")
    sent = open_form(staff_client, address) | {
        "name": "Gruppenraum",
        "slug": "gruppenraum",
        "layouts-TOTAL_FORMS": 1,
        "layouts-0-kind": "circle",
        "layouts-0-capacity": 16,
        "opening_hours-TOTAL_FORMS": 1,
        "opening_hours-0-weekday": 0,
        "opening_hours-0-opens_at": "09:00",
        "opening_hours-0-closes_at": "20:00",
    }
    response = staff_client.post(address, sent)
    assert response.status_code == 302, response.context["errors"]
    room = Room.objects.get(slug="gruppenraum")
    assert [(layout.kind, layout.capacity) for layout in room.layouts.all()] == [("circle", 16)]
    hours = room.opening_hours.get()
    assert (hours.house, hours.opens_at) == (house, time(9))


def test_changed_parts_raise_the_plan_version(staff_client):
    house = make_house()
    hall_a, hall_b, hall = (make_room(house, name) for name in ("Saal A", "Saal B", "Saal"))
    version = plan_version(house)
    sent = open_form(staff_client, changed("rooms_room", hall.pk)) | {"parts": [hall_a.pk, hall_b.pk]}
    assert staff_client.post(changed("rooms_room", hall.pk), sent).status_code == 302
    assert set(hall.parts.all()) == {hall_a, hall_b}
    assert plan_version(house) > version


def test_parts_that_break_a_rule_are_refused_where_the_person_looks(staff_client):
    house = make_house()
    hall_a = make_room(house, "Saal A")
    hall = make_room(house, "Saal", parts=[hall_a])
    sent = open_form(staff_client, changed("rooms_room", hall_a.pk)) | {"parts": [hall.pk]}
    response = staff_client.post(changed("rooms_room", hall_a.pk), sent)
    assert errors(response) == {"parts": ["part_is_combination", "room_is_part"]}
    assert list(hall_a.parts.all()) == []


def test_a_room_is_not_offered_as_its_own_part(staff_client):
    room = make_room(make_house())
    sent = open_form(staff_client, changed("rooms_room", room.pk)) | {"parts": [room.pk]}
    assert errors(staff_client.post(changed("rooms_room", room.pk), sent)) == {"parts": ["invalid_choice"]}


def test_a_room_of_another_house_is_not_offered_as_a_part(staff_client):
    room, foreign = make_room(make_house()), make_room(make_house())
    sent = open_form(staff_client, changed("rooms_room", room.pk)) | {"parts": [foreign.pk]}
    assert errors(staff_client.post(changed("rooms_room", room.pk), sent)) == {"parts": ["invalid_choice"]}


def test_a_room_stays_in_its_house(staff_client):
    room, other = make_room(make_house()), make_house()
    sent = open_form(staff_client, changed("rooms_room", room.pk)) | {"house": other.pk}
    staff_client.post(changed("rooms_room", room.pk), sent)
    room.refresh_from_db()
    assert room.house != other


@pytest.mark.parametrize("way", ["one", "several"])
def test_deleting_raises_the_plan_version(staff_client, way):
    house = make_house()
    equipment = Equipment.objects.create(house=house, name="Beamer")
    version = plan_version(house)
    if way == "one":
        staff_client.post(reverse("admin:rooms_equipment_delete", args=[equipment.pk]), {"post": "yes"})
    else:
        sent = {"action": "delete_selected", "_selected_action": [equipment.pk], "post": "yes"}
        staff_client.post(reverse("admin:rooms_equipment_changelist"), sent)
    assert not Equipment.objects.exists()
    assert plan_version(house) > version


@pytest.mark.parametrize("rooms", [1, 5])
def test_the_list_of_rooms_costs_the_same_number_of_queries(staff_client, django_assert_num_queries, rooms):
    house = make_house()
    for number in range(rooms):
        make_room(house, f"Saal {number}", parts=[make_room(house, f"Teil {number}")])
    with django_assert_num_queries(10):
        staff_client.get(reverse("admin:rooms_room_changelist"))


# Hours, closures, texts ------------------------------------------------------------------------


def test_hours_that_close_before_they_open_are_refused(staff_client):
    house = make_house()
    address = reverse("admin:rooms_openinghours_add")
    sent = {"house": house.pk, "weekday": 0, "opens_at": "18:00", "closes_at": "09:00"}
    response = staff_client.post(address, sent)
    assert response.status_code == 200
    assert len(response.context["adminform"].form.non_field_errors()) == 1


def test_hours_until_midnight_are_fine(staff_client):
    house = make_house()
    OpeningHours.objects.all().delete()
    sent = {
        "house": house.pk,
        "weekday": 5,
        "opens_at": "18:00",
        "closes_at": "00:00",
        "valid_from": "01.04.2027",
    }
    assert staff_client.post(reverse("admin:rooms_openinghours_add"), sent).status_code == 302
    assert OpeningHours.objects.get().valid_from == date(2027, 4, 1)


def test_a_closure_is_entered_in_local_time(staff_client):
    house = make_house()
    room = make_room(house)
    version = plan_version(house)
    sent = {
        "house": house.pk,
        "reason": "Grundreinigung",
        "starts_at_0": "06.05.2027",
        "starts_at_1": "00:00",
        "ends_at_0": "07.05.2027",
        "ends_at_1": "00:00",
        "rooms": [room.pk],
        "origin": "manual",
    }
    response = staff_client.post(reverse("admin:rooms_closure_add"), sent)
    assert response.status_code == 302, response.context["errors"]
    closure = Closure.objects.get()
    assert closure.starts_at.isoformat() == "2027-05-05T22:00:00+00:00"
    assert list(closure.rooms.all()) == [room]
    assert plan_version(house) > version


def test_a_movable_day_off_school_is_entered_and_raises_the_plan_version(staff_client):
    house = make_house()
    before = plan_version(house)
    sent = open_form(staff_client, reverse("admin:rooms_holiday_add")) | {
        "house": house.pk,
        "kind": "school",
        "name": "Beweglicher Ferientag",
        "first_date": "07.05.2027",
        "last_date": "07.05.2027",
    }
    response = staff_client.post(reverse("admin:rooms_holiday_add"), sent)
    assert response.status_code == 302, response.context["errors"]
    holiday = Holiday.objects.get()
    assert (holiday.house, holiday.kind, holiday.first_date, holiday.last_date) == (
        house,
        "school",
        date(2027, 5, 7),
        date(2027, 5, 7),
    )
    assert plan_version(house) > before


def test_a_new_house_knows_its_holidays_and_staff_see_how_far(staff_client):
    house = make_house(name="Unser Haus")
    sent = open_form(staff_client, changed("rooms_house", house.pk))
    with time_machine.travel("2026-11-23T12:00:00+01:00", tick=False):
        before = staff_client.get(reverse("admin:rooms_holiday_changelist"))
        staff_client.post(changed("rooms_house", house.pk), sent)
        after = staff_client.get(reverse("admin:rooms_holiday_changelist"))
        House.objects.filter(pk=house.pk).update(horizon_days=2000)
        short = staff_client.get(reverse("admin:rooms_holiday_changelist"))
    sentence = (
        "Unser Haus: Feiertage sind bis So.,\xa031.12.2028 hinterlegt, Schulferien bis So.,\xa031.12.2028."
    )
    (unknown,) = before.context["messages"]
    assert (unknown.level_tag, unknown.message.split(".")[0]) == (
        "warning",
        "Unser Haus: Für diese Region sind keine Feiertage und Ferien hinterlegt",
    )
    assert (sentence, "info") in [
        (message.message, message.level_tag) for message in after.context["messages"]
    ]
    assert [(message.message, message.level_tag) for message in short.context["messages"]] == [
        (sentence, "warning")
    ]


def test_a_room_says_whether_it_follows_the_house_on_holidays(staff_client):
    room = make_room(make_house())
    sent = open_form(staff_client, changed("rooms_room", room.pk))
    for chosen, stored in [("True", True), ("False", False), ("", None)]:
        response = staff_client.post(
            changed("rooms_room", room.pk), {**sent, "closed_on_public_holidays": chosen}
        )
        assert response.status_code == 302
        room.refresh_from_db()
        assert room.closed_on_public_holidays is stored


def test_a_holiday_does_not_end_before_it_starts(staff_client):
    house = make_house()
    sent = open_form(staff_client, reverse("admin:rooms_holiday_add")) | {
        "house": house.pk,
        "kind": "school",
        "name": "Osterferien",
        "first_date": "03.04.2027",
        "last_date": "22.03.2027",
    }
    assert staff_client.post(reverse("admin:rooms_holiday_add"), sent).status_code == 200
    assert Holiday.objects.count() == 0


def test_a_closure_takes_only_rooms_of_its_house(staff_client):
    house, foreign = make_house(), make_room(make_house())
    sent = {
        "house": house.pk,
        "reason": "Grundreinigung",
        "starts_at_0": "06.05.2027",
        "starts_at_1": "00:00",
        "ends_at_0": "07.05.2027",
        "ends_at_1": "00:00",
        "rooms": [foreign.pk],
        "origin": "manual",
    }
    response = staff_client.post(reverse("admin:rooms_closure_add"), sent)
    assert errors(response) == {"rooms": ["other_house"]}


def test_house_rules_that_nobody_accepted_can_be_changed(staff_client):
    rules = make_house_rules(make_house())
    sent = open_form(staff_client, changed("rooms_houserules", rules.pk)) | {"text": "Besenrein verlassen."}
    staff_client.post(changed("rooms_houserules", rules.pk), sent)
    assert HouseRules.objects.get().text == "Besenrein verlassen."


# In the browser --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_pages_work_in_the_browser_from_our_own_origin_alone(
    page, live_server, staff_client, axe_findings
):
    """That the policy of content is kept and nobody else is asked is watched by the fixture."""
    house = make_house()
    room = make_room(house, "Saal", parts=[make_room(house, "Saal A"), make_room(house, "Saal B")])
    session = staff_client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])
    broken = set()
    for path in [
        "/admin/",
        *[reverse(f"admin:{model.replace('.', '_')}_changelist") for model in OWN_MODELS],
        changed("rooms_house", house.pk),
        reverse("admin:rooms_closure_add"),
        reverse("admin:bookings_association_add"),
        changed("rooms_room", room.pk),
    ]:
        page.goto(path)
        broken |= {finding.split(":")[0] for finding in axe_findings(page)}
    assert broken == KNOWN_AXE_FINDINGS

    page.emulate_media(color_scheme="dark")
    for path in [reverse("admin:notifications_mailtext_changelist"), changed("rooms_room", room.pk)]:
        page.goto(path)
        assert {finding.split(":")[0] for finding in axe_findings(page)} <= KNOWN_AXE_FINDINGS

    page.locator("a", has_text=str(SeatingLayout._meta.verbose_name_plural)).first.click()
    page.locator("#id_layouts-0-capacity").fill("35")
    page.locator("button[name=_save]").click()
    page.wait_for_url(re.compile(r"/admin/rooms/room/(#\w+)?$"))
    assert room.layouts.order_by("pk").first().capacity == 35
