from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from notifications.calendars.files import calendar_file, plain, published_file
from notifications.models import Message
from notifications.wording.rendering import render
from tests.factories import DAY, NOW
from tests.notifications.calendars.calendar_programs import READERS
from tests.notifications.scenes import Scene, message_about


def facts_of(*dates: tuple[str, str, str], zone: str = "Europe/Berlin", **house: str) -> dict:
    """Facts with dates given as start, end (ISO, by the clocks of the zone) and status.

    What was approved once and is not any more has a SEQUENCE of 1.
    """
    return {
        "house": {
            "name": "Haus der Begegnung",
            "street": "Burgundische Straße 1",
            "postal_code": "50181",
            "city": "Bedburg",
            "email": "haus@example.org",
            "zone": zone,
            **house,
        },
        "reference": "HdB-2027-0001",
        "title": "Sprachcafé; Kaffee, Kuchen\nund mehr",
        "contact_name": "Maria Beispiel",
        "replaced": None,
        "dates": [
            {
                "starts_at": in_utc(start, zone).isoformat(),
                "ends_at": in_utc(end, zone).isoformat(),
                "rooms": ["Saal A", "Küche"],
                "status": status,
                "uid": f"00000000-0000-0000-0000-00000000000{number}",
                "sequence": int(status in {"cancelled", "revoked", "skipped"}),
            }
            for number, (start, end, status) in enumerate(dates)
        ],
    }


def in_utc(clock: str, zone: str) -> datetime:
    return datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def lines_of(content: bytes) -> list[str]:
    """The unfolded content lines, as RFC 5545 writes them."""
    return content.decode().replace("\r\n ", "").split("\r\n")


APPROVED = ("2027-04-20T16:00", "2027-04-20T18:00", "approved")
CANCELLED = ("2027-04-27T16:00", "2027-04-27T18:00", "cancelled")


def test_one_date_is_an_invitation_that_is_accepted_already():
    made = calendar_file(facts_of(APPROVED), recipient="maria@example.org", now=NOW)
    lines = lines_of(made.content)

    lasting = ("METHOD", "UID", "SEQUENCE", "DT", "STATUS", "ATTENDEE", "ORGANIZER")
    assert (made.method, made.name) == ("REQUEST", "HdB-2027-0001.ics")
    assert [line for line in lines if line.startswith(lasting)] == [
        "METHOD:REQUEST",
        "DTSTART:19700329T020000",
        "DTSTART:19701025T030000",
        "DTSTART;TZID=Europe/Berlin:20270420T160000",
        "DTEND;TZID=Europe/Berlin:20270420T180000",
        "DTSTAMP:20270301T090000Z",
        "UID:00000000-0000-0000-0000-000000000000",
        "SEQUENCE:0",
        "ATTENDEE;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:maria@example.org",
        'ORGANIZER;CN="Haus der Begegnung":mailto:haus@example.org',
        "STATUS:CONFIRMED",
    ]
    assert "LOCATION:Saal A + Küche\\, Haus der Begegnung\\, Burgundische Straße 1\\, 50181 Bedburg" in lines
    assert "SUMMARY:Sprachcafé\\; Kaffee\\, Kuchen\\nund mehr" in lines
    assert all(len(line.encode()) <= 75 for line in made.content.decode().split("\r\n"))


def test_one_date_that_is_gone_is_withdrawn_by_a_higher_sequence():
    made = calendar_file(facts_of(CANCELLED), recipient="maria@example.org", now=NOW)
    lines = lines_of(made.content)
    assert made.method == "CANCEL"
    assert [line for line in lines if line.startswith(("METHOD", "SEQUENCE", "STATUS"))] == [
        "METHOD:CANCEL",
        "SEQUENCE:1",
        "STATUS:CANCELLED",
    ]


@pytest.mark.parametrize(
    ("dates", "method", "exactly_once", "never"),
    [
        ([APPROVED], "REQUEST", {"ATTENDEE"}, {"REQUEST-STATUS", "RECURRENCE-ID"}),
        ([CANCELLED], "CANCEL", {"ATTENDEE"}, {"REQUEST-STATUS", "RECURRENCE-ID"}),
        ([APPROVED, CANCELLED], "PUBLISH", set(), {"ATTENDEE", "REQUEST-STATUS", "RECURRENCE-ID"}),
    ],
)
def test_each_method_has_the_properties_that_rfc_5546_asks_for(dates, method, exactly_once, never):
    """The tables of sections 3.2.1, 3.2.2 and 3.2.5, and one UID where they want one."""
    made = calendar_file(facts_of(*dates), recipient="maria@example.org", now=NOW)
    calendar = Calendar.from_ical(made.content)
    always = {"DTSTAMP", "DTSTART", "ORGANIZER", "SUMMARY", "UID", "SEQUENCE", "STATUS"}
    assert (made.method, str(calendar["METHOD"])) == (method, method)
    assert len(calendar.walk("VTIMEZONE")) == 1
    for event in calendar.walk("VEVENT"):
        names = [
            name for name, _value in event.property_items(recursive=False) if name not in {"BEGIN", "END"}
        ]
        assert len(names) == len(set(names))
        assert always | exactly_once <= set(names)
        assert never.isdisjoint(names)
    assert len({str(event["UID"]) for event in calendar.walk("VEVENT")}) == len(dates)


