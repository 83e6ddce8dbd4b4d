"""What of an event of a calendar becomes a booking, and what is said of the rest."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bookings.enums import AssociationKind, BookingStatus
from tests.bookings.plan_import.calendars import (
    CLOCKS_OF_BERLIN,
    HOUSE,
    OPTIONS,
    event,
    of_one,
    read,
    remarks,
)
from tests.factories import berlin

pytestmark = pytest.mark.usefixtures("english")

START = "DTSTART;TZID=Europe/Berlin:20270420T190000"
DAY = date(2027, 4, 20)


# Rooms -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "rooms"),
    [
        ("Saal A", ("saal-a",)),
        ("saal-b", ("saal-b",)),
        ("  SAAL   b ", ("saal-b",)),
        ("Küche", ("kueche",)),
        ("Saal A; Küche", ("kueche", "saal-a")),
        ("Saal A\\, Saal B", ("saal-a", "saal-b")),
        ("Saal B\\; Saal B", ("saal-b",)),
        ("Großer Saal (EG)", ("saal",)),
        ("Bühne\\, links", ("kueche",)),
    ],
)
def test_the_place_names_the_rooms_also_by_names_that_the_option_gives(place, rooms):
    options = replace(OPTIONS, room="", places={"Großer Saal (EG)": "saal", "Bühne, links": "kueche"})
    booking = of_one(START, f"LOCATION:{place}", options=options)
    assert (booking.rooms, booking.reasons) == (rooms, ())


@pytest.mark.parametrize(
    ("lines", "room", "of_booking", "of_rest"),
    [
        ([], "saal-a", [], []),
        (
            ["LOCATION:Rathaus"],
            "saal-a",
            [
                (
                    "room_assumed",
                    "Its place “Rathaus” is no room of the house; it was put into Saal A.",
                )
            ],
            [],
        ),
        (
            ["LOCATION:Saal A; Rathaus"],
            "saal-b",
            [("place_partly_unknown", "“Rathaus” of its place is no room of the house.")],
            [],
        ),
        ([], "", [], [("room_unknown", "It names no place; --room says which room is meant.")]),
        (
            ["LOCATION:Rathaus"],
            "",
            [],
            [
                (
                    "room_unknown",
                    "Its place “Rathaus” is no room of the house; --room says which is meant.",
                )
            ],
        ),
    ],
)
def test_a_place_that_is_no_room_is_told(lines, room, of_booking, of_rest):
    assert remarks(event(START, *lines), options=replace(OPTIONS, room=room)) == (of_booking, of_rest)


def test_a_name_that_two_rooms_have_names_none():
    house = replace(HOUSE, rooms=(*HOUSE.rooms, replace(HOUSE.rooms[1], slug="keller", name="Saal A")))
    _told, skipped = remarks(event(START, "LOCATION:Saal A"), options=replace(OPTIONS, room=""), house=house)
    assert [code for code, _sentence in skipped] == ["room_unknown"]


# Associations ----------------------------------------------------------------------------------

KNOWN = {"tv beispiel": "TV Beispiel", "turnen@example.org": "TV Beispiel"}


@pytest.mark.parametrize(
    "organizer",
    [
        "ORGANIZER;CN=TV Beispiel:mailto:jemand@example.org",
        'ORGANIZER;CN="tv  BEISPIEL":invalid:nomail',
        "ORGANIZER:MAILTO:Turnen@example.org",
        "ORGANIZER;CN=Erika Muster:mailto:turnen@example.org",
    ],
)
def test_an_organizer_that_the_house_knows_has_the_rooms(organizer):
    booking = of_one(START, organizer, associations=KNOWN)
    assert (booking.association, booking.reasons) == ("TV Beispiel", ())


def test_the_name_of_a_person_becomes_no_association():
    booking = of_one(START, "ORGANIZER;CN=Erika Muster:mailto:erika@example.org", associations=KNOWN)
    assert (booking.association, booking.association_kind, booking.contact_name, booking.contact_email) == (
        "Chor Beispiel e. V.",
        AssociationKind.REGISTERED_ASSOCIATION,
        "",
        "",
    )
    assert [(reason.code, reason.message) for reason in booking.reasons] == [
        (
            "organizer_not_taken_over",
            (
                "Its organizer “Erika Muster” is no association that the house knows; "
                "it is booked for “Chor Beispiel e. V.”."
            ),
        )
    ]


def test_without_an_association_nothing_is_booked():
    options = replace(OPTIONS, association="")
    assert remarks(
        event(START, uid="a"),
        event(START, "ORGANIZER;CN=Erika Muster:mailto:erika@example.org", uid="b"),
        options=options,
    ) == (
        [],
        [
            ("association_unknown", "It names no organizer; --association says whose it is."),
            (
                "association_unknown",
                (
                    "Its organizer “Erika Muster” is no association that the house knows; "
                    "--association names one."
                ),
            ),
        ],
    )


# Status and titles -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([], "approved"),
        (["STATUS:CONFIRMED", "TRANSP:OPAQUE"], "approved"),
        (["STATUS:confirmed"], "approved"),
        (["STATUS:TENTATIVE"], "requested"),
        (["STATUS:SOMETHING"], "requested"),
        (["X-MICROSOFT-CDO-BUSYSTATUS:BUSY", "TRANSP:TRANSPARENT"], "approved"),
        (["X-MICROSOFT-CDO-BUSYSTATUS:OOF"], "approved"),
        (["X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"], "requested"),
    ],
)
def test_what_is_certain_is_approved_and_the_rest_requested(lines, status):
    assert of_one(START, *lines).status == BookingStatus(status)


@pytest.mark.parametrize(
    ("lines", "head", "problem"),
    [
        (["STATUS:CANCELLED"], [], ("cancelled", "It is cancelled.")),
        ([], ["METHOD:CANCEL"], ("cancelled", "It is cancelled.")),
        (
            ["TRANSP:TRANSPARENT"],
            [],
            ("marked_free", "The time is marked as free, so nothing is booked."),
        ),
        (
            ["X-MICROSOFT-CDO-BUSYSTATUS:FREE", "TRANSP:OPAQUE"],
            [],
            ("marked_free", "The time is marked as free, so nothing is booked."),
        ),
    ],
)
def test_what_is_cancelled_or_free_is_listed(lines, head, problem):
    assert remarks(event(START, *lines), head=head) == ([], [problem])


def test_titles_come_without_what_cannot_be_stored():
    plan = read(
        event(START, uid="a", title="  Chor\\, \x00Probe\\nund mehr\u2028🎶 "),
        event(START, uid="b", title="x" * 121),
        event(START, uid="c", title=""),
    )
    assert [(booking.title, [reason.code for reason in booking.reasons]) for booking in plan.bookings] == [
        ("Chor, Probe und mehr 🎶", []),
        ("x" * 119 + "…", ["title_cut"]),
        ("Occupied", ["title_missing"]),
    ]


def test_bookings_are_called_by_title_and_start_and_never_the_same():
    plan = read(
        event("DTSTART:20270420T190000Z", uid="a", title="Eins"),
        event("DTSTART;VALUE=DATE:20270420", uid="b", title="Eins"),
        event("DTSTART:20270420T210000", uid="c", title="Eins"),
        event("DTSTART:20270420T210000", uid="d", title=""),
        event("DTSTART;TZID=Mond:20270420T210000", uid="e", title="Nirgends"),
        event("DTSTART:gestern", uid="f", title="Gestern"),
    )
    assert [booking.id for booking in plan.bookings] == [
        *("Eins, 2027-04-20 21:00", "Eins, 2027-04-20", "Eins, 2027-04-20 21:00 (2)", "d, 2027-04-20 21:00"),
    ]
    assert [problem.booking for problem in plan.skipped] == ["Nirgends, 2027-04-20 21:00", "Gestern"]
    assert len({booking.key for booking in plan.bookings}) == 4


def test_what_is_not_kept_of_an_event_is_said():
    alarm = "BEGIN:VALARM\nTRIGGER:-PT15M\nACTION:DISPLAY\nEND:VALARM"
    lines = [
        "DESCRIPTION:Bitte klingeln",
        "URL:https://example.org/",
        "X-GOOGLE-CONFERENCE:https://meet.example.com/x",
        "ATTENDEE;CN=Erika Muster:mailto:erika@example.org",
        "ATTACH;ENCODING=BASE64;VALUE=BINARY:AAAA",
        "COMMENT:",
        "Das ist keine Zeile",
        "X-ANYTHING:else",
        alarm,
    ]
    assert remarks(event(START, *lines)) == (
        [
            ("details_left", "Not taken over: description, participants, attachments, links, reminders."),
            ("line_not_understood", "A line cannot be read: “Das ist keine Zeile”."),
        ],
        [],
    )


def test_a_description_that_is_wanted_becomes_the_remarks():
    options = replace(OPTIONS, with_descriptions=True)
    booking = of_one(START, "DESCRIPTION:Stühle\\n\\n40\x07 Stück\\, bitte  \\n", options=options)
    assert (booking.remarks, booking.reasons) == ("Stühle\n\n40 Stück, bitte", ())
    booking = of_one(START, "DESCRIPTION:" + "x" * 6000, options=options)
    assert (len(booking.remarks), [reason.code for reason in booking.reasons]) == (5000, ["description_cut"])


def test_how_many_persons_come_is_said_to_be_unknown():
    plan = read(event(START), options=replace(OPTIONS, persons=None))
    assert ([booking.persons for booking in plan.bookings], [problem.code for problem in plan.problems]) == (
        [1],
        ["persons_unknown"],
    )
    assert read(event(START)).problems == ()


# Times -----------------------------------------------------------------------------------------


def between(first, last):
    return (berlin(DAY, first), berlin(DAY, last))


@pytest.mark.parametrize(
    ("lines", "times"),
    [
        ([START, "DTEND;TZID=Europe/Berlin:20270420T203000"], between("19:00", "20:30")),
        ([START, "DURATION:PT1H30M"], between("19:00", "20:30")),
        (["DTSTART:20270420T190000"], between("19:00", "21:00")),
        (["DTSTART:20270420T190000Z"], between("21:00", "23:00")),
        (['DTSTART;TZID="Europe/Berlin":20270420T190000Z'], between("21:00", "23:00")),
        (["DTSTART;TZID=W. Europe Standard Time:20270420T190000"], between("19:00", "21:00")),
        (["DTSTART;TZID=/citadel.org/20210210_1/Europe/Berlin:20270420T190000"], between("19:00", "21:00")),
        (["DTSTART;TZID=GMT Standard Time:20270420T190000"], between("20:00", "22:00")),
        (["DTSTART;TZID=America/New_York:20270420T130000"], between("19:00", "21:00")),
        (["DTSTART;TZID=Meine Zeit:20270420T190000"], between("19:00", "21:00")),
        ([START, "DTEND;TZID=Europe/London:20270420T200000"], between("19:00", "21:00")),
        (
            ["DTSTART;VALUE=DATE:20270420", "DTEND;VALUE=DATE:20270421"],
            (berlin(DAY, "00:00"), berlin(date(2027, 4, 21), "00:00")),
        ),
        (
            ["DTSTART;VALUE=DATE:20270420", "DTEND;VALUE=DATE:20270420"],
            (berlin(DAY, "00:00"), berlin(date(2027, 4, 21), "00:00")),
        ),
        (
            ["DTSTART;VALUE=DATE:20270420", "DURATION:P2D"],
            (berlin(DAY, "00:00"), berlin(date(2027, 4, 22), "00:00")),
        ),
        # The night on which summer time ends: a day by the clocks, and 24 hours that pass.
        (
            ["DTSTART:20271030T200000", "DURATION:P1D"],
            (berlin(date(2027, 10, 30), "20:00"), berlin(date(2027, 10, 31), "20:00")),
        ),
        (
            ["DTSTART:20271030T200000", "DURATION:PT24H"],
            (berlin(date(2027, 10, 30), "20:00"), berlin(date(2027, 10, 31), "19:00")),
        ),
        # The second of two times that the clocks show.
        (
            ["DTSTART:20271031T013000Z", "DTEND:20271031T023000Z"],
            (datetime(2027, 10, 31, 1, 30, tzinfo=UTC), datetime(2027, 10, 31, 2, 30, tzinfo=UTC)),
        ),
    ],
)
def test_times_are_read_however_they_are_written(lines, times):
    (booking,) = read(event(*lines), CLOCKS_OF_BERLIN.format("Meine Zeit")).bookings
    (only,) = booking.dates
    assert (only.net.start, only.net.end) == times


def test_an_all_day_event_without_an_end_is_one_day():
    parts = "BEGIN:VEVENT\nUID:a\nSUMMARY:Flohmarkt\nDTSTART;VALUE=DATE:20271031\nEND:VEVENT"
    (booking,) = read(parts).bookings
    (only,) = booking.dates
    assert (only.net.duration, [reason.code for reason in booking.reasons]) == (
        timedelta(hours=25),
        ["all_day"],
    )


@pytest.mark.parametrize(
    ("start", "note"),
    [
        ("DTSTART:20270328T023000", "gap"),
        ("DTSTART:20271031T023000", "twice"),
        ("DTSTART:20271031T003000Z", ""),
    ],
)
def test_times_on_the_night_of_a_clock_change_are_said(start, note):
    (only,) = of_one(start).dates
    assert only.clock_note == note


def no_end(start):
    return f"BEGIN:VEVENT\nUID:a\nSUMMARY:Chorprobe\n{start}\nEND:VEVENT"


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        (no_end("X-NOTHING:at all"), ("without_start", "It has no start.")),
        (no_end(START), ("without_end", "It has neither an end nor a length.")),
        (
            event(START, "DTEND;TZID=Europe/Berlin:20270420T190000"),
            ("ends_before_start", "The end does not lie after the start."),
        ),
        (event(START, "DURATION:-PT1H"), ("bad_time", "“-PT1H” is no length of time.")),
        (event(START, "DURATION:P"), ("ends_before_start", "The end does not lie after the start.")),
        (event(START, "DURATION:eine Stunde"), ("bad_time", "“eine Stunde” is no length of time.")),
        (event(START, "DURATION:P999999999D"), ("bad_time", "“P999999999D” is no length of time.")),
        (event(START, "DURATION:P32D"), ("too_long", "A date lasts at most 31 days.")),
        (
            event("DTSTART;TZID=x\x00:20270420T190000"),
            ("without_start", "It has no start. A line cannot be read: “DTSTART;TZID=x :20270420T190000”."),
        ),
        (event("DTSTART:20270230T190000"), ("bad_time", "“20270230T190000” is no date or time.")),
        (event("DTSTART:20.04.2027"), ("bad_time", "“20.04.2027” is no date or time.")),
        (event("DTSTART:PT1H"), ("bad_time", "“PT1H” is no date or time.")),
        (event("DTSTART:190000"), ("bad_time", "“190000” is no date or time.")),
        (event("DTSTART:16010101T000000"), ("year_out_of_range", "The year lies between 1990 and 2199.")),
        (
            event("DTSTART;TZID=Mond:20270420T190000"),
            (
                "unknown_time_zone",
                "The time zone “Mond” is not known, and the file does not describe it.",
            ),
        ),
        *[
            (
                event(f"DTSTART;TZID={name}:20270420T190000"),
                (
                    "unknown_time_zone",
                    f"The time zone “{name}” is not known, and the file does not describe it.",
                ),
            )
            for name in ["Europe", "../../etc/passwd", "/../etc/passwd"]
        ],
    ],
)
def test_a_time_that_cannot_be_read_is_listed(part, problem):
    assert remarks(part) == ([], [problem])


@pytest.mark.parametrize(
    "rule",
    [
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=YEARLY;INTERVAL=0",
        "RRULE:FREQ=YEARLY;BYHOUR=2",
        "RDATE:gestern",
        "TZOFFSETTO:+9900",
    ],
)
def test_a_time_zone_that_is_described_badly_is_not_known(rule):
    zone = CLOCKS_OF_BERLIN.format("Meine Zeit").replace("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", rule)
    _told, skipped = remarks(zone, event("DTSTART;TZID=Meine Zeit:20270420T190000"))
    assert [code for code, _sentence in skipped] == ["unknown_time_zone"]


def test_time_zones_of_one_calendar_are_not_those_of_the_next():
    start = event("DTSTART;TZID=Meine Zeit:20270420T190000")
    assert remarks(CLOCKS_OF_BERLIN.format("Meine Zeit"), start) == ([], [])
    assert [code for code, _sentence in remarks(start)[1]] == ["unknown_time_zone"]
