"""The page on which staff answer each date of several, and take approved ones back."""

import re
from datetime import datetime, timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from bookings.enums import BookingStatus, SlotStatus
from bookings.models import Booking, Slot
from bookings.services import approve_booking
from notifications.models import Message
from rooms.models import Closure, Room
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_booking,
    make_booking_on,
    make_change,
    make_staff,
    make_user,
    weekly,
)


@pytest.fixture
def pending(room: Room) -> Booking:
    """Four pending Tuesdays; the second is taken, the third is closed, the fourth has a rival."""
    make_booking([room], berlin(DAY + timedelta(weeks=1), "17:00"), title="Ausschuss")
    closed = DAY + timedelta(weeks=2)
    Closure.objects.create(
        house=room.house, starts_at=berlin(closed, "00:00"), ends_at=berlin(closed, "23:00"), reason="Putztag"
    )
    make_booking([room], berlin(DAY + timedelta(weeks=3), "17:00"), status=SlotStatus.REQUESTED)
    return make_booking_on([room], weekly(DAY, 4), status=SlotStatus.REQUESTED)


@pytest.fixture
def approved(room: Room) -> Booking:
    return make_booking_on([room], weekly(DAY, 4))


def page_of(booking: Booking, action: str = "") -> str:
    return f"/eingang/{booking.reference}/" + (f"{action}/" if action else "")


def slots(booking: Booking) -> list[Slot]:
    return list(booking.slots.order_by("starts_at", "pk"))


def statuses(booking: Booking) -> list[str]:
    return [slot.status for slot in slots(booking)]


def answers(booking: Booking, *given: str, **values: object) -> dict[str, object]:
    """What the form sends: an answer for each date."""
    chosen = {f"decide-answer_{slot.pk}": answer for slot, answer in zip(slots(booking), given, strict=False)}
    return {"decide-version": booking.version, "decide-reason": "", "decide-note": "", **chosen, **values}


def words(response) -> str:
    """What a screen reader says of the page, with simple spaces."""
    seen_only = re.sub(
        r'<span aria-hidden="true">.*?</span></span>|<span aria-hidden="true">.*?</span>',
        "",
        response.content.decode(),
    )
    return " ".join(strip_tags(seen_only).replace("\xa0", " ").split())


def decide(client: Client, booking: Booking, *given: str, action: str = "entscheiden", **values: object):
    return client.post(page_of(booking, action), answers(booking, *given, **values))


# What the page shows ---------------------------------------------------------------------------


def test_what_is_possible_is_to_be_approved_and_the_rest_stays_open(
    as_staff: Client, pending: Booking
) -> None:
    context = as_staff.get(page_of(pending)).context
    form = context["decide_form"]
    assert [answer.chosen for answer in form.answers()] == ["approve", "open", "open", "approve"]
    assert ([len(form.hindered()), len(form.clear())]) == [3, 1]
    assert [day.slot.pk for day in context["days"]] == [slot.pk for slot in slots(pending)[1:]]


def test_the_days_that_are_drawn_show_what_is_on_then(as_staff: Client, pending: Booking) -> None:
    days = as_staff.get(page_of(pending)).context["days"]
    assert [[other.booking.title for other in day.neighbours] for day in days] == [
        ["Ausschuss"],
        [],
        ["Elternabend"],
    ]


@pytest.mark.parametrize(
    ("status", "form", "choice", "verbs"),
    [
        (SlotStatus.REQUESTED, "decide_form", "decide-answer", ["genehmigen", "ablehnen"]),
        (SlotStatus.APPROVED, "back_form", "back-which", ["stornieren", "widerrufen"]),
    ],
)
def test_a_single_date_is_answered_by_the_button_alone(
    as_staff: Client, room: Room, status: str, form: str, choice: str, verbs: list[str]
) -> None:
    booking = make_booking([room], berlin(DAY, "16:00"), status=status)
    response = as_staff.get(page_of(booking))
    page = response.content.decode()
    assert [name in response.context for name in ("decide_form", "back_form")].count(True) == 1
    assert (form in response.context, choice in page) == (True, False)
    assert all(f'action="{page_of(booking, verb)}"' in page for verb in verbs)
    days = [booking.slots.get()]
    assert [day.slot for day in response.context["days"]] == days


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("status", ["requested", "approved"])
def test_the_number_of_queries_does_not_depend_on_the_dates(
    as_staff: Client, room: Room, status: str
) -> None:
    counted = {}
    for number in [2, 52]:
        booking = make_booking_on([room], weekly(DAY, number), status=status)
        if status == "requested":
            rival = make_booking_on([room], weekly(DAY, number), "17:00", "19:00", status="requested")
        counted[number] = queries(as_staff, page_of(booking))
        booking.slots.all().delete()
        if status == "requested":
            rival.slots.all().delete()
    assert counted[2] == counted[52]