def test_several_dates_are_one_published_file_without_attendees():
    made = calendar_file(facts_of(APPROVED, CANCELLED), recipient="maria@example.org", now=NOW)
    events = Calendar.from_ical(made.content).walk("VEVENT")
    assert made.method == "PUBLISH"
    assert [(str(event["STATUS"]), event["SEQUENCE"]) for event in events] == [
        ("CONFIRMED", 0),
        ("CANCELLED", 1),
    ]


def test_what_is_taken_home_invites_nobody_even_for_one_date():
    made = published_file(facts_of(APPROVED), now=NOW)
    assert made.method == "PUBLISH"
    assert b"ATTENDEE" not in made.content


def test_dates_of_several_bookings_each_tell_of_which_they_are():
    facts = facts_of(APPROVED, CANCELLED)
    del facts["title"], facts["reference"]
    for each, number in zip(facts["dates"], "12", strict=True):
        each |= {"reference": f"HdB-2027-000{number}", "title": f"Probe {number}"}
    made = calendar_file(facts, recipient="maria@example.org", now=NOW)
    assert (made.method, made.name) == ("PUBLISH", "HdB-2027-0001.ics")
    assert [line for line in lines_of(made.content) if line.startswith(("SUMMARY", "DESCRIPTION"))] == [
        "SUMMARY:Probe 1",
        "DESCRIPTION:Vorgangsnummer: HdB-2027-0001",
        "SUMMARY:Probe 2",
        "DESCRIPTION:Vorgangsnummer: HdB-2027-0002",
    ]


def test_dates_that_never_stood_in_a_calendar_are_left_out():
    waiting, rejected, skipped = (
        ("2027-05-04T16:00", "2027-05-04T18:00", status) for status in ["requested", "rejected", "skipped"]
    )
    facts = facts_of(APPROVED, waiting, rejected, skipped)
    # Fell out before it was ever approved.
    facts["dates"][3]["sequence"] = 0
    assert calendar_file(facts, recipient="maria@example.org", now=NOW).method == "REQUEST"
    assert calendar_file(facts_of(waiting, rejected), recipient="maria@example.org", now=NOW) is None
    assert published_file(facts_of(waiting), now=NOW) is None


def test_a_date_that_is_skipped_after_its_approval_is_taken_back():
    gone = ("2027-05-11T16:00", "2027-05-11T18:00", "skipped")
    assert calendar_file(facts_of(gone), recipient="maria@example.org", now=NOW).method == "CANCEL"


def test_the_reply_address_organizes_where_the_house_has_no_mailbox(settings):
    settings.REPLY_TO_EMAIL = "Haus <antwort@example.org>"
    made = calendar_file(facts_of(APPROVED, email=""), recipient="maria@example.org", now=NOW)
    assert 'ORGANIZER;CN="Haus der Begegnung":mailto:antwort@example.org' in lines_of(made.content)


