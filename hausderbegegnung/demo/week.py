"""What goes on in an ordinary week of the demo house, and who asks for more. All groups are fictional.

Every day is a function of its date alone, so that loading the demo again on another day adds
what is missing and doubles nothing. On the days close to today somebody is in the house from
an hour after opening until an hour before closing. The series of the plan file come first, and
nothing here bears the name of one of them while it lasts: nobody meets a course on its holidays.
"""

# One line per date reads as a timetable.
# ruff: noqa: E501

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

from bookings.enums import AssociationKind, BookingKind, BookingStatus, Visibility
from bookings.plan_import.dates import date_between
from bookings.plan_import.plan import PlanBooking
from rooms.clock import instant
from rooms.enums import Layout
from rooms.holidays import published_calendar

DEMO_ASSOCIATION = "Demo-Verein Kaster e. V."
DEMO_ASSOCIATION_KIND = AssociationKind.REGISTERED_ASSOCIATION
DEMO_EMAIL = "verein@demo.example"

# Days before and after today that are filled, and those that are filled wholly.
DAYS_BEFORE, DAYS_AFTER = 3, 13
WHOLE_BEFORE, WHOLE_AFTER = 1, 2
# How far ahead something may move from a holiday: Christmas and New Year take two weeks in a row.
LATEST_WEEKS = 6

KURS, CAFE, CHOR = (
    "Sprachtreff Erftaue e. V.",
    "Nachbarschaftshilfe Alt und Jung e. V.",
    "Chorgemeinschaft Erftklang e. V.",
)
SPORT, JUGEND, MUSIK = (
    "SV Beispiel Kaster 1921 e. V.",
    "Jugendinitiative Kaster-Mitte",
    "Musikfreunde Erftland e. V.",
)
QUARTIER, STADT = "Quartiersmanagement Kaster", "Stadt Bedburg (Eigenbedarf)"
KITA, FREUNDE = "Kita Regenbogenwiese (Elternbeirat)", "Förderverein Begegnung e. V."
REPARIEREN, SPIELE = "Initiative Reparieren statt Wegwerfen", "Spieletreff Kaster"
SELBSTHILFE, PRIVAT = "Selbsthilfegruppe (Name nicht öffentlich)", "Privatperson"

ASSOCIATION_KINDS = {
    QUARTIER: AssociationKind.TOWN,
    STADT: AssociationKind.TOWN,
    KITA: AssociationKind.SCHOOL,
    JUGEND: AssociationKind.INITIATIVE,
    REPARIEREN: AssociationKind.INITIATIVE,
    SPIELE: AssociationKind.INITIATIVE,
    SELBSTHILFE: AssociationKind.SELF_HELP_GROUP,
    PRIVAT: AssociationKind.PRIVATE_PERSON,
}


def phone_of(association: str) -> str:
    """Return a number that nobody has, the same for a group every time."""
    return f"02272 000-{10 + crc32(association.encode()) % 90:03}"


@dataclass(frozen=True, slots=True)
class WeekEntry:
    """A date of the week: `hours` like "09:00-12:15", buffers in minutes.

    A `regular` one takes place on every day that is filled at all, others only close to today.
    `weeks` is 0 or 1 for even or odd ISO weeks only, None for both.
    """

    weekday: int
    hours: str
    rooms: tuple[str, ...]
    title: str
    association: str
    persons: int
    kind: BookingKind
    layout: str = ""
    buffers: tuple[int, int] = (15, 15)
    display: str = ""
    visibility: str = Visibility.PUBLIC
    regular: bool = False
    weeks: int | None = None
    status: BookingStatus = BookingStatus.APPROVED
    purpose: str = ""


MO, DI, MI, DO, FR, SA, SO = range(7)
COURSE, TOGETHER, CULTURE = BookingKind.COURSE, BookingKind.GET_TOGETHER, BookingKind.CULTURE
MEETING, YOUTH, SPORTS = BookingKind.MEETING, BookingKind.YOUTH, BookingKind.SPORT
ADVICE, SELF_HELP, PRIVATE = BookingKind.COUNSELLING, BookingKind.SELF_HELP, BookingKind.PRIVATE
INFORMATION, TOWN = BookingKind.INFORMATION, BookingKind.MUNICIPAL
TABLES, ROWS, CIRCLE, CLASSROOM = Layout.TABLES, Layout.ROWS, Layout.CIRCLE, Layout.CLASSROOM