def test_very_many_dates_with_obstacles_do_not_make_a_page_of_pictures(as_staff: Client, room: Room) -> None:
    booking = make_booking_on([room], weekly(DAY, 60), status=SlotStatus.REQUESTED)
    make_booking_on([room], weekly(DAY, 60))
    assert len(as_staff.get(page_of(booking)).context["days"]) == 20


# Answering -------------------------------------------------------------------------------------


def test_each_date_gets_its_answer_in_one_step_with_one_mail(as_staff: Client, pending: Booking) -> None:
    response = decide(
        as_staff,
        pending,
        "approve",
        "reject",
        "open",
        "reject",
        **{"decide-reason": "Der Saal ist belegt.", "decide-note": "Schlüssel im Büro."},
    )
    # Something is open still, so staff stay with the booking.
    assert response["Location"] == page_of(pending)
    assert [(slot.status, slot.reason) for slot in slots(pending)] == [
        ("approved", ""),
        ("rejected", "Der Saal ist belegt."),
        ("requested", ""),
        ("rejected", "Der Saal ist belegt."),
    ]
    assert list(Message.objects.values_list("kind", flat=True)) == ["partial_approval"]
    [message] = get_messages(response.wsgi_request)
    assert str(message) == (
        f"{pending.reference}: 1 genehmigt, 1 angefragt, 2 abgelehnt. "
        "Die E-Mail an Maria Beispiel ist unterwegs."
    )


def test_when_all_is_decided_the_inbox_comes_next(as_staff: Client, pending: Booking) -> None:
    response = decide(
        as_staff, pending, "approve", "reject", "reject", "approve", **{"decide-reason": "Belegt."}
    )
    assert response["Location"] == "/eingang/"
    pending.refresh_from_db()
    assert pending.status == BookingStatus.PARTLY_APPROVED


def test_all_are_answered_with_one_button(as_staff: Client, room: Room) -> None:
    booking = make_booking_on([room], weekly(DAY, 3), status=SlotStatus.REQUESTED)
    response = decide(as_staff, booking, "open", "reject", "open", action="ablehnen")
    assert (response.status_code, list(response.context["decide_form"].errors)) == (400, ["reason"])
    decide(as_staff, booking, "open", "reject", "open", action="genehmigen")
    assert statuses(booking) == ["approved"] * 3


def test_a_clash_is_named_and_everything_typed_stays(as_staff: Client, pending: Booking) -> None:
    response = decide(as_staff, pending, "approve", "approve", "open", "open", **{"decide-note": "Gern"})
    assert (response.status_code, response.context["refusal"].code) == (409, "clash")
    assert "27.04.2027" in str(response.context["refusal"].reasons[0].message)
    form = response.context["decide_form"]
    assert [answer.chosen for answer in form.answers()] == ["approve", "approve", "open", "open"]
    assert form["note"].value() == "Gern"
    assert statuses(pending) == ["requested"] * 4


def test_a_rule_is_overridden_only_when_it_is_said_so(as_staff: Client, pending: Booking) -> None:
    refused = decide(as_staff, pending, "open", "open", "approve", "open")
    assert (refused.status_code, refused.context["override_would_do"]) == (400, True)
    assert f'id="{refused.context["decide_form"]["override"].auto_id}"' in refused.content.decode()
    exception = {"decide-override": "on", "decide-override_reason": "Absprache"}
    decide(as_staff, pending, "open", "open", "approve", "open", **exception)
    assert statuses(pending)[2] == "approved"


def test_a_buffer_is_shortened_where_it_meets_another_date(as_staff: Client, room: Room) -> None:
    make_booking([room], berlin(DAY, "14:00"), berlin(DAY, "15:45"))
    booking = make_booking_on([room], weekly(DAY, 2), status=SlotStatus.REQUESTED, setup_minutes=30)
    first = slots(booking)[0]
    form = as_staff.get(page_of(booking)).context["decide_form"]
    assert [answer.buffers is not None for answer in form.answers()] == [True, False]
    assert decide(as_staff, booking, "approve", "approve").status_code == 409
    values = {f"decide-setup_{first.pk}": "15", f"decide-teardown_{first.pk}": "0"}
    # What is left open keeps its time.
    assert decide(as_staff, booking, "open", "approve", **values).status_code == 302
    first.refresh_from_db()
    assert first.setup_minutes == 30
    booking.refresh_from_db()
    decide(as_staff, booking, "approve", **values)
    first.refresh_from_db()
    assert (first.status, first.setup_minutes) == ("approved", 15)