def test_an_address_is_written_as_a_uri():
    made = calendar_file(facts_of(APPROVED), recipient='"a;b"+größe@example.org', now=NOW)
    assert "mailto:%22a%3Bb%22+gr%C3%B6%C3%9Fe@example.org" in "".join(lines_of(made.content))


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("start", "end", "new_york", "tokyo"),
    [
        # Over the night in which summer time starts: three hours on the clock, two in truth.
        ("2027-03-28T00:30", "2027-03-28T03:30", "27. 19:30–27. 21:30", "28. 08:30–28. 10:30"),
        # Over the night in which it ends: three hours on the clock, four in truth.
        ("2027-10-31T00:30", "2027-10-31T03:30", "30. 18:30–30. 22:30", "31. 07:30–31. 11:30"),
        # The evenings before and after, and the weeks in which only one of the two has changed its clocks.
        ("2027-03-27T19:00", "2027-03-27T21:00", "27. 14:00–27. 16:00", "28. 03:00–28. 05:00"),
        ("2027-03-28T19:00", "2027-03-28T21:00", "28. 13:00–28. 15:00", "29. 02:00–29. 04:00"),
        ("2027-11-02T19:00", "2027-11-02T21:00", "02. 14:00–02. 16:00", "03. 03:00–03. 05:00"),
        ("2027-11-09T19:00", "2027-11-09T21:00", "09. 13:00–09. 15:00", "10. 03:00–10. 05:00"),
    ],
)
@pytest.mark.parametrize("zone_name", ["Europe/Berlin", "Zeit des Hauses"])
def test_times_are_right_elsewhere_even_if_only_the_rules_in_the_file_are_known(
    read, start, end, new_york, tokyo, zone_name
):
    made = calendar_file(facts_of((start, end, "approved")), recipient="maria@example.org", now=NOW)
    [entry] = read(made.content.replace(b"Europe/Berlin", zone_name.encode()))

    def seen_in(zone: str) -> str:
        first, last = (moment.astimezone(ZoneInfo(zone)) for moment in [entry.starts_at, entry.ends_at])
        return f"{first:%d. %H:%M}–{last:%d. %H:%M}"

    assert (seen_in("America/New_York"), seen_in("Asia/Tokyo")) == (new_york, tokyo)


@pytest.mark.parametrize("clock", ["00:30", "01:30"])
def test_a_time_that_clocks_show_twice_is_given_in_universal_time(clock):
    """02:30 on the night on which summer time ends, the first and the second one."""
    facts = facts_of(APPROVED)
    facts["dates"][0] |= {"starts_at": f"2027-10-31T{clock}:00+00:00", "ends_at": "2027-10-31T03:00:00+00:00"}
    lines = lines_of(calendar_file(facts, recipient="maria@example.org", now=NOW).content)
    assert f"DTSTART:20271031T{clock.replace(':', '')}00Z" in lines
    assert "DTEND;TZID=Europe/Berlin:20271031T040000" in lines


def test_where_the_rules_change_between_the_dates_all_times_are_universal():
    """In Morocco the clocks follow the month of Ramadan."""
    dates = [(f"{year}-06-01T16:00", f"{year}-06-01T18:00", "approved") for year in [2027, 2028]]
    made = calendar_file(facts_of(*dates, zone="Africa/Casablanca"), recipient="maria@example.org", now=NOW)
    assert b"VTIMEZONE" not in made.content
    assert [line for line in lines_of(made.content) if line.startswith("DTSTART")] == [
        "DTSTART:20270601T150000Z",
        "DTSTART:20280601T150000Z",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Größenwahn, Äpfel; Übung\\", "SUMMARY:Größenwahn\\, Äpfel\\; Übung\\\\"),
        (r"C:\Neu\nett", r"SUMMARY:C:\\Neu\\nett"),
        ("Zwei\r\nZeilen\vund\u2028mehr", "SUMMARY:Zwei\\nZeilen\\nund\\nmehr"),
        ("Glocke\a, Tabulator\t", "SUMMARY:Glocke\\, Tabulator\t"),
        ("👩‍👩‍👧 Familie", "SUMMARY:👩‍👩‍👧 Familie"),
    ],
)
def test_signs_with_a_meaning_are_escaped_and_forbidden_ones_left_out(text, line):
    facts = facts_of(APPROVED) | {"title": text}
    assert line in lines_of(calendar_file(facts, recipient="maria@example.org", now=NOW).content)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])))
def test_a_text_without_control_characters_stays_as_it_is(text):
    assert plain(text) == text


