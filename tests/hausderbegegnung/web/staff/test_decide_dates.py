"""The page on which staff answer each date of several, and take approved ones back."""

import re

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from bookings.enums import BookingStatus, SlotStatus
from bookings.models import Booking
from bookings.services import approve_booking, revoke_booking
from notifications.models import Message
from rooms.models import Room
from tests.factories import (
    DAY,
    NOW,
    berlin,
    make_booking,
    make_booking_on,
    make_change,
    make_staff,
    weekly,
)
from tests.hausderbegegnung.web.bookings import page_of, queries, slots, statuses


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
    assert ([len(form.single()), len(form.alike()), form.may_override_all()]) == [3, 1, False]
    assert form.outcome() == "2 genehmigen, 2 offen lassen"
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


def test_what_was_typed_of_a_buffer_counts_where_nothing_is_met_any_more(
    as_staff: Client, room: Room
) -> None:
    before = make_booking([room], berlin(DAY, "14:00"), berlin(DAY, "15:45"))
    booking = make_booking_on([room], weekly(DAY, 2), status=SlotStatus.REQUESTED, setup_minutes=30)
    first = slots(booking)[0]
    revoke_booking(booking_id=before.pk, actor=make_staff(), now=NOW, reason="Wasserschaden.")
    decide(as_staff, booking, "approve", **{f"decide-setup_{first.pk}": "15"})
    first.refresh_from_db()
    assert (first.status, first.setup_minutes) == ("approved", 15)


def test_only_the_service_looks_at_the_plan_before_dates_are_approved(
    as_staff: Client, pending: Booking
) -> None:
    with CaptureQueriesContext(connection) as captured:
        decide(as_staff, pending, "approve", "open", "open", "open")
    looks = [
        query["sql"]
        for query in captured
        if query["sql"].strip().startswith("SELECT") and "occupancy" in query["sql"]
    ]
    assert (len(looks), statuses(pending)[0]) == (1, "approved")


@pytest.mark.parametrize("given", ["approve", "perhaps"])
def test_a_refusal_costs_the_same_number_of_queries_for_many_dates(
    as_staff: Client, room: Room, given: str
) -> None:
    make_booking([room], berlin(DAY, "17:00"))
    counted = {}
    for number in [2, 52]:
        booking = make_booking_on([room], weekly(DAY, number), status=SlotStatus.REQUESTED)
        with CaptureQueriesContext(connection) as captured:
            assert decide(as_staff, booking, *[given] * number).status_code in {400, 409}
        counted[number] = len(captured)
        booking.slots.all().delete()
    assert counted[2] == counted[52]


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


def test_a_date_with_another_answer_than_its_like_is_unfolded(as_staff: Client, room: Room) -> None:
    booking = make_booking_on([room], weekly(DAY, 14), status=SlotStatus.REQUESTED)
    form = as_staff.get(page_of(booking)).context["decide_form"]
    assert (len(form.single()), len(form.alike()), form.outcome()) == (0, 14, "14 genehmigen")
    response = decide(as_staff, booking, *["approve"] * 13, "reject")
    form = response.context["decide_form"]
    assert (list(form.errors), form.outcome()) == (["reason"], "13 genehmigen, 1 ablehnen")
    assert [answer.date.slot for answer in form.single()] == slots(booking)[13:]
    assert "(nötig, wenn Sie ablehnen)" in response.content.decode()


def test_all_are_approved_against_a_rule_by_one_button_with_a_reason(as_staff: Client, room: Room) -> None:
    booking = make_booking_on([room], weekly(DAY, 3), "21:00", "23:00", status=SlotStatus.REQUESTED)
    page = as_staff.get(page_of(booking))
    form = page.context["decide_form"]
    assert (form.may_override_all(), form.outcome()) == (True, "Wie gewählt entscheiden")
    assert "Alle trotzdem genehmigen" in page.content.decode()
    values = {"decide-override": "on", "decide-override_reason": "Absprache"}
    decide(as_staff, booking, action="genehmigen", **values)
    assert statuses(booking) == ["approved"] * 3


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
