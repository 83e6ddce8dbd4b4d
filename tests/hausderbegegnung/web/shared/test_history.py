"""What happened, in words, with the single dates of each step."""

from datetime import timedelta

from bookings.enums import SlotStatus
from bookings.models import Booking
from bookings.services import Move, approve_booking, confirm_date, decide_booking, give_dates_back, move_dates
from hausderbegegnung.web.shared.history import history_of
from rooms.formats import format_date_span
from rooms.models import Room
from tests.factories import BERLIN, DAY, NOW, berlin, make_booking, make_booking_on, make_staff, weekly


def history_lines(booking: Booking) -> list[tuple]:
    return [
        (
            str(entry["what"]),
            entry["note"],
            entry["is_folded"],
            [
                (
                    date["slot"].pk,
                    str(date["what"]),
                    (date["before"] or date["note"]).replace("\N{NO-BREAK SPACE}", " "),
                )
                for date in entry["dates"]
            ],
        )
        for entry in history_of(booking)[1:]
    ]


def test_each_step_tells_of_its_dates_what_it_does_not_say_itself(room: Room) -> None:
    booking = make_booking_on([room], weekly(DAY, 2), status=SlotStatus.REQUESTED)
    first, second = booking.slots.order_by("starts_at")
    staff = make_staff()
    decide_booking(
        booking_id=booking.pk,
        actor=staff,
        now=NOW,
        approve=[first.pk],
        reject=[second.pk],
        reason="Wahl",
        note="Gern",
    )
    move = Move(first.pk, berlin(DAY, "10:00"), berlin(DAY, "12:00"), (room.pk,))
    move_dates(booking_id=booking.pk, actor=staff, now=NOW, moves=[move], note="Heizung")
    assert history_lines(booking) == [
        (
            "Termin für Termin entschieden",
            "Gern",
            False,
            [(first.pk, "Genehmigt", ""), (second.pk, "Abgelehnt", "Wahl")],
        ),
        (
            "Verschoben",
            "Heizung",
            False,
            [(first.pk, "", "Vorher: Di., 20.04.2027, 16:00–18:00 Uhr, Saal A")],
        ),
    ]


def test_many_dates_are_folded(room: Room, django_assert_num_queries) -> None:
    booking = make_booking_on([room], weekly(DAY, 30), status=SlotStatus.REQUESTED)
    ids = list(booking.slots.values_list("pk", flat=True))
    decide_booking(
        booking_id=booking.pk, actor=make_staff(), now=NOW, approve=ids[1:], reject=ids[:1], reason="Wahl"
    )
    with django_assert_num_queries(1):
        assert [entry["is_folded"] for entry in history_of(booking)] == [False, True]


def test_a_single_date_that_moved_tells_where_it_was(room: Room) -> None:
    booking = make_booking([room], berlin(DAY, "16:00"))
    move = Move(booking.slots.get().pk, berlin(DAY, "10:00"), berlin(DAY, "12:00"), (room.pk,))
    move_dates(booking_id=booking.pk, actor=make_staff(), now=NOW, moves=[move])
    [(what, _note, _folded, dates)] = history_lines(booking)
    assert (what, dates[0][2]) == ("Verschoben", "Vorher: Di., 20.04.2027, 16:00–18:00 Uhr, Saal A")


def test_each_step_tells_the_time_a_date_had_then(room: Room) -> None:
    booking = make_booking_on([room], weekly(DAY, 2), status=SlotStatus.REQUESTED)
    first, _second = booking.slots.order_by("starts_at")
    staff = make_staff()
    approve_booking(booking_id=booking.pk, actor=staff, now=NOW, slot_ids=[first.pk])
    saturday = DAY + timedelta(days=4)
    for start, end in [
        (berlin(DAY, "10:00"), berlin(DAY + timedelta(days=1), "00:00")),
        (berlin(saturday, "20:00"), berlin(saturday + timedelta(days=1), "02:00")),
        (berlin(DAY, "09:00"), berlin(DAY, "11:00")),
    ]:
        move_dates(
            booking_id=booking.pk,
            actor=staff,
            now=NOW,
            moves=[Move(first.pk, start, end, (room.pk,))],
            override=True,
            override_reason="Absprache",
        )
    give_dates_back(booking_id=booking.pk, actor=staff, now=NOW, slot_ids=[first.pk])
    then = [
        (
            str(entry["what"]),
            format_date_span(date["then"].start, date["then"].end, zone=BERLIN, language="en"),
        )
        for entry in history_of(booking)
        for date in entry["dates"]
    ]
    assert then == [
        ("Genehmigt", "Tue 20 Apr 2027, 16:00–18:00"),
        ("Verschoben", "Tue 20 Apr 2027, 10:00–24:00"),
        ("Verschoben", "Sat 24 Apr 2027, 20:00 – Sun 25 Apr 2027, 02:00"),
        ("Verschoben", "Tue 20 Apr 2027, 09:00–11:00"),
        ("Storniert", "Tue 20 Apr 2027, 09:00–11:00"),
    ]


def test_a_confirmed_date_is_a_step_of_its_own(room: Room) -> None:
    booking = make_booking_on([room], weekly(DAY, 3))
    first, second, _third = booking.slots.order_by("starts_at")
    give_dates_back(booking_id=booking.pk, actor=make_staff(), now=NOW, slot_ids=[second.pk], note="Ferien")
    confirm_date(slot_id=first.pk, actor=make_staff(), now=NOW)
    assert history_lines(booking) == [
        ("Storniert", "Ferien", False, [(second.pk, "", "")]),
        ("Termin bestätigt", "", False, [(first.pk, "", "")]),
    ]