instants = st.integers(0, 20 * 365 * 24 * 60).map(
    lambda minutes: datetime(2017, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"])


@given(
    starts=st.lists(instants, min_size=1, max_size=3),
    minutes=st.integers(1, 31 * 24 * 60),
    zone=zones,
    texts=st.lists(st.text(max_size=200), min_size=3, max_size=3),
)
def test_what_programs_read_is_what_was_written(starts, minutes, zone, texts):
    """Whatever the times and texts are; and content lines are as long as RFC 5545 (3.1) lets them be."""
    title, room, house = texts
    facts = facts_of(*[APPROVED] * len(starts), zone=zone, name=house) | {"title": title}
    length = timedelta(minutes=minutes)
    for each, start in zip(facts["dates"], starts, strict=True):
        each |= {"starts_at": start.isoformat(), "ends_at": (start + length).isoformat(), "rooms": [room]}
    content = calendar_file(facts, recipient="maria@example.org", now=NOW).content

    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    # No sign is torn apart by folding, and none is left that controls.
    assert not any(sign < " " for line in lines for sign in line.decode() if sign != "\t")
    place = ", ".join(part for part in [room, house, "Burgundische Straße 1", "50181 Bedburg"] if part)
    for read in READERS:
        assert [(event.starts_at, event.ends_at, event.title, event.place) for event in read(content)] == [
            (start, start + length, plain(title), plain(place)) for start in starts
        ]


@pytest.mark.django_db
@pytest.mark.parametrize(("numbers", "method"), [([1], "REQUEST"), ([0, 2], "PUBLISH")])
def test_a_calendar_moves_the_entries_it_has_and_no_others(numbers, method):
    scene = Scene()
    booking = scene.request_days(20, 21, 22)
    scene.approve(booking)
    uids = [str(slot.uid) for slot in booking.slots.order_by("starts_at")]
    scene.move(booking, *numbers)
    calendar = Calendar.from_ical(render(message_about(booking, "moved")).calendar.content)
    assert calendar["METHOD"] == method
    assert [
        (str(event["UID"]), event["SEQUENCE"], f"{event['DTSTART'].dt:%H:%M}", str(event["STATUS"]))
        for event in calendar.walk("VEVENT")
    ] == [(uids[number], 1, "19:00", "CONFIRMED") for number in numbers]


@pytest.mark.django_db
def test_a_pending_date_that_moves_is_in_no_calendar():
    scene = Scene()
    booking = scene.request_days(20, 21)
    scene.move(booking, 0)
    assert render(message_about(booking, "moved")).calendar is None


@pytest.mark.django_db
def test_a_decision_date_by_date_brings_what_stands():
    scene = Scene()
    booking = scene.request_days(20, 21, 22, 23)
    scene.decide(booking, [0, 2], [1])
    events = Calendar.from_ical(render(message_about(booking, "partial_approval")).calendar.content).walk(
        "VEVENT"
    )
    assert [f"{event['DTSTART'].dt:%d.}" for event in events] == ["20.", "22."]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["receipt", "staff_new_request"])
def test_a_receipt_carries_no_calendar_file(kind):
    booking = Scene().request()
    assert render(message_about(booking, kind)).calendar is None


@pytest.mark.django_db
def test_no_other_person_is_named_in_the_file():
    scene = Scene()
    booking = scene.request(remarks="Ruth Beispiel bringt Kuchen.", contact_phone="0151 12345")
    scene.approve(booking)
    content = render(message_about(booking, "approval")).calendar.content.decode()
    assert "Ruth" not in content
    assert "0151" not in content
    assert content.count("mailto:") == 2


@pytest.mark.django_db
def test_one_file_tells_of_the_dates_of_several_bookings():
    """A closure revokes a date of one booking and moves one of another; the entries keep their UIDs."""
    scene = Scene()
    revoked, moved = scene.request_days(20), scene.request_days(21, title="Chorprobe")
    for booking in (revoked, moved):
        scene.approve(booking)
    slots = {booking: booking.slots.get() for booking in (revoked, moved)}
    scene.close_hall(
        revoke=[slots[revoked]], moves=[scene.to_kitchen(slots[moved])], days=(DAY, DAY.replace(day=21))
    )
    made = render(Message.objects.get(kind="closure")).calendar
    assert (made.method, made.name) == ("PUBLISH", f"{revoked.reference}.ics")
    assert [
        (
            str(event["uid"]),
            event["sequence"],
            str(event["status"]),
            str(event["summary"]),
            str(event["description"]),
            str(event["location"]).split(",")[0],
        )
        for event in Calendar.from_ical(made.content).walk("VEVENT")
    ] == [
        (
            str(slots[revoked].uid),
            1,
            "CANCELLED",
            "Sprachcafé „Willkommen“",
            f"Vorgangsnummer: {revoked.reference}",
            "Saal A",
        ),
        (str(slots[moved].uid), 1, "CONFIRMED", "Chorprobe", f"Vorgangsnummer: {moved.reference}", "Küche"),
    ]


@pytest.mark.django_db
def test_a_single_date_that_moved_is_an_invitation_to_the_same_entry():
    scene = Scene()
    booking = scene.request_days(20)
    scene.approve(booking)
    slot = booking.slots.get()
    scene.close_hall(moves=[scene.to_kitchen(slot)])
    made = render(message_about(booking, "closure")).calendar
    (event,) = Calendar.from_ical(made.content).walk("VEVENT")
    assert (made.method, str(event["uid"]), event["sequence"]) == ("REQUEST", str(slot.uid), 1)
