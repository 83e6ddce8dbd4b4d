"""The page on which staff decide: every verb, what it refuses, and who may use it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from django.utils.html import strip_tags

from bookings.enums import BookingStatus, SlotStatus, Verb
from bookings.models import Booking, Transition
from bookings.services import reject_booking
from rooms.models import House, Room
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_booking,
    make_room,
    make_staff,
    make_user,
)
from tests.hausderbegegnung.web.bookings import page_of, queries

EXCEPTION = {"decide-override": "on", "decide-override_reason": "Absprache"}


@pytest.fixture
def pending(room: Room) -> Booking:
    return make_booking([room], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED)


@pytest.fixture
def approved(room: Room) -> Booking:
    return make_booking([room], berlin(DAY, "16:00"))


def approval(booking: Booking, **values: str) -> dict[str, str]:
    return {"decide-version": str(booking.version), "decide-note": "", **values}


def last_line() -> Transition:
    return Transition.objects.order_by("pk").last()


# Who may ---------------------------------------------------------------------------------------

ACTIONS = {
    "genehmigen": {"decide-note": ""},
    "ablehnen": {"decide-reason": "Belegt"},
    "entscheiden": {"decide-note": ""},
    "widerrufen": {"back-reason": "Eigenbedarf"},
    "stornieren": {"back-reason": ""},
}


def test_only_staff_decide(client: Client, pending: Booking, now: object) -> None:
    owner = make_user()
    Booking.objects.update(applicant=owner)
    for person in [owner, make_user(), make_user(is_caretaker=True)]:
        client.force_login(person)
        for path in ["/eingang/", "/eingang/alle/", page_of(pending)]:
            assert client.get(path).status_code == 403
        for action, values in ACTIONS.items():
            assert client.post(page_of(pending, action), values).status_code == 403
    pending.refresh_from_db()
    assert (pending.status, Transition.objects.count()) == (BookingStatus.REQUESTED, 1)


def test_visitors_log_in_first(client: Client, pending: Booking) -> None:
    for path in ["/eingang/", "/eingang/alle/", page_of(pending)]:
        assert client.get(path).status_code == 302
    for action, values in ACTIONS.items():
        assert client.post(page_of(pending, action), values).status_code == 302
    assert Transition.objects.count() == 1


def test_deciding_needs_a_post_and_the_token_of_the_form(as_staff: Client, pending: Booking) -> None:
    for action in ACTIONS:
        opened = as_staff.get(page_of(pending, action))
        assert (opened.status_code, opened.headers.get("Location")) == (302, f"/eingang/{pending.reference}/")
    assert Transition.objects.count() == 1
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_staff())
    assert strict.post(page_of(pending, "genehmigen"), approval(pending)).status_code == 403


def test_an_unknown_reference_is_not_found(as_staff: Client, house: House) -> None:
    assert as_staff.get("/eingang/HdB-2027-9999/").status_code == 404
    assert as_staff.post("/eingang/HdB-2027-9999/genehmigen/", {}).status_code == 404


# The page ---------------------------------------------------------------------------------------


def test_the_page_shows_rivals_side_by_side_in_the_order_they_arrived(
    as_staff: Client, pending: Booking, room: Room
) -> None:
    rival = make_booking(
        [room],
        berlin(DAY, "17:00"),
        status=SlotStatus.REQUESTED,
        now=NOW + timedelta(seconds=7),
        title="Chorprobe",
        visibility="hidden",
    )
    response = as_staff.get(page_of(pending))
    assert [(one.slot.booking, one.asked_at - NOW) for one in response.context["compared"]] == [
        (pending, timedelta()),
        (rival, timedelta(seconds=7)),
    ]
    page = response.content.decode()
    assert [text in page for text in ["10:00\xa0Uhr", "10:00:07", "Chorprobe", rival.reference]] == [
        True,
        False,
        True,
        True,
    ]


def test_the_page_draws_the_day_of_the_parts(as_staff: Client, house: House, room: Room) -> None:
    other = make_room(house, "Saal B")
    hall = make_room(house, "Saal (A + B)", parts=[room, other])
    booking = make_booking([hall], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED, setup_minutes=30)
    make_booking([other], berlin(DAY, "10:00"), berlin(DAY, "12:00"))
    [day] = as_staff.get(page_of(booking)).context["days"]
    slot, chart = day.slot, day.chart
    assert slot == booking.slots.get()
    assert (chart.width, chart.hours[0]) == (14 * 60, (0, "08"))
    assert {row.name: [(bar.kind, bar.x, bar.width) for bar in row.bars] for row in chart.rows} == {
        "Saal A": [("own-gross", 450, 150), ("own", 480, 120)],
        "Saal B": [
            ("approved-gross", 120, 120),
            ("approved", 120, 120),
            ("own-gross", 450, 150),
            ("own", 480, 120),
        ],
    }


def test_a_night_is_drawn_to_its_end(as_staff: Client, room: Room) -> None:
    booking = make_booking(
        [room], berlin(DAY, "20:00"), berlin(DAY + timedelta(days=1), "02:00"), status=SlotStatus.REQUESTED
    )
    [day] = as_staff.get(page_of(booking)).context["days"]
    assert day.chart.width == 18 * 60
    assert next((bar.kind, bar.x, bar.width) for bar in day.chart.rows[0].bars) == ("closed", 14 * 60, 4 * 60)


def test_the_number_of_queries_does_not_depend_on_the_rivals(
    as_staff: Client, pending: Booking, room: Room
) -> None:
    make_booking([room], berlin(DAY, "17:00"), status=SlotStatus.REQUESTED)
    with_one = queries(as_staff, page_of(pending))
    for _ in range(8):
        make_booking([room], berlin(DAY, "17:00"), status=SlotStatus.REQUESTED)
    assert queries(as_staff, page_of(pending)) == with_one


# The answers ------------------------------------------------------------------------------------


def bar(response) -> list[str]:
    """The answers at the lower edge, by their words."""
    _before, after = response.content.decode().split('<div class="action-bar"')
    words = re.findall(r"<(?:a|button) class.*?</(?:a|button)>", after.split("</div>")[0], re.DOTALL)
    return [" ".join(strip_tags(word).split()) for word in words]


@pytest.mark.parametrize(
    ("starts", "setup", "taken", "words"),
    [
        ("16:00", 0, None, ["Genehmigen", "Ablehnen"]),
        ("21:00", 0, None, ["Trotzdem genehmigen", "Ablehnen"]),
        ("16:00", 0, ("17:00", 0), ["Termin verschieben", "Ablehnen"]),
        ("16:00", 60, ("13:30", 0), ["Genehmigen", "Ablehnen"]),
        ("16:00", 0, ("18:00", 30), ["Termin verschieben", "Ablehnen"]),
    ],
)
def test_the_main_answer_is_one_that_can_succeed(
    as_staff: Client, room: Room, starts: str, setup: int, taken: tuple[str, int] | None, words: list[str]
) -> None:
    booking = make_booking(
        [room], berlin(DAY, starts), status=SlotStatus.REQUESTED, setup_minutes=setup, teardown_minutes=15
    )
    if taken:
        make_booking([room], berlin(DAY, taken[0]), setup_minutes=taken[1])
    page = as_staff.get(page_of(booking))
    assert bar(page) == words
    if "enehmigen" in words[0]:
        form = page.context["decide_form"]
        sent = {form[name].html_name: form[name].value() for name in form.fields if form[name].value()}
        exception = EXCEPTION if words[0].startswith("Trotzdem") else {}
        assert as_staff.post(page_of(booking, "genehmigen"), sent | exception).status_code == 302


def test_what_is_free_instead_is_offered_and_named_in_the_refusal(as_staff: Client, house: House) -> None:
    terrace = make_room(house, "Terrasse")
    hall = make_room(house, "Saal B")
    make_booking([terrace], berlin(DAY, "17:30"), title="Chorprobe")
    booking = make_booking([terrace], berlin(DAY, "16:00"), status=SlotStatus.REQUESTED, language="en")
    page = as_staff.get(page_of(booking))
    ways = page.context["single"].ways
    assert [(way.label, way.rooms, way.starts_at) for way in ways] == [
        ("anderer Raum", hall.name, berlin(DAY, "16:00")),
        ("andere Zeit", terrace.name, berlin(DAY, "15:30")),
        ("anderer Tag", terrace.name, berlin(DAY - timedelta(days=1), "16:00")),
    ]
    assert page.context["decide_form"]["reason"].value() == (
        "Unfortunately this is not possible as you wished it. Possible would be: "
        "Tue 20 Apr 2027, 16:00–18:00, Saal B; Tue 20 Apr 2027, 15:30–17:30, Terrasse; "
        "Mon 19 Apr 2027, 16:00–18:00, Terrasse."
    )
    slot = booking.slots.get()
    filled = as_staff.post(page_of(booking, f"termin/{slot.uid}/verschieben"), {"use": ways[0].token})
    assert (filled.status_code, filled.context["form"]["rooms"].value()) == (200, [hall.slug])


# Approving --------------------------------------------------------------------------------------


def test_approving_says_so_and_leads_back_to_the_inbox(as_staff: Client, pending: Booking) -> None:
    response = as_staff.post(
        page_of(pending, "genehmigen"), approval(pending, **{"decide-note": "Schlüssel im Büro."})
    )
    assert response["Location"] == "/eingang/"
    pending.refresh_from_db()
    assert (pending.status, last_line().note, last_line().actor_kind) == (
        BookingStatus.APPROVED,
        "Schlüssel im Büro.",
        "staff",
    )
    assert [message.level_tag for message in get_messages(response.wsgi_request)] == ["success"]


def test_buffers_are_shortened_at_approval(as_staff: Client, room: Room) -> None:
    make_booking([room], berlin(DAY, "14:00"), berlin(DAY, "16:00"))
    booking = make_booking(
        [room],
        berlin(DAY, "16:30"),
        berlin(DAY, "18:00"),
        status=SlotStatus.REQUESTED,
        setup_minutes=60,
        teardown_minutes=15,
    )
    slot = booking.slots.get()
    refused = as_staff.post(page_of(booking, "genehmigen"), approval(booking))
    assert (refused.status_code, refused.context["refusal"].code) == (409, "buffer_clash")
    assert str(refused.context["refusal"]) in refused.content.decode()
    values = approval(booking, **{f"decide-setup_{slot.pk}": "30", f"decide-teardown_{slot.pk}": ""})
    assert as_staff.post(page_of(booking, "genehmigen"), values).status_code == 302
    slot.refresh_from_db()
    assert (slot.gross_starts_at, slot.gross_ends_at) == (berlin(DAY, "16:00"), berlin(DAY, "18:15"))


def test_a_negative_buffer_is_told_beside_its_field(as_staff: Client, pending: Booking) -> None:
    slot = pending.slots.get()
    values = approval(pending, **{f"decide-setup_{slot.pk}": "-5", "decide-note": "Hallo"})
    response = as_staff.post(page_of(pending, "genehmigen"), values)
    form = response.context["decide_form"]
    assert (response.status_code, list(form.errors), form["note"].value()) == (
        400,
        [f"setup_{slot.pk}"],
        "Hallo",
    )


def test_a_rule_is_overridden_only_when_it_is_said_so(as_staff: Client, room: Room) -> None:
    booking = make_booking([room], berlin(DAY, "21:00"), berlin(DAY, "23:00"), status=SlotStatus.REQUESTED)
    assert "decide-override" in as_staff.get(page_of(booking)).content.decode()
    refused = as_staff.post(page_of(booking, "genehmigen"), approval(booking, **{"decide-note": "Gern"}))
    assert (refused.status_code, [reason.code for reason in refused.context["refusal"].reasons]) == (
        400,
        ["outside_hours"],
    )
    assert refused.context["decide_form"]["note"].value() == "Gern"
    assert "„Trotzdem genehmigen“" in refused.content.decode()
    as_staff.post(
        page_of(booking, "genehmigen"),
        approval(booking, **EXCEPTION),
    )
    booking.refresh_from_db()
    assert booking.status == BookingStatus.APPROVED


def test_an_exception_without_a_reason_is_refused_beside_its_field(as_staff: Client, room: Room) -> None:
    booking = make_booking([room], berlin(DAY, "21:00"), berlin(DAY, "23:00"), status=SlotStatus.REQUESTED)
    values = approval(booking, **{"decide-override": "on", "decide-note": "Gern"})
    refused = as_staff.post(page_of(booking, "genehmigen"), values)
    form = refused.context["decide_form"]
    assert (refused.status_code, list(form.errors)) == (400, ["override_reason"])
    assert form["note"].value() == "Gern"
    assert "Bitte sagen Sie, warum eine Ausnahme gemacht wird." in refused.content.decode()
    as_staff.post(page_of(booking, "genehmigen"), {**values, "decide-override_reason": "Der Rat tagt."})
    shown = as_staff.get(page_of(booking)).content.decode()
    assert "Ausnahme von: Öffnungszeiten – Begründung: Der Rat tagt." in shown


def test_a_clash_stays_refused_and_names_it(as_staff: Client, pending: Booking, room: Room) -> None:
    make_booking([room], berlin(DAY, "17:00"), title="Chorprobe")
    response = as_staff.post(
        page_of(pending, "genehmigen"),
        approval(pending, **EXCEPTION),
    )
    assert (response.status_code, response.context["refusal"].code) == (409, "clash")
    assert "Chorprobe" in response.content.decode()
    pending.refresh_from_db()
    assert pending.status == BookingStatus.REQUESTED


def test_a_stale_page_is_refused_with_a_fresh_view(as_staff: Client, pending: Booking) -> None:
    values = approval(pending)
    reject_booking(booking_id=pending.pk, actor=make_staff(), now=NOW, reason="Kein Platz")
    response = as_staff.post(page_of(pending, "genehmigen"), values)
    assert (response.status_code, response.context["refusal"].code) == (409, "stale")
    assert response.context["booking"].status == BookingStatus.REJECTED
    page = response.content.decode()
    assert str(response.context["refusal"]) in page
    assert "Kein Platz" in page
    assert "decide_form" not in response.context


def test_the_second_click_is_told_that_it_is_decided(as_staff: Client, pending: Booking) -> None:
    answers = [as_staff.post(page_of(pending, "genehmigen"), {"decide-note": ""}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 409]
    assert Transition.objects.filter(verb=Verb.APPROVE).count() == 1


def test_approving_a_change_cancels_the_old_date(as_staff: Client, approved: Booking, room: Room) -> None:
    change = make_booking([room], berlin(DAY, "17:00"), status=SlotStatus.REQUESTED)
    Booking.objects.filter(pk=change.pk).update(replaces=approved)
    change.replaced_slots.set(approved.slots.all())
    assert as_staff.post(page_of(change, "genehmigen"), approval(change)).status_code == 302
    approved.refresh_from_db()
    assert approved.status == BookingStatus.CANCELLED


# Rejecting, revoking, cancelling ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "name", "status", "result", "target"),
    [
        ("ablehnen", "decide", SlotStatus.REQUESTED, BookingStatus.REJECTED, "/eingang/"),
        ("widerrufen", "back", SlotStatus.APPROVED, BookingStatus.REVOKED, ""),
    ],
)
def test_a_reason_is_required_and_told(
    as_staff: Client, room: Room, action: str, name: str, status: str, result: str, target: str
) -> None:
    booking = make_booking([room], berlin(DAY, "16:00"), status=status)
    empty = as_staff.post(page_of(booking, action), {f"{name}-reason": "  ", f"{name}-version": "1"})
    form = empty.context[f"{name}_form"]
    assert (empty.status_code, list(form.errors)) == (400, ["reason"])
    assert form.errors["reason"][0] in empty.content.decode()
    response = as_staff.post(
        page_of(booking, action), {f"{name}-reason": "Wasserschaden", f"{name}-version": "1"}
    )
    assert response["Location"] == (target or page_of(booking))
    booking.refresh_from_db()
    assert (booking.status, last_line().note, booking.slots.get().reason) == (
        result,
        "Wasserschaden",
        "Wasserschaden",
    )


def test_staff_cancel_for_somebody_on_the_phone(as_staff: Client, approved: Booking) -> None:
    sent = {"back-reason": "Angerufen", "back-version": "1"}
    asked = as_staff.post(page_of(approved, "stornieren"), sent)
    approved.refresh_from_db()
    assert (asked.status_code, approved.status) == (200, BookingStatus.APPROVED)
    assert dict(asked.context["sent"]) == sent
    response = as_staff.post(page_of(approved, "stornieren"), {**sent, "sure": "1"})
    assert response["Location"] == page_of(approved)
    approved.refresh_from_db()
    assert (approved.status, last_line().actor_kind) == (BookingStatus.CANCELLED, "staff")


def test_what_is_over_is_not_taken_back(client: Client, approved: Booking) -> None:
    with time_machine.travel(berlin(DAY, "20:00"), tick=False):
        client.force_login(make_staff())
        context = client.get(page_of(approved)).context
    assert ("back_form" in context, "decide_form" in context) == (False, False)


@pytest.mark.parametrize(
    ("phone", "sentence"),
    [
        ("02272 000-031", "Es gibt keine E-Mail-Adresse: Bitte rufen Sie Maria Beispiel an, 02272 000-031."),
        ("", "Es gibt weder E-Mail-Adresse noch Telefonnummer: Bitte sagen Sie Maria Beispiel Bescheid."),
    ],
)
def test_staff_are_told_whom_to_tell_where_there_is_no_address(
    as_staff: Client, room: Room, phone: str, sentence: str
) -> None:
    booking = make_booking(
        [room],
        berlin(DAY, "16:00"),
        status=SlotStatus.REQUESTED,
        contact_name="Maria Beispiel",
        contact_email="",
        contact_phone=phone,
    )
    response = as_staff.post(page_of(booking, "genehmigen"), approval(booking), follow=True)
    assert str(next(iter(response.context["messages"]))) == f"{booking.reference} ist genehmigt. {sentence}"
