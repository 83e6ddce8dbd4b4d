"""import_plan reads what Outlook, Google and Thunderbird export, into a house with its rooms."""

from datetime import date
from functools import partial
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from bookings.enums import BookingStatus, SlotStatus, Visibility
from bookings.models import Association, Booking, Slot
from notifications.models import Message
from rooms.models import House, OpeningHours, Room
from tests.bookings.plan_import.calendars import calendar, event, run_calendar
from tests.bookings.plan_import.plans import booking, plan_of, run_import
from tests.factories import BERLIN, NOW, berlin, make_association, make_booking, make_house, make_room

EXPORTS = Path(__file__).with_name("exports")


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def house(db):
    """A house with two halls, which together are a third, and a kitchen with a set-up time of its own."""
    house = make_house(name="Haus", slug="haus")
    halls = [make_room(house, f"Saal {letter}", slug=f"saal-{letter.lower()}") for letter in "AB"]
    make_room(house, "Saal", slug="saal", parts=halls)
    make_room(house, "Küche", slug="kueche", setup_minutes=30)
    return house


@pytest.fixture
def run(tmp_path, house):
    return partial(run_calendar, tmp_path)


def export(name):
    return (EXPORTS / name).read_text().replace("\n", "\r\n").encode()


def codes(problems):
    return [(problem["booking"], problem["code"]) for problem in problems]


def dates(**filters):
    """All stored dates by the clocks on the wall."""
    return [
        f"{slot.starts_at.astimezone(BERLIN):%d.%m. %H:%M}–{slot.ends_at.astimezone(BERLIN):%H:%M}"
        for slot in Slot.objects.filter(**filters).order_by("starts_at")
    ]


def of(title, **filters):
    return dates(booking__title=title, status=SlotStatus.APPROVED, **filters)


# What programs export --------------------------------------------------------------------------

FOR_OUTLOOK = ["--room", "saal-a", "--association", "Verein Beispiel", "--persons", "12"]


def test_the_calendar_of_a_room_from_outlook(run):
    make_association(name="Chor Beispiel e. V.")
    report, refusal = run(export("outlook_saal_a.ics"), *FOR_OUTLOOK, "--json")
    assert (report["rooms"], report["bookings"], report["slots"], report["stored"]) == (4, 5, 19, 5)
    assert refusal == ""
    # Over the start of summer time on 28 March; a date left out, one moved, one longer and in two rooms.
    assert of("Chorprobe") == [
        *[f"{day} 19:30–21:30" for day in ["05.01.", "12.01.", "19.01.", "26.01.", "02.02."]],
        *[f"{day} 19:30–21:30" for day in ["16.02.", "23.02.", "02.03.", "09.03.", "16.03.", "24.03."]],
    ]
    assert of("Generalprobe") == ["30.03. 19:30–22:30"]
    assert of("Stammtisch") == ["05.02. 19:00–23:00", "05.03. 19:00–23:00", "02.04. 19:00–23:00"]
    assert of("Kassensturz") == ["29.01. 09:00–11:00", "26.02. 09:00–11:00", "31.03. 09:00–11:00"]
    assert report["skipped_dates"] == [
        {"booking": "Chorprobe, 2027-01-05 19:30", "date": f"2027-{day}", "reason": "Left out"}
        for day in ["02-09", "03-23", "03-30"]
    ]
    assert codes(report["problems"]) == [
        ("Chorprobe, 2027-01-05 19:30", "details_left"),
        ("Generalprobe, 2027-03-30 19:30", "date_of_its_own"),
        ("Generalprobe, 2027-03-30 19:30", "outside_hours"),
        ("Generalprobe, 2027-03-30 19:30", "night_rest"),
        ("Vertrauliche Runde, 2027-01-13 18:00", "room_assumed"),
        ("Stammtisch, 2027-02-05 19:00", "outside_hours"),
        ("Stammtisch, 2027-02-05 19:00", "night_rest"),
        ("Kassensturz, 2027-01-29 09:00", "kept_as_dates"),
    ]
    assert codes(report["skipped"]) == [
        ("Putzwoche (nur zur Erinnerung), 2027-02-08", "marked_free"),
        ("Sommerfest, 2027-06-12 15:00", "series_without_end"),
    ]