# fmt: off
WEEK = [
    WeekEntry(MO, "09:00-12:15", ("seminarraum",), "Deutschkurs B1", KURS, 18, COURSE, CLASSROOM, display="Deutschkurs", regular=True),
    WeekEntry(MO, "12:00-14:00", ("saal-a", "kueche"), "Gemeinsamer Mittagstisch", CAFE, 26, TOGETHER, TABLES, (60, 30), "Mittagstisch"),
    WeekEntry(MO, "14:00-16:00", ("seminarraum",), "Hausaufgabenhilfe", FREUNDE, 12, YOUTH, TABLES),
    WeekEntry(MO, "16:00-18:00", ("gruppenraum",), "Strickrunde", CAFE, 9, TOGETHER, TABLES),
    WeekEntry(MO, "18:00-19:15", ("saal-b",), "Gymnastik für Ältere", SPORT, 18, SPORTS, display="Gymnastik"),
    WeekEntry(MO, "19:00-21:30", ("saal-a",), "Chorprobe", CHOR, 32, CULTURE, ROWS, regular=True),
    WeekEntry(DI, "09:00-11:00", ("gruppenraum",), "Krabbelgruppe", KITA, 12, YOUTH, CIRCLE, regular=True),
    WeekEntry(DI, "11:00-13:00", ("seminarraum",), "Hilfe mit dem Smartphone", FREUNDE, 10, COURSE, TABLES),
    WeekEntry(DI, "13:00-16:00", ("saal-b",), "Offener Spieletreff", SPIELE, 16, TOGETHER, TABLES),
    WeekEntry(DI, "16:00-18:00", ("buero",), "Sprechstunde Quartiersmanagement", QUARTIER, 4, BookingKind.OTHER, buffers=(0, 0), display="Offene Sprechstunde", regular=True),
    WeekEntry(DI, "17:30-19:15", ("gruppenraum",), "Ukulele-Runde", MUSIK, 10, CULTURE, CIRCLE),
    WeekEntry(DI, "18:00-20:00", ("seminarraum",), "Gesprächskreis für Angehörige", SELBSTHILFE, 9, SELF_HELP, buffers=(0, 0), visibility=Visibility.BUSY, regular=True),
    WeekEntry(DI, "19:30-21:30", ("gruppenraum",), "Abteilungssitzung", SPORT, 10, MEETING, display="Sitzung (intern)", buffers=(0, 15)),
    WeekEntry(MI, "09:00-12:15", ("seminarraum",), "Deutschkurs B1", KURS, 18, COURSE, CLASSROOM, display="Deutschkurs", regular=True),
    WeekEntry(MI, "12:00-14:30", ("saal-a", "kueche"), "Kochtreff international", KURS, 20, TOGETHER, TABLES, (60, 45)),
    WeekEntry(MI, "14:30-16:30", ("gruppenraum",), "Malwerkstatt für Kinder", FREUNDE, 12, YOUTH, TABLES, regular=True),
    WeekEntry(MI, "16:00-18:00", ("buero",), "Sozialberatung", STADT, 3, ADVICE, buffers=(0, 0), visibility=Visibility.BUSY),
    WeekEntry(MI, "18:00-20:00", ("saal-b",), "Theaterprobe", JUGEND, 15, CULTURE),
    WeekEntry(MI, "19:30-21:30", ("saal-a",), "Infoabend: Wärme sparen in der Wohnung", STADT, 30, INFORMATION, ROWS, display="Infoabend Wärme sparen", regular=True, weeks=0),
    WeekEntry(MI, "19:30-21:30", ("saal-a",), "Filmabend", FREUNDE, 35, CULTURE, ROWS, regular=True, weeks=1),
    WeekEntry(DO, "09:00-12:15", ("seminarraum",), "Deutschkurs B1", KURS, 18, COURSE, CLASSROOM, display="Deutschkurs", regular=True),
    WeekEntry(DO, "12:00-14:30", ("gruppenraum",), "Treff der Freiwilligen", QUARTIER, 10, MEETING, TABLES),
    WeekEntry(DO, "14:30-17:00", ("saal-a", "kueche"), "Kaffeenachmittag", CAFE, 28, TOGETHER, TABLES, (45, 45), regular=True),
    WeekEntry(DO, "16:30-18:30", ("buero",), "Hilfe beim Ausfüllen von Formularen", FREUNDE, 3, ADVICE, buffers=(0, 0), visibility=Visibility.BUSY),
    WeekEntry(DO, "18:30-20:00", ("seminarraum",), "Rückenfit", SPORT, 12, SPORTS),
    WeekEntry(DO, "19:45-21:30", ("gruppenraum",), "Nachbarschaftsrat", QUARTIER, 12, MEETING, CIRCLE),
    WeekEntry(FR, "09:00-12:15", ("seminarraum",), "Deutschkurs B1", KURS, 18, COURSE, CLASSROOM, display="Deutschkurs", regular=True),
    WeekEntry(FR, "12:00-15:00", ("saal-b",), "Schachtreff", SPIELE, 14, TOGETHER, TABLES),
    WeekEntry(FR, "15:00-17:00", ("saal-a",), "Singen mit kleinen Kindern", KITA, 22, YOUTH, CIRCLE, display="Eltern-Kind-Singen"),
    WeekEntry(FR, "17:00-20:00", ("gruppenraum",), "Jugendtreff", JUGEND, 14, YOUTH, CIRCLE, (0, 15), regular=True),
    WeekEntry(FR, "19:30-21:30", ("seminarraum",), "Skatabend", SPIELE, 12, TOGETHER, TABLES),
    WeekEntry(SA, "09:30-12:30", ("seminarraum",), "Erste-Hilfe-Kurs", "Blutspendedienst Musterland (Ortsverein)", 16, COURSE, weeks=0),
    WeekEntry(SA, "09:30-12:30", ("seminarraum",), "Nähkurs", FREUNDE, 10, COURSE, TABLES, weeks=1),
    WeekEntry(SA, "10:00-13:00", ("saal-a", "kueche"), "Fahrradwerkstatt", REPARIEREN, 30, TOGETHER, TABLES, (60, 45), regular=True),
    WeekEntry(SA, "13:00-15:30", ("gruppenraum",), "Bastelwerkstatt", KITA, 12, YOUTH, TABLES),
    WeekEntry(SA, "15:00-18:00", ("saal-b",), "Spielenachmittag der Generationen", SPIELE, 22, TOGETHER, TABLES, display="Spielenachmittag"),
    WeekEntry(SA, "18:00-21:00", ("saal-a", "kueche"), "Goldene Hochzeit (privat)", PRIVAT, 28, PRIVATE, TABLES, (120, 60), visibility=Visibility.BUSY, regular=True),
    WeekEntry(SO, "10:30-13:00", ("saal-a", "kueche"), "Frühstück für alle", CAFE, 28, TOGETHER, TABLES, (30, 45), regular=True),
    WeekEntry(SO, "12:30-14:30", ("gruppenraum",), "Gesprächskreis", SELBSTHILFE, 10, SELF_HELP, CIRCLE, visibility=Visibility.BUSY),
    WeekEntry(SO, "14:00-16:00", ("seminarraum",), "Schachtreff für Anfänger", SPIELE, 10, TOGETHER, display="Schach für Anfänger"),
    WeekEntry(SO, "15:00-18:00", ("saal-b",), "Sonntagscafé", CAFE, 22, TOGETHER, TABLES, (45, 15), regular=True),
    WeekEntry(SO, "18:00-19:30", ("saal-a",), "Kammermusik am Abend", MUSIK, 40, CULTURE, ROWS, (45, 30), "Kammermusik"),
]