@pytest.mark.parametrize(
    ("given", "values", "errors"),
    [
        (["open"] * 4, {}, ["__all__"]),
        ([], {}, ["__all__"]),
        (["reject"], {"decide-reason": "  "}, ["reason"]),
        (["perhaps"], {}, ["answer"]),
    ],
)
def test_what_is_missing_is_told(
    as_staff: Client, pending: Booking, given: list[str], values: dict[str, str], errors: list[str]
) -> None:
    response = decide(as_staff, pending, *given, **values)
    found = [
        name.split("_")[0] if name[0] != "_" else name for name in response.context["decide_form"].errors
    ]
    assert (response.status_code, found) == (400, errors)
    assert statuses(pending) == ["requested"] * 4


def test_a_stale_page_decides_nothing(as_staff: Client, pending: Booking) -> None:
    first = slots(pending)[0]
    values = answers(pending, "approve", "open", "open", "open")
    approve_booking(booking_id=pending.pk, actor=make_staff(), now=NOW, slot_ids=[first.pk])
    response = as_staff.post(
        page_of(pending, "entscheiden"), {**values, f"decide-answer_{first.pk}": "approve"}
    )
    # The first date is offered no more, so nothing is left to decide in what was sent.
    assert (response.status_code, response.context["refusal"].code) == (409, "stale")
    values = answers(pending, "approve", "open", "open", "approve", **{"decide-version": 1})
    response = as_staff.post(page_of(pending, "entscheiden"), values)
    assert (response.status_code, response.context["refusal"].code) == (409, "stale")
    assert statuses(pending) == ["approved", "requested", "requested", "requested"]


# Taking back -----------------------------------------------------------------------------------


def take_back(client: Client, booking: Booking, action: str, *, sure: bool = True, **values: object):
    sent = {"back-which": "single", "back-reason": "", "back-version": booking.version}
    sent |= {f"back-{name}": one for name, one in values.items()}
    return client.post(page_of(booking, action), sent | ({"sure": "1"} if sure else {}))


@pytest.mark.parametrize(("action", "status"), [("widerrufen", "revoked"), ("stornieren", "cancelled")])
def test_chosen_dates_are_revoked_or_cancelled(
    as_staff: Client, approved: Booking, action: str, status: str
) -> None:
    first, second, third, _fourth = slots(approved)
    response = take_back(
        as_staff, approved, action, dates=[str(first.uid), str(third.uid)], reason="Wasserschaden"
    )
    assert response["Location"] == page_of(approved)
    assert [(slot.status, slot.reason) for slot in slots(approved)] == [
        (status, "Wasserschaden"),
        ("approved", ""),
        (status, "Wasserschaden"),
        ("approved", ""),
    ]
    approved.refresh_from_db()
    take_back(as_staff, approved, action, which="from", first=str(second.uid), reason="Umbau")
    assert statuses(approved) == [status] * 4


def test_whether_to_cancel_is_asked_once_more(as_staff: Client, approved: Booking) -> None:
    """For single dates and for all from one on; the answer brings along what was chosen."""
    every = slots(approved)
    for values, asked, heading in [
        ({"dates": [str(every[1].uid)]}, every[1:2], "Diesen Termin stornieren?"),
        ({"which": "from", "first": str(every[2].uid)}, every[2:], "Diese 2 Termine stornieren?"),
        ({"which": "from", "first": str(every[0].uid)}, every, "Alle 4 kommenden Termine stornieren?"),
    ]:
        page = take_back(as_staff, approved, "stornieren", sure=False, reason="Angerufen", **values)
        assert (page.context["slots"], heading in page.content.decode()) == (asked, True)
        assert statuses(approved) == ["approved"] * 4
    sent: dict[str, list[str]] = {}
    for name, value in page.context["sent"]:
        sent.setdefault(name, []).append(value)
    response = as_staff.post(page_of(approved, "stornieren"), {**sent, "sure": "1"})
    assert response["Location"] == page_of(approved)
    assert [(slot.status, slot.reason) for slot in slots(approved)] == [("cancelled", "Angerufen")] * 4