def test_what_is_stored_of_the_calendar_of_a_room(run):
    make_association(name="Chor Beispiel e. V.")
    run(export("outlook_saal_a.ics"), *FOR_OUTLOOK, "--visibility", "public")
    stored = Booking.objects.order_by("pk")
    assert [
        (
            booking.title,
            booking.association.name,
            booking.status,
            booking.visibility,
            booking.persons,
            sorted({room.slug for slot in booking.slots.all() for room in slot.rooms.all()}),
            booking.event.rule.params if booking.event else "",
        )
        for booking in stored
    ] == [
        ("Chorprobe", "Chor Beispiel e. V.", "approved", "public", 12, ["saal-a"], "interval:1;byweekday:TU"),
        ("Generalprobe", "Chor Beispiel e. V.", "approved", "public", 12, ["saal-a", "saal-b"], ""),
        ("Vertrauliche Runde", "Verein Beispiel", "requested", "busy", 12, ["saal-a"], ""),
        (
            "Stammtisch",
            "Verein Beispiel",
            "approved",
            "public",
            12,
            ["saal-a"],
            "interval:1;byweekday:FR;bysetpos:1",
        ),
        ("Kassensturz", "Verein Beispiel", "approved", "public", 12, ["saal-a"], ""),
    ]
    first = stored[0]
    assert (first.remarks, first.purpose, first.contact_name, first.contact_email) == (
        *("", "", "Chor Beispiel e. V.", ""),
    )
    assert Message.objects.count() == 0


def test_a_calendar_from_google_that_names_the_rooms(run):
    Association.objects.create(name="TV Beispiel", email="turnen@example.org", kind="other", created_at=NOW)
    options = ["--association", "Haus", "--persons", "5", "--visibility", "public"]
    report, refusal = run(export("google_haus.ics"), *options, "--json")
    assert (report["bookings"], report["slots"], report["stored"], refusal) == (3, 12, 3, "")
    # Over the end of summer time on 31 October.
    assert of("Gymnastik", booking__association__name="TV Beispiel") == [
        *[f"{day} 18:00–19:30" for day in ["12.10.", "14.10.", "19.10.", "26.10."]],
        "04.11. 19:00–20:30",
        *[f"{day} 18:00–19:30" for day in ["09.11.", "11.11.", "16.11.", "18.11.", "23.11."]],
    ]
    assert of("Elternabend", booking__visibility="busy") == ["20.04. 19:30–21:30"]
    assert of("Flohmarkt") == ["18.09. 00:00–00:00"]
    assert codes(report["problems"]) == [
        ("Elternabend, 2027-04-20 19:30", "details_left"),
        ("Gymnastik, 2027-10-12 18:00", "place_partly_unknown"),
        ("Flohmarkt, 2027-09-18", "all_day"),
        ("Flohmarkt, 2027-09-18", "outside_hours"),
        ("Flohmarkt, 2027-09-18", "night_rest"),
        ("Flohmarkt, 2027-09-18", "too_long"),
    ]
    assert codes(report["skipped"]) == [
        ("Heiligabend, 2027-12-24", "marked_free"),
        ("Ausschuss, 2027-06-01 18:00", "room_unknown"),
    ]


def test_a_calendar_from_thunderbird(run):
    options = ["--association", "Haus", "--persons", "5", "--visibility", "public"]
    report, refusal = run(export("thunderbird.ics"), *options, "--json")
    assert (report["bookings"], report["slots"], report["stored"], refusal) == (3, 10, 3, "")
    assert of("Repair-Café") == [
        f"{day} 10:00–14:00" for day in ["02.01.", "06.02.", "06.03.", "03.04.", "08.05.", "05.06.", "03.07."]
    ]
    assert of("Lesenacht") == ["30.10. 20:00–09:00"]
    assert of("Spieleabend") == ["18.10. 19:00–22:00", "01.11. 19:00–22:00"]
    assert codes(report["skipped"]) == [
        ("", "no_event"),
        ("Spieleabend, 2027-11-16 19:00", "this_and_future"),
        ("Schlüssel abgeben, 2027-01-05 12:00", "without_end"),
    ]