# What the demo association has, and what waits for staff in the next week: something without an
# obstacle, two rivals, and a set-up that meets the tear-down of the Kaffeenachmittag.
NEXT_WEEK = [
    WeekEntry(MI, "17:00-19:00", ("gruppenraum",), "Planung Sommerfest", DEMO_ASSOCIATION, 8, MEETING, TABLES, purpose="Wir verteilen die Aufgaben für das Sommerfest."),
    WeekEntry(SA, "10:00-12:00", ("saal-b",), "Mitgliederversammlung", DEMO_ASSOCIATION, 25, MEETING, ROWS, status=BookingStatus.REQUESTED, purpose="Jahresbericht und Wahl des Vorstands."),
    WeekEntry(DI, "19:00-21:00", ("saal-a",), "Vorleseabend", FREUNDE, 30, CULTURE, ROWS, status=BookingStatus.REQUESTED, purpose="Menschen aus Kaster lesen aus ihren Lieblingsbüchern vor."),
    WeekEntry(FR, "18:00-21:00", ("saal",), "Konzert zum Jubiläum", MUSIK, 70, CULTURE, ROWS, (45, 45), status=BookingStatus.REQUESTED, purpose="Öffentliches Konzert, Eintritt frei."),
    WeekEntry(FR, "19:00-21:30", ("saal-b",), "Quizabend", SPIELE, 24, TOGETHER, TABLES, (30, 15), status=BookingStatus.REQUESTED, purpose="Quiz in kleinen Gruppen."),
    WeekEntry(DO, "18:00-21:00", ("saal",), "Ausschuss für Soziales – öffentliche Sitzung", STADT, 42, TOWN, CLASSROOM, (60, 30), "Öffentliche Ausschusssitzung", status=BookingStatus.REQUESTED, purpose="Öffentliche Sitzung mit Fragestunde."),
]
# fmt: on