def test_what_is_wrong_is_told_before_it_is_asked(as_staff: Client, approved: Booking) -> None:
    response = take_back(as_staff, approved, "stornieren", sure=False)
    assert (response.status_code, list(response.context["back_form"].errors)) == (400, ["dates"])


@pytest.mark.parametrize(("number", "sentence"), [(1, "Der Termin ist"), (2, "Die Termine sind")])
@pytest.mark.parametrize(("action", "done"), [("widerrufen", "widerrufen"), ("stornieren", "storniert")])
def test_what_is_done_is_told_in_the_right_number(
    as_staff: Client, approved: Booking, action: str, done: str, number: int, sentence: str
) -> None:
    chosen = [str(slot.uid) for slot in slots(approved)[:number]]
    response = take_back(as_staff, approved, action, dates=chosen, reason="Wahl")
    (message,) = get_messages(response.wsgi_request)
    assert str(message).startswith(f"{sentence} {done}. ")


def test_the_fold_is_open_where_an_answer_in_it_is_another(as_staff: Client, room: Room) -> None:
    booking = make_booking_on([room], weekly(DAY, 14), status=SlotStatus.REQUESTED)
    folded = '<details class="disclosure">'
    assert folded in as_staff.get(page_of(booking)).content.decode().split("decide-reason")[0]
    given = ["approve"] * 13 + ["reject"]
    response = decide(as_staff, booking, *given)
    before, _reason = response.content.decode().split('name="decide-reason"', 1)
    assert (list(response.context["decide_form"].errors), folded in before) == (["reason"], False)
    assert "(nötig, wenn Sie ablehnen)" in before


def test_only_revoking_needs_a_reason(as_staff: Client, approved: Booking) -> None:
    chosen = [str(slots(approved)[0].uid)]
    refused = take_back(as_staff, approved, "widerrufen", dates=chosen)
    assert (refused.status_code, list(refused.context["back_form"].errors)) == (400, ["reason"])
    assert refused.context["back_form"].date_choices()[0].is_checked
    assert take_back(as_staff, approved, "stornieren", dates=chosen).status_code == 302
    assert statuses(approved)[0] == "cancelled"


def test_approved_and_pending_dates_are_dealt_with_side_by_side(as_staff: Client, pending: Booking) -> None:
    approve_booking(booking_id=pending.pk, actor=make_staff(), now=NOW, slot_ids=[slots(pending)[0].pk])
    context = as_staff.get(page_of(pending)).context
    assert len(context["decide_form"].answers()) == 3
    assert context["back_form"].slot_ids() == [slots(pending)[0].pk]


# Moving ----------------------------------------------------------------------------------------


@pytest.fixture
def hall(room: Room) -> Room:
    from tests.factories import make_room

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


# Changes ----------------------------------------------------------------------------------------


def test_each_new_date_says_which_one_it_replaces_and_what_has_none_is_named(
    as_staff: Client, approved: Booking
) -> None:
    change = make_change(approved, weekly(DAY, 2), "18:00", "20:00")
    response = as_staff.get(page_of(change))
    told = [date.slot.replaces for date in response.context["entry"].dates]
    assert (told, response.context["dropped"]) == (slots(approved)[:2], slots(approved)[2:])
    text = words(response)
    assert "ersetzt Di., 20.04.2027, von 16:00 bis 18:00 Uhr" in text
    assert "2 alte Termine ohne Ersatz Diese Termine entfallen, sobald kein neuer Termin mehr offen" in text


def test_only_what_is_approved_takes_the_place_of_an_old_date(as_staff: Client, approved: Booking) -> None:
    change = make_change(approved, weekly(DAY, 4), "16:30", "18:30")
    given = ("approve", "reject", "approve", "open")
    assert decide(as_staff, change, *given, **{"decide-reason": "Wahl"}).status_code == 302
    assert (statuses(approved), statuses(change)) == (
        ["cancelled", "approved", "cancelled", "approved"],
        ["approved", "rejected", "approved", "requested"],
    )
    text = words(as_staff.get(f"/anfragen/{change.reference}/"))
    assert [
        "statt Di., 20.04.2027, von 16:00 bis 18:00 Uhr" in text,
        "27.04.2027, von 16:00 bis 18:00 Uhr gilt wie bisher" in text,
        "ersetzt Di., 11.05.2027, von 16:00 bis 18:00 Uhr" in text,
    ] == [True, True, True]
    old = as_staff.get(f"/anfragen/{approved.reference}/").context["dates"].coming
    assert [(line.slot, line.change) for line in old] == [
        (slots(approved)[1], None),
        (slots(approved)[3], change),
    ]