def test_the_summary_says_once_what_holds_for_several_and_names_them_all(run):
    text, refusal = run(
        calendar(
            event("DTSTART:20270420T190000", "CATEGORIES:x", uid="a", title="Eins"),
            event("DTSTART:20270421T190000", "CATEGORIES:x", uid="b", title="Zwei"),
            event("DTSTART:20270422T190000", "STATUS:CANCELLED", uid="c", title="Drei"),
            "BEGIN:VTODO\nEND:VTODO",
        ),
        *["--room", "saal-a", "--association", "Chor", "--dry-run"],
    )
    assert text.splitlines() == [
        "House: Haus",
        "Rooms: 4, bookings: 2, dates that would stand: 2.",
        "Broken rules and notes:",
        "  How many persons come is not known and counts as one; --persons says how many.",
        "  Not taken over: categories.",
        "    Eins, 2027-04-20 19:00",
        "    Zwei, 2027-04-21 19:00",
        "Not taken over:",
        "  1 entry of the kind VTODO is no event.",
        "  Drei, 2027-04-22 19:00: It is cancelled.",
        "This was a dry run, nothing was stored.",
    ]
    assert refusal == ""
    assert Booking.objects.count() == 0


# Storing ---------------------------------------------------------------------------------------


def test_the_same_calendar_twice_stores_everything_once(run):
    first, _refusal = run(export("outlook_saal_a.ics"), *FOR_OUTLOOK, "--json")
    counts = [model.objects.count() for model in (House, Room, OpeningHours, Association, Booking, Slot)]
    second, refusal = run(export("outlook_saal_a.ics"), *FOR_OUTLOOK, "--json", name="noch einmal.ics")
    assert [first["stored"], second["stored"], second["stored_clashes"], refusal] == [5, 0, [], ""]
    assert counts == [
        model.objects.count() for model in (House, Room, OpeningHours, Association, Booking, Slot)
    ]


def test_an_event_in_the_calendars_of_two_rooms_takes_both(run):
    content = calendar(event())
    for room in ("saal-a", "kueche"):
        run(content, "--room", room, "--association", "Chor")
    rooms = [[room.slug for room in slot.rooms.all()] for slot in Slot.objects.order_by("pk")]
    assert rooms == [["saal-a"], ["kueche"]]


def test_the_calendars_of_two_rooms_are_brought_up_to_date_each_by_itself(run):
    first, second = (["--room", room, "--association", "Chor", "--json"] for room in ("saal-a", "kueche"))
    later = calendar(event("DTSTART;TZID=Europe/Berlin:20270420T200000", "SEQUENCE:1"))
    for options in (first, second):
        run(calendar(event()), *options)
    for options, found in [
        (first, ["20.04. 19:00–21:00", "20.04. 20:00–22:00"]),
        (second, ["20.04. 20:00–22:00", "20.04. 20:00–22:00"]),
    ]:
        report, _refusal = run(later, *options, "--update")
        assert ([change["done"] for change in report["changes"]], of("Chorprobe")) == ([True], found)


def test_the_times_of_a_calendar_are_taken_without_set_up(run):
    run(calendar(event()), "--room", "kueche", "--association", "Chor")
    slot = Slot.objects.get()
    assert (slot.setup_minutes, slot.teardown_minutes) == (0, 0)


def test_a_clash_with_what_the_house_holds_stops_everything_unless_dates_may_be_skipped(run, house):
    saal_a = house.rooms.get(slug="saal-a")
    held = make_booking([saal_a], berlin(date(2027, 4, 27), "20:00"), title="Sitzung")
    content = calendar(event("DTSTART;TZID=Europe/Berlin:20270420T190000", "RRULE:FREQ=WEEKLY;COUNT=3"))
    options = ["--room", "saal", "--association", "Chor", "--json"]
    report, refusal = run(content, *options)
    assert [(clash["date"], clash["rooms"]) for clash in report["stored_clashes"]] == [
        ("2027-04-27", ["saal-a"])
    ]
    assert refusal.startswith("1 approved date cannot stand beside others. Nothing was stored")
    assert list(Booking.objects.all()) == [held]
    run(content, *options, "--skip-clashing-dates")
    assert of("Chorprobe") == ["20.04. 19:00–21:00", "04.05. 19:00–21:00"]


