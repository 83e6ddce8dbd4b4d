from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from notifications.calendar_files import calendar_file, time_zone
from notifications.models import Message
from notifications.rendering import render
from tests.factories import BERLIN, DAY, NOW
from tests.notifications.scenes import Scene, message_about


def facts_of(*dates: tuple[str, str, str], house_email: str = "haus@example.org") -> dict:
    """Facts with dates given as start, end (ISO, Berlin clocks) and status."""
    return {
        "house": {
            "name": "Haus der Begegnung",
            "street": "Burgundische Straße 1",
            "postal_code": "50181",
            "city": "Bedburg",
            "email": house_email,
            "zone": "Europe/Berlin",
        },
        "reference": "HdB-2027-0001",
        "title": "Sprachcafé; Kaffee, Kuchen\nund mehr",
        "contact_name": "Maria Beispiel",
        "replaced": None,
        "dates": [
            {
                "starts_at": datetime.fromisoformat(start).replace(tzinfo=BERLIN).astimezone(UTC).isoformat(),
                "ends_at": datetime.fromisoformat(end).replace(tzinfo=BERLIN).astimezone(UTC).isoformat(),
                "rooms": ["Saal A", "Küche"],
                "status": status,
                "uid": f"00000000-0000-0000-0000-00000000000{number}",
                "sequence": 0 if status == "approved" else 1,
            }
            for number, (start, end, status) in enumerate(dates)
        ],
    }


def lines_of(content: bytes) -> list[str]:
    """The unfolded content lines, as RFC 5545 writes them."""
    return content.decode().replace("\r\n ", "").split("\r\n")


APPROVED = ("2027-04-20T16:00", "2027-04-20T18:00", "approved")
CANCELLED = ("2027-04-27T16:00", "2027-04-27T18:00", "cancelled")


