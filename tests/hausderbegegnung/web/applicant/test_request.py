"""The request form: what it sends, what it says to wrong input, and what it keeps."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.access.tokens import status_path
from bookings.enums import AssociationKind, BookingStatus, Visibility
from bookings.models import Association, Booking
from hausderbegegnung.models import User
from hausderbegegnung.web.applicant.forms.wish import WishForm
from rooms.enums import Layout
from rooms.models import Closure, Equipment, House, Room
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_association,
    make_booking,
    make_form_values,
    make_house_rules,
    make_room,
)
from tests.hausderbegegnung.web.applicant.requests import URL, errors_of

# Who may ask ----------------------------------------------------------------------------------


def test_a_visitor_logs_in_first_and_keeps_the_wish(client: Client, house: House) -> None:
    response = client.get(f"{URL}?raum=saal&datum=2027-04-20&von=16:00&bis=18:00")
    assert response.status_code == 302
    assert response["Location"] == (
        f"{reverse('account_login')}?next=/anfrage/%3Fraum%3Dsaal%26datum%3D2027-04-20%26von%3D16%3A00%26bis%3D18%3A00"
    )


def test_the_wish_in_the_address_fills_the_form_and_is_checked(
    as_applicant: Client, house: House, room: Room
) -> None:
    other = make_room(house, "Saal B")
    response = as_applicant.get(
        f"{URL}?raum={room.slug}&raum={other.slug}&datum=2027-04-20&von=16:00&bis=24:00&personen=12&bestuhlung=rows"
    )
    form = response.context["form"]
    assert {name: form[name].value() for name in ["rooms", "day", "starts", "ends", "persons", "layout"]} == {
        "rooms": [room.slug, other.slug],
        "day": "20.04.2027",
        "starts": "16:00",
        "ends": "24:00",
        "persons": "12",
        "layout": "rows",
    }
    assert [reason.code for reason in response.context["check"].broken] == ["outside_hours"]


@pytest.mark.parametrize("number", [1, 12])
def test_the_form_knows_rooms_and_equipment_without_looking_them_up(
    as_applicant: Client, house: House, number: int, django_capture_on_commit_callbacks: Any
) -> None:
    for index in range(number):
        make_room(house, f"Raum {index}")
        Equipment.objects.create(house=house, name=f"Tafel {index}")
    with django_capture_on_commit_callbacks(execute=True):
        page = as_applicant.get(URL).content.decode()
    assert (page.count('name="rooms"'), page.count('name="equipment"')) == (number, number)
    with CaptureQueriesContext(connection) as captured:
        as_applicant.get(URL)
    assert not any(re.search("rooms_(room|equipment|seating)", query["sql"]) for query in captured)


def test_nonsense_in_the_address_is_shown_as_it_is(as_applicant: Client, room: Room) -> None:
    response = as_applicant.get(f"{URL}?raum=keller&datum=gestern&von=nie&personen=viele&bestuhlung=quer")
    assert response.status_code == 200
    assert response.context["form"]["day"].value() == "gestern"


def test_contact_comes_from_the_profile_and_the_own_associations_are_offered(
    as_applicant: Client, applicant: User, room: Room
) -> None:
    own = make_association(applicant, name="Nachbarschaftshilfe")
    make_association(name="Fremder Verein")
    form = as_applicant.get(URL).context["form"]
    assert (form["contact_name"].value(), form["contact_phone"].value()) == ("Maria Beispiel", "02272 1234")
    assert [key for key, _label in form.fields["association"].choices] == [str(own.pk), "myself", "new"]
    assert form["association"].value() == str(own.pk)


# Sending --------------------------------------------------------------------------------------


def test_sending_makes_one_request_and_leads_to_its_status_page(
    as_applicant: Client, applicant: User, house: House, room: Room
) -> None:
    rules = make_house_rules(house)
    values = make_form_values(
        [room],
        layout=Layout.ROWS,
        purpose="Wir planen das Sommerfest.",
        house_rules=str(rules.pk),
        accept_rules="on",
        setup_minutes="30",
    )
    response = as_applicant.post(URL, values)
    booking = Booking.objects.get()
    assert (response.status_code, response["Location"]) == (302, status_path(booking))
    slot = booking.slots.get()
    assert {
        "status": booking.status,
        "applicant": booking.applicant,
        "association": (booking.association.name, booking.association.kind),
        "contact": (booking.contact_name, booking.contact_email),
        "rules": booking.house_rules,
        "received": booking.received_at,
        "visibility": booking.visibility,
        "net": (slot.starts_at, slot.ends_at),
        "gross": (slot.gross_starts_at, slot.gross_ends_at),
        "rooms": list(slot.rooms.all()),
    } == {
        "status": BookingStatus.REQUESTED,
        "applicant": applicant,
        "association": ("Kita Regenbogenwiese", AssociationKind.SCHOOL),
        "contact": ("Maria Beispiel", applicant.email),
        "rules": rules,
        "received": NOW,
        "visibility": Visibility.PUBLIC,
        "net": (berlin(DAY, "16:00"), berlin(DAY, "18:00")),
        "gross": (berlin(DAY, "15:30"), berlin(DAY, "18:00")),
        "rooms": [room],
    }


def test_somebody_new_types_their_name_once(as_applicant: Client, applicant: User, room: Room) -> None:
    User.objects.update(name="", phone="")
    form = as_applicant.get(URL).context["form"]
    assert (form["association"].value(), form.has_contact) == ("", False)
    values = make_form_values(
        [room], association="myself", association_name="", association_kind="", contact_phone="02272 5678"
    )
    answers = [as_applicant.post(URL, values)["Location"] for _ in range(2)]
    booking = Booking.objects.get()
    assert answers == [status_path(booking)] * 2
    assert (booking.contact_name, booking.association.name, booking.association.kind) == (
        "Maria Beispiel",
        "Maria Beispiel",
        AssociationKind.PRIVATE_PERSON,
    )
    applicant.refresh_from_db()
    assert (applicant.name, applicant.phone) == ("Maria Beispiel", "02272 5678")
    form = as_applicant.get(URL).context["form"]
    assert (form["association"].value(), form.has_contact) == ("myself", True)
    as_applicant.post(URL, make_form_values([room], DAY + timedelta(days=1), association="myself"))
    assert Association.objects.get().bookings.count() == 2


def test_a_name_that_is_known_stays_as_it_is(as_applicant: Client, applicant: User, room: Room) -> None:
    as_applicant.post(URL, make_form_values([room], contact_name="Erika Beispiel"))
    applicant.refresh_from_db()
    assert applicant.name == "Maria Beispiel"


WISH = "?raum=saal-a&datum=2027-04-20&von=16:00&bis=18:00"


@pytest.mark.parametrize(
    ("query", "is_open"),
    [
        (f"{WISH}&personen=12", False),
        (f"{WISH}&personen=12&takt=weekly&anzahl=3", False),
        (WISH, True),
        (f"{WISH}&personen=500", True),
        ("", True),
    ],
    ids=["settled", "series", "without persons", "too many persons", "empty"],
)
def test_where_and_when_stand_in_a_line_once_they_are_settled(
    as_applicant: Client, house: House, query: str, is_open: bool
) -> None:
    make_room(house, "Saal A", slug="saal-a")
    assert as_applicant.get(f"{URL}{query}").context["wish_is_open"] == is_open


def test_a_double_click_makes_one_request(as_applicant: Client, room: Room) -> None:
    values = make_form_values([room])
    answers = [as_applicant.post(URL, values) for _ in range(2)]
    assert Booking.objects.count() == 1
    assert answers[0]["Location"] == answers[1]["Location"]


def test_one_of_the_own_associations_is_taken(as_applicant: Client, applicant: User, room: Room) -> None:
    own = make_association(applicant)
    as_applicant.post(
        URL, make_form_values([room], association=str(own.pk), association_name=None, association_kind=None)
    )
    assert Booking.objects.get().association == own


def test_sensitive_kinds_are_shown_as_occupied_unless_chosen_otherwise(
    as_applicant: Client, room: Room
) -> None:
    as_applicant.post(URL, make_form_values([room], kind="self_help"))
    as_applicant.post(
        URL, make_form_values([room], DAY + timedelta(days=1), kind="self_help", visibility=Visibility.PUBLIC)
    )
    assert list(Booking.objects.order_by("pk").values_list("visibility", flat=True)) == ["busy", "public"]


def test_a_night_over_the_clock_change_lasts_fourteen_hours(as_applicant: Client, house: House) -> None:
    house.opening_hours.update(opens_at="00:00", closes_at="00:00")
    house.max_minutes = 15 * 60
    house.save()
    room = make_room(house)
    as_applicant.post(
        URL,
        make_form_values([room], date(2027, 10, 30), starts="20 Uhr", ends="9", last_day="31.10.2027"),
    )
    assert Booking.objects.get().slots.get().net.duration == timedelta(hours=14)


def test_midnight_may_be_typed_as_24(as_applicant: Client, house: House, room: Room) -> None:
    house.opening_hours.update(closes_at="00:00")
    as_applicant.post(URL, make_form_values([room], ends="24:00"))
    assert Booking.objects.get().slots.get().ends_at == berlin(DAY + timedelta(days=1), "00:00")


def test_days_without_a_year_are_meant_from_the_first_one_on(house: House, room: Room, now: datetime) -> None:
    typed = make_form_values([room], date(2028, 4, 20), last_day="20.04.", repeats="weekly", until="4.5.")
    form = WishForm(typed, house=house)
    form.is_valid()
    assert [form.cleaned_data[name] for name in ("last_day", "until")] == [
        date(2028, 4, 20),
        date(2028, 5, 4),
    ]


# Bad input: one clear sentence where the person looks, and nothing stored -----------------------

BAD_INPUT = {
    "nothing typed": (
        {
            "rooms": None,
            "day": "",
            "starts": "",
            "ends": "",
            "persons": "",
            "title": "",
            "kind": "",
            "contact_name": "",
        },
        {
            "rooms": ["required"],
            "day": ["required"],
            "starts": ["required"],
            "ends": ["required"],
            "persons": ["required"],
            "title": ["required"],
            "kind": ["required"],
            "contact_name": ["required"],
        },
    ),
    "unknown room": ({"rooms": ["keller"]}, {"rooms": ["invalid_choice"]}),
    "no date": ({"day": "31.02.2027"}, {"day": ["invalid"]}),
    "the last day of all": (
        {"day": "31.12.9999", "ends": "24:00"},
        {"day": ["beyond_horizon"]},
    ),
    "the first day of all": (
        {"day": "01.01.0001"},
        {"day": ["beyond_horizon"]},
    ),
    "long ago": ({"day": "20.04.1024"}, {"day": ["strange_year"]}),
    "no time": ({"starts": "halb vier", "ends": "25:00"}, {"starts": ["invalid"], "ends": ["invalid"]}),
    "no length": ({"starts": "18:00", "ends": "18:00"}, {"ends": ["ends_before_start"]}),
    "end before start on one day": (
        {"starts": "18:00", "ends": "16:00", "last_day": "20.04.2027"},
        {"ends": ["ends_before_start"]},
    ),
    "last day before the first": ({"last_day": "19.04.2027"}, {"ends": ["ends_before_start"]}),
    "longer than a month": ({"last_day": "20.06.2027"}, {"last_day": ["too_long"]}),
    "an hour that the clocks skip": (
        {"day": "28.03.2027", "starts": "02:30", "ends": "12:00"},
        {"starts": ["no_such_time"]},
    ),
    "past date": ({"day": "26.02.2027"}, {"day": ["in_past"]}),
    "too soon": ({"day": "01.03.2027"}, {"day": ["too_soon"]}),
    "beyond the horizon": ({"day": "20.04.2030"}, {"day": ["beyond_horizon"]}),
    "outside opening hours": ({"starts": "21:00", "ends": "23:00"}, {"starts": ["outside_hours"]}),
    "too short": ({"ends": "16:15"}, {"ends": ["too_short"]}),
    "off the grid": ({"starts": "16:10"}, {"starts": ["off_grid"]}),
    "too many persons": ({"persons": "41", "layout": "rows"}, {"persons": ["too_many_persons"]}),
    "nobody comes": ({"persons": "0"}, {"persons": ["min_value"]}),
    "a layout the room lacks": ({"layout": "u_shape"}, {"layout": ["layout_missing"]}),
    "an unknown layout": ({"layout": "quer"}, {"layout": ["invalid_choice"]}),
    "nobody to ask for": ({"association": ""}, {"association": ["required"]}),
    "no group": (
        {"association_name": "", "association_kind": ""},
        {"association_name": ["required"], "association_kind": ["required"]},
    ),
}


@pytest.mark.parametrize(("typed", "codes"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_told_beside_the_field(
    as_applicant: Client, room: Room, typed: dict, codes: dict
) -> None:
    values = make_form_values([room], **typed)
    response = as_applicant.post(URL, values)
    assert response.status_code == 400
    assert errors_of(response) == codes
    form = response.context["form"]
    for name, value in values.items():
        assert form[name].value() == value
    assert Booking.objects.count() == 0
    assert Association.objects.count() == 0


def test_an_end_before_the_start_is_on_the_next_day(as_applicant: Client, house: House, room: Room) -> None:
    house.opening_hours.update(opens_at="00:00", closes_at="00:00")
    values = make_form_values([room], starts="20,00", ends="2", kind="meeting")
    response = as_applicant.post(URL, values)
    assert response.status_code == 302
    slot = Booking.objects.get().slots.get()
    assert (slot.starts_at, slot.ends_at) == (
        berlin(DAY, "20:00"),
        berlin(DAY + timedelta(days=1), "02:00"),
    )


def test_a_closed_day_is_told_with_its_reason(as_applicant: Client, house: House, room: Room) -> None:
    Closure.objects.create(
        house=house,
        starts_at=berlin(DAY, "00:00"),
        ends_at=berlin(DAY + timedelta(days=1), "00:00"),
        reason="Putztag",
    )
    response = as_applicant.post(URL, make_form_values([room]))
    assert errors_of(response) == {"day": ["closed"]}
    assert "Putztag" in response.content.decode()


def test_a_clash_is_a_conflict_with_the_nearest_free_time(as_applicant: Client, room: Room) -> None:
    make_booking([room], berlin(DAY, "15:00"), berlin(DAY, "17:00"), title="Chorprobe")
    response = as_applicant.post(URL, make_form_values([room]))
    assert response.status_code == 409
    assert errors_of(response) == {"starts": ["clash"]}
    assert response.context["check"].nearest_fields == {
        "day": "20.04.2027",
        "starts": "17:00",
        "ends": "19:00",
        "last_day": "",
    }


def test_a_full_house_is_told(as_applicant: Client, house: House, room: Room) -> None:
    make_booking([make_room(house, "Saal B", capacity=200)], berlin(DAY, "16:00"), persons=145)
    response = as_applicant.post(URL, make_form_values([room]))
    assert (response.status_code, errors_of(response)) == (409, {"starts": ["house_full"]})


def test_a_hall_and_its_part_are_not_asked_for_together(
    as_applicant: Client, house: House, room: Room
) -> None:
    hall = make_room(house, "Saal (A + B)", parts=[room])
    response = as_applicant.post(URL, make_form_values([room, hall]))
    assert errors_of(response) == {"rooms": ["overlapping_rooms"]}


def test_somebody_elses_association_is_refused(as_applicant: Client, room: Room) -> None:
    other = make_association(name="Fremder Verein")
    response = as_applicant.post(URL, make_form_values([room], association=str(other.pk)))
    assert errors_of(response) == {"association": ["invalid_choice"]}
    assert "Fremder Verein" not in response.content.decode()


def test_a_blocked_association_is_told_to_call(as_applicant: Client, applicant: User, room: Room) -> None:
    own = make_association(applicant)
    Association.objects.update(is_blocked=True)
    response = as_applicant.post(URL, make_form_values([room], association=str(own.pk)))
    assert (response.status_code, errors_of(response)) == (403, {"association": ["association_blocked"]})


def test_the_house_rules_are_accepted_in_the_version_that_was_shown(
    as_applicant: Client, house: House, room: Room
) -> None:
    old = make_house_rules(house)
    missing = as_applicant.post(URL, make_form_values([room], house_rules=str(old.pk)))
    assert errors_of(missing) == {"accept_rules": ["required"]}
    new = make_house_rules(house, "2027-02")
    values = make_form_values([room], house_rules=str(old.pk), accept_rules="on")
    outdated = as_applicant.post(URL, values)
    assert errors_of(outdated) == {"accept_rules": ["stale"]}
    form = outdated.context["form"]
    assert (form["house_rules"].value(), form["accept_rules"].value()) == (str(new.pk), False)


def test_a_form_that_lost_its_key_is_sent_once_more(as_applicant: Client, room: Room) -> None:
    values = make_form_values([room], submission_key="x")
    refused = as_applicant.post(URL, values)
    assert errors_of(refused) == {"submission_key": ["invalid"]}
    new_key = refused.context["form"]["submission_key"].value()
    assert as_applicant.post(URL, {**values, "submission_key": new_key}).status_code == 302


def test_the_usual_set_up_of_the_chosen_rooms_is_shown(
    as_applicant: Client, house: House, room: Room
) -> None:
    other = make_room(house, "Küche", setup_minutes=45)
    form = as_applicant.get(f"{URL}?raum={room.slug},{other.slug}").context["form"]
    assert (form["setup_minutes"].value(), form.fields["setup_minutes"].widget.attrs["placeholder"]) == (
        None,
        45,
    )


def test_a_house_that_is_not_set_up_is_not_found(as_applicant: Client) -> None:
    assert as_applicant.get(URL).status_code == 404


def test_applicants_tell_their_namesakes_apart(as_applicant: Client, applicant: User, room: Room) -> None:
    first, second = make_association(applicant, name="Chor"), make_association(applicant, name="Chor")
    choices = as_applicant.get(URL).context["form"].fields["association"].choices
    assert [label for _key, label in choices][:2] == [f"Chor (Nr. {first.pk})", f"Chor (Nr. {second.pk})"]
    either = as_applicant.post(URL, make_form_values([room], association="new", association_name="chor"))
    assert errors_of(either) == {"association": ["ambiguous_association"]}
    as_applicant.post(URL, make_form_values([room], association=str(second.pk)))
    assert Booking.objects.get().association == second


def test_applicants_cannot_override(as_applicant: Client, room: Room) -> None:
    as_applicant.post(
        URL,
        make_form_values([room], starts="21:00", ends="23:00", override="on", override_reason="Absprache"),
    )
    assert Booking.objects.count() == 0


# What no browser sends --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "use",
    [
        "9999-12-31T23:59:59-23:00/9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:00/0001-01-01T01:00:00+23:00",
        "9999-12-31T22:00:00+00:00/9999-12-31T23:30:00+00:00",
    ],
)
def test_a_time_at_the_edge_of_the_calendar_is_not_taken_over(
    as_applicant: Client, room: Room, use: str
) -> None:
    response = as_applicant.post(URL, {**make_form_values([room]), "use": use})
    assert (response.status_code, response.context["form"]["day"].value()) == (200, "20.04.2027")


def test_a_number_no_equipment_can_have_is_invalid(as_applicant: Client, room: Room) -> None:
    response = as_applicant.post(URL, make_form_values([room], equipment=[str(2**63)]))
    assert (response.status_code, list(errors_of(response))) == (400, ["equipment"])


def test_an_address_too_long_for_a_mail_is_refused(as_staff: Client, room: Room) -> None:
    too_long = "@".join(["m" * 64, ".".join(["example" * 8] * 4) + ".org"])
    response = as_staff.post(URL, make_form_values([room], contact_email=too_long))
    assert errors_of(response)["contact_email"] == ["max_length"]