def test_rules_are_those_of_the_house_with_its_seasons_closures_and_rooms_out_of_use(run, house):
    OpeningHours.objects.filter(house=house).update(valid_until=date(2027, 4, 30))
    house.closures.create(
        starts_at=berlin(date(2027, 4, 21), "00:00"),
        ends_at=berlin(date(2027, 4, 22), "00:00"),
        reason="Boden",
    )
    Room.objects.filter(slug="kueche").update(is_active=False)
    house.refresh_from_db()
    house.save()
    report, _refusal = run(
        calendar(
            event("DTSTART:20270420T190000", uid="a", title="Offen"),
            event("DTSTART:20270421T190000", uid="b", title="Geschlossen"),
            event("DTSTART:20270504T190000", uid="c", title="Nach der Saison"),
            event("DTSTART:20270420T190000", "LOCATION:Küche", uid="d", title="Küche"),
        ),
        *["--room", "saal-a", "--association", "Chor", "--persons", "41", "--json"],
    )
    assert codes(report["problems"]) == [
        ("Offen, 2027-04-20 19:00", "too_many_persons"),
        ("Geschlossen, 2027-04-21 19:00", "too_many_persons"),
        ("Geschlossen, 2027-04-21 19:00", "closed"),
        ("Nach der Saison, 2027-05-04 19:00", "too_many_persons"),
        ("Nach der Saison, 2027-05-04 19:00", "outside_hours"),
        ("Küche, 2027-04-20 19:00", "room_inactive"),
        ("Küche, 2027-04-20 19:00", "too_many_persons"),
    ]


def test_more_persons_than_the_house_may_hold_are_told(run, house):
    House.objects.update(max_persons=15)
    content = calendar(
        event(uid="a", title="Eins"),
        event("DTSTART:20270420T190000", "LOCATION:Saal B", uid="b", title="Zwei"),
    )
    report, refusal = run(
        content, "--room", "saal-a", "--association", "Chor", "--persons", "8", "--json", "--dry-run"
    )
    assert codes(report["problems"]) == [("Zwei, 2027-04-20 19:00", "house_full")]
    assert refusal.startswith("1 approved date cannot stand")


def test_descriptions_become_remarks_for_staff_only_when_that_is_wanted(run):
    content = calendar(event("DTSTART:20270420T190000", "DESCRIPTION:40 Stühle\\, Beamer\\n\\nKaffee"))
    options = ["--room", "saal-a", "--association", "Chor", "--persons", "8", "--json"]
    report, _refusal = run(content, *options, "--dry-run")
    assert codes(report["problems"]) == [("Chorprobe, 2027-04-20 19:00", "details_left")]
    report, _refusal = run(content, *options, "--descriptions")
    assert report["problems"] == []
    stored = Booking.objects.get()
    assert (stored.remarks, stored.purpose) == ("40 Stühle, Beamer\n\nKaffee", "")


@pytest.mark.parametrize(
    ("options", "of_public", "of_private"),
    [
        ([], "busy", "busy"),
        (["--visibility", "public"], "public", "busy"),
        (["--visibility", "busy"], "busy", "busy"),
        (["--visibility", "hidden"], "hidden", "hidden"),
    ],
)
def test_titles_are_shown_as_far_as_calendar_and_option_say(run, options, of_public, of_private):
    content = calendar(
        event(uid="a", title="Eins"),
        event("DTSTART:20270421T190000", "CLASS:CONFIDENTIAL", uid="b", title="Zwei"),
    )
    run(content, "--room", "saal-a", "--association", "Chor", *options)
    assert dict(Booking.objects.values_list("title", "visibility")) == {
        "Eins": Visibility(of_public),
        "Zwei": Visibility(of_private),
    }


def test_an_address_that_two_associations_have_names_none(run):
    for name in ("Chor Beispiel", "TV Beispiel"):
        Association.objects.create(name=name, email="buero@example.org", kind="other", created_at=NOW)
    content = calendar(event("DTSTART:20270420T190000", "ORGANIZER:mailto:buero@example.org"))
    report, _refusal = run(content, "--room", "saal-a", "--json", "--dry-run")
    assert codes(report["skipped"]) == [("Chorprobe, 2027-04-20 19:00", "association_unknown")]


# House and options -----------------------------------------------------------------------------


def test_without_a_house_nothing_is_read(tmp_path, db):
    _report, refusal = run_calendar(tmp_path, calendar(event()))
    assert refusal == (
        "A calendar is read into a house that is there already. Please enter house and rooms first, "
        "or read them from a JSON file."
    )


def test_a_calendar_makes_no_house(run):
    _report, refusal = run(calendar(event()), "--house", "anderswo")
    assert refusal == ("A calendar is read into a house that is there already; there is no house “anderswo”.")
    assert House.objects.count() == 1