def bookings_around(now: datetime, zone: ZoneInfo) -> list[PlanBooking]:
    """Return the dates of the demo around `now`: an ordinary house, wholly filled close to today.

    On public holidays of North Rhine-Westphalia it is closed; what is planned for one of the next
    week takes place a week later, as people would do it.
    """
    today = now.astimezone(zone).date()
    closed = published_calendar(
        "NW", today - timedelta(days=DAYS_BEFORE), today + timedelta(weeks=LATEST_WEEKS)
    ).public
    around: list[PlanBooking] = []
    for offset in range(-DAYS_BEFORE, DAYS_AFTER + 1):
        day = today + timedelta(days=offset)
        if day in closed:
            continue
        is_close = -WHOLE_BEFORE <= offset <= WHOLE_AFTER
        around += [
            _booking(entry, day, zone, received=day - timedelta(days=40 + entry.persons))
            for entry in WEEK
            if entry.weekday == day.weekday() and (entry.regular or is_close) and _is_week(entry, day)
        ]
    return around + list(_next_week(today, zone, closed))


def _next_week(today: date, zone: ZoneInfo, closed: Container[date]) -> Iterator[PlanBooking]:
    monday = today + timedelta(days=7 - today.weekday())
    for number, entry in enumerate(NEXT_WEEK):
        day = monday + timedelta(days=entry.weekday)
        while day in closed:
            day += timedelta(weeks=1)
        yield _booking(
            entry,
            day,
            zone,
            received=today - timedelta(days=1 + number % 3),
        )


def _is_week(entry: WeekEntry, day: date) -> bool:
    return entry.weeks is None or day.isocalendar().week % 2 == entry.weeks


def _booking(entry: WeekEntry, day: date, zone: ZoneInfo, *, received: date) -> PlanBooking:
    start, end = (datetime.combine(day, time.fromisoformat(clock)) for clock in entry.hours.split("-"))
    setup, teardown = entry.buffers
    slot = date_between(start, end, zone, setup, teardown)
    if slot is None:
        raise ValueError(f"An entry of the demo ends before it starts: {entry.title}")
    is_demo = entry.association == DEMO_ASSOCIATION
    return PlanBooking(
        id=f"demo {day} {entry.title}",
        title=entry.title,
        association=entry.association,
        association_kind=ASSOCIATION_KINDS.get(entry.association, AssociationKind.REGISTERED_ASSOCIATION),
        rooms=entry.rooms,
        dates=(slot,),
        setup_minutes=setup,
        teardown_minutes=teardown,
        persons=entry.persons,
        status=entry.status,
        display_title=entry.display,
        visibility=entry.visibility,
        kind=entry.kind,
        layout=entry.layout,
        purpose=entry.purpose,
        contact_name="Demo-Verein" if is_demo else "",
        contact_email=DEMO_EMAIL if is_demo else "",
        contact_phone=phone_of(entry.association),
        received_at=instant(received, time(8, 30 + entry.persons % 25), zone),
    )