def test_one_date_is_an_invitation_that_is_accepted_already():
    made = calendar_file(facts_of(APPROVED), recipient="maria@example.org", now=NOW)
    lines = lines_of(made.content)

    told = ("METHOD", "UID", "SEQUENCE", "DT", "STATUS", "ATTENDEE", "ORGANIZER")
    assert (made.method, made.name) == ("REQUEST", "HdB-2027-0001.ics")
    assert [line for line in lines if line.startswith(told)] == [
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


def test_several_dates_are_one_published_file_without_attendees():
    made = calendar_file(facts_of(APPROVED, CANCELLED), recipient="maria@example.org", now=NOW)
    events = Calendar.from_ical(made.content).walk("VEVENT")
    assert made.method == "PUBLISH"
    assert [(str(event["STATUS"]), event["SEQUENCE"]) for event in events] == [
        ("CONFIRMED", 0),
        ("CANCELLED", 1),
    ]
    assert b"ATTENDEE" not in made.content


def test_dates_that_never_stood_in_a_calendar_are_left_out():
    waiting = ("2027-05-04T16:00", "2027-05-04T18:00", "requested")
    fallen_out = ("2027-05-11T16:00", "2027-05-11T18:00", "fallen_out")
    made = calendar_file(facts_of(APPROVED, waiting, fallen_out), recipient="maria@example.org", now=NOW)
    assert made.method == "REQUEST"
    assert calendar_file(facts_of(waiting), recipient="maria@example.org", now=NOW) is None


def test_the_reply_address_organizes_where_the_house_has_no_mailbox(settings):
    settings.REPLY_TO_EMAIL = "Haus <antwort@example.org>"
    made = calendar_file(facts_of(APPROVED, house_email=""), recipient="maria@example.org", now=NOW)
    assert 'ORGANIZER;CN="Haus der Begegnung":mailto:antwort@example.org' in lines_of(made.content)


@pytest.mark.parametrize(
    ("start", "end", "utc_start", "utc_end"),
    [
        # Over the night in which summer time starts: three hours on the clock, two in truth.
        ("2027-03-28T00:30", "2027-03-28T03:30", "2027-03-27T23:30", "2027-03-28T01:30"),
        # Over the night in which it ends: three hours on the clock, four in truth.
        ("2027-10-31T00:30", "2027-10-31T03:30", "2027-10-30T22:30", "2027-10-31T02:30"),
        ("2027-03-27T19:00", "2027-03-27T21:00", "2027-03-27T18:00", "2027-03-27T20:00"),
        ("2027-03-28T19:00", "2027-03-28T21:00", "2027-03-28T17:00", "2027-03-28T19:00"),
    ],
)
def test_times_are_right_for_a_client_elsewhere_on_both_clock_changes(start, end, utc_start, utc_end):
    made = calendar_file(facts_of((start, end, "approved")), recipient="maria@example.org", now=NOW)
    event = Calendar.from_ical(made.content).walk("VEVENT")[0]
    new_york = ZoneInfo("America/New_York")
    assert [event["DTSTART"].dt.astimezone(new_york), event["DTEND"].dt.astimezone(new_york)] == [
        datetime.fromisoformat(utc_start).replace(tzinfo=UTC).astimezone(new_york),
        datetime.fromisoformat(utc_end).replace(tzinfo=UTC).astimezone(new_york),
    ]


def test_the_second_of_two_equal_local_times_is_given_in_utc():
    facts = facts_of(APPROVED)
    facts["dates"][0] |= {"starts_at": "2027-10-31T01:30:00+00:00", "ends_at": "2027-10-31T03:00:00+00:00"}
    lines = lines_of(calendar_file(facts, recipient="maria@example.org", now=NOW).content)
    assert "DTSTART:20271031T013000Z" in lines
    assert "DTEND;TZID=Europe/Berlin:20271031T040000" in lines


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata"])
def test_the_rules_of_the_time_zone_give_the_offsets_of_every_day(zone):
    component = time_zone(ZoneInfo(zone), 2027).to_ical()
    made = Calendar.from_ical(b"BEGIN:VCALENDAR\r\n" + component + b"END:VCALENDAR\r\n")
    by_rules = made.walk("VTIMEZONE")[0].to_tz()
    for n in range(365):
        noon = datetime.fromisoformat("2027-01-01T12:00") + timedelta(days=n)
        assert by_rules.utcoffset(noon) == noon.replace(tzinfo=ZoneInfo(zone)).utcoffset()


def test_the_time_zone_has_rules_and_no_lists_of_dates():
    text = time_zone(ZoneInfo("Europe/Berlin"), 2027).to_ical().decode()
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in text
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10" in text
    assert "RDATE" not in text


@pytest.mark.django_db
def test_a_calendar_that_follows_all_files_of_a_booking_ends_right():
    """Merged by UID and highest SEQUENCE, as calendars do it."""
    scene = Scene()
    booking = scene.request_days(20, 27)
    scene.approve(booking)
    first = booking.slots.order_by("starts_at").first()
    scene.cancel(booking, slot_ids=[first.pk])
    change = scene.change(booking, "19:00", "20:00")
    scene.approve(change)

    merged: dict[str, tuple[int, str, str]] = {}
    for message in Message.objects.filter(kind__in=["approval", "cancellation", "change_approved"]).order_by(
        "pk"
    ):
        for event in Calendar.from_ical(render(message).calendar.content).walk("VEVENT"):
            uid, sequence = str(event["UID"]), int(event["SEQUENCE"])
            if sequence >= merged.get(uid, (-1,))[0]:
                merged[uid] = (sequence, str(event["STATUS"]), f"{event['DTSTART'].dt:%d. %H:%M}")

    assert sorted(merged.values(), key=lambda entry: entry[2]) == [
        (1, "CANCELLED", "20. 16:00"),
        (0, "CONFIRMED", "20. 19:00"),
        (1, "CANCELLED", "27. 16:00"),
    ]


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