def test_a_house_without_rooms_is_told(tmp_path, db):
    make_house(name="Haus")
    _report, refusal = run_calendar(tmp_path, calendar(event()))
    assert refusal == "The house Haus has no rooms yet. Please enter them first."


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ["--room", "keller"],
            "--room: there is no room “keller” in the house. There are: saal-a, saal-b, saal, kueche.",
        ),
        (["--tell"], "--tell: people are told of what --update carries out."),
        (["--room", "saal-a", "--room", "saal-b"], "--room: “saal-b” stands here twice."),
        (["--room", "EG=saal-a", "--room", "EG=saal-b"], "--room: “EG” stands here twice."),
        (["--persons", "viele"], "--persons: a whole number is expected here."),
        (["--persons", "0"], "--persons: a number from 1 to 1000000 is expected here."),
        (["--until", "31.12.2027"], "--until: a date is written like 2027-04-20."),
        (["--until", "2027-02-30"], "--until: this date does not exist."),
        (["--association", " "], "--association: this must not be empty."),
        (["--association", "x" * 161], "--association: at most 160 characters are possible."),
        (
            ["--visibility", "geheim"],
            "--visibility: “geheim” is unknown. Possible are: public, busy, hidden.",
        ),
        (["--now", "morgen"], "--now: “morgen” is no instant such as 2027-01-01T08:00."),
    ],
)
def test_an_option_that_cannot_be_meant_is_refused(run, options, sentence):
    now = {"now": options[1]} if options[0] == "--now" else {}
    assert run(calendar(event()), *([] if now else options), **now) == ("", sentence)


@pytest.mark.parametrize(
    "option", [["--room", "saal-a"], ["--persons", "3"], ["--until", "2027-12-31"], ["--descriptions"]]
)
def test_options_of_calendars_do_not_belong_to_json_files(tmp_path, db, option):
    plan = plan_of(booking("A", ["saal"], "2027-04-20T10:00", "2027-04-20T12:00"))
    assert run_import(tmp_path, plan, *option) == (
        "",
        f"{option[0]}: this belongs to a calendar file (.ics).",
    )


def test_a_calendar_is_known_by_its_content_too(run):
    report, refusal = run(
        b"\xef\xbb\xbf" + calendar(event()),
        "--room",
        "saal-a",
        "--association",
        "Chor",
        "--json",
        name="kalender.txt",
    )
    assert (report["stored"], refusal) == (1, "")


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_broken_calendar_is_refused_and_nothing_is_stored(run, options):
    cut_off = calendar(event()).removesuffix(b"END:VCALENDAR\r\n")
    report, refusal = run(cut_off, "--room", "saal-a", "--association", "Chor", *options)
    assert refusal == "The file is cut off: END:VCALENDAR is missing."
    if options:
        assert report["problems"] == [{"booking": "", "code": "broken_plan", "message": refusal}]
    assert Booking.objects.count() == 0


def test_a_booking_that_fails_leaves_nothing_behind(run):
    """All or nothing: the second event clashes with the first."""
    content = calendar(event(uid="a", title="Eins"), event(uid="b", title="Zwei"))
    _report, refusal = run(content, "--room", "saal-a", "--association", "Chor")
    assert refusal.startswith("1 approved date cannot stand")
    assert (Booking.objects.count(), Association.objects.count()) == (0, 0)


def test_a_calendar_that_is_not_there_is_said(house, tmp_path):
    with pytest.raises(CommandError, match=r"The file .*nowhere\.ics cannot be read\."):
        call_command("import_plan", str(tmp_path / "nowhere.ics"), skip_checks=True)


def test_requests_and_approvals_keep_their_status(run):
    content = calendar(
        event("DTSTART:20270420T190000", "STATUS:TENTATIVE", uid="a", title="Eins"),
        event("DTSTART:20270420T190000", "STATUS:CONFIRMED", uid="b", title="Zwei"),
    )
    report, refusal = run(content, "--room", "saal-a", "--association", "Chor", "--json")
    assert [clash["kind"] for clash in report["clashes"]] == ["hard"]
    assert refusal == ""
    assert dict(Booking.objects.values_list("title", "status")) == {
        "Eins": BookingStatus.REQUESTED,
        "Zwei": BookingStatus.APPROVED,
    }
