"""iCalendar files for tests, in the shape that programs write; and what they must give, computed anew."""

import json
from datetime import date
from io import StringIO

from django.core.management import CommandError, call_command

from bookings.plan_import.calendar_events import CalendarOptions
from bookings.plan_import.calendar_reader import read_calendar
from bookings.plan_import.plan import PlanFile, PlanRoom
from bookings.plan_import.series import with_series_dates
from rooms.holidays import published_calendar
from tests.factories import BERLIN

NOW = "2027-01-01T08:00"

ROOMS = (
    PlanRoom("saal-a", "Saal A"),
    PlanRoom("saal-b", "Saal B"),
    PlanRoom("saal", "Saal", parts=("saal-a", "saal-b")),
    PlanRoom("kueche", "Küche"),
)
HOUSE = PlanFile(zone=BERLIN, max_persons=None, buffer_minutes=0, hours={}, rooms=ROOMS, bookings=())
OPTIONS = CalendarOptions(room="saal-a", association="Chor Beispiel e. V.", persons=10)

# As Outlook describes them: the names are those of Windows, or of nobody.
CLOCKS_OF_BERLIN = """BEGIN:VTIMEZONE
TZID:{}
BEGIN:STANDARD
DTSTART:16011028T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010325T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE"""


def event(starts="DTSTART;TZID=Europe/Berlin:20270420T190000", *more, uid="a@example.org", title="Chorprobe"):
    """One event, two hours long where no line says another end."""
    lines = [starts, *more]
    if not any(line.split(":")[0].split(";")[0] in {"DTEND", "DURATION"} for line in lines):
        lines.append("DURATION:PT2H")
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{title}", *lines, "END:VEVENT"])


def calendar(*parts, head=()):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example//test//DE", *head, *parts, "END:VCALENDAR"]
    return "\n".join(lines).replace("\n", "\r\n").encode() + b"\r\n"


def read(*parts, options=OPTIONS, house=HOUSE, associations=None, head=()):
    """Read a calendar of these parts without a database, and expand its series."""
    plan = read_calendar(calendar(*parts, head=head), house, associations or {}, options)
    return with_series_dates(plan, published_calendar("NW", date(2027, 1, 1), date(2027, 1, 1)))


def remarks(*parts, **more):
    """What is said of all bookings, and of what became none."""
    plan = read(*parts, **more)
    return (
        [(reason.code, str(reason.message)) for booking in plan.bookings for reason in booking.reasons],
        [(problem.code, problem.message) for problem in plan.skipped],
    )


def of_one(*lines, **more):
    """The booking of a calendar with one event of these lines."""
    (booking,) = read(event(*lines), **more).bookings
    return booking


def walls(booking):
    """The dates that stand, by the clocks of the house."""
    return [
        f"{plan_date.net.start.astimezone(BERLIN):%Y-%m-%d %H:%M}"
        for plan_date in booking.dates
        if not plan_date.skipped
    ]


def run_calendar(folder, content, *options, now=NOW, name="Saal A.ics"):
    """Run the command on a calendar: what it printed (for --json an object), and its refusal."""
    path = folder / name
    path.write_bytes(content)
    out, refusal = StringIO(), ""
    try:
        call_command("import_plan", str(path), *options, "--now", now, stdout=out, skip_checks=True)
    except CommandError as error:
        refusal = str(error)
    text = out.getvalue()
    return (json.loads(text) if "--json" in options and text else text), refusal
