"""A plan file is read wholly, or refused with one sentence that names the place."""

import contextlib
import json
from datetime import UTC, datetime, time

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from bookings.enums import AssociationKind
from bookings.plan_import.plan import Stored
from bookings.plan_import.plan_reader import read_plan
from bookings.plan_import.report import check_plan
from bookings.plan_import.series import period_of, with_series_dates
from bookings.plan_import.values import BrokenPlan
from rooms.holidays import published_calendar
from rooms.models import House
from tests.bookings.plan_import.plans import ROOMS, booking, plan_of
from tests.generated import examples

LAYOUTS = "Possible are: reihen, tische, parlament, u-form, stuhlkreis, stehend."
GOOD = booking("A", ["saal"], "2027-04-20T10:00", "2027-04-20T12:00")


def without(key):
    return {name: value for name, value in GOOD.items() if name != key}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is not valid JSON: line 1, column 1."),
        (b"{\n'rooms': []}", "The file is not valid JSON: line 2, column 1."),
        (b"\xff\xfe{}", "The file is not encoded as UTF-8 (byte 0). Please save it as UTF-8."),
        (b"[" * 200_000, "The file is not valid JSON."),
        (b'{"house_max_persons": ' + b"9" * 5000 + b"}", "The file is not valid JSON."),
        (b'{"house_max_persons": NaN}', "NaN: this is not a number that JSON knows."),
        (b'{"rooms": [], "rooms": []}', "rooms: this key stands twice in the same object."),
        (b" " * (10 * 1024 * 1024 + 1), "The file is larger than 10 MB. A plan of a house is much smaller."),
        (b"[]", "The file has to hold one JSON object with rooms and bookings."),
        (b"{}", "rooms: this is missing."),
        ({"rooms": {}, "bookings": []}, "rooms: a list is expected here."),
        ({"rooms": [3], "bookings": []}, "rooms[0]: an object is expected here."),
        ({"rooms": [], "bookings": []}, "rooms: this must not be empty."),
        ({**plan_of(), "bookings": None}, "bookings: this is missing."),
        (plan_of(timezone="Mars"), "timezone: “Mars” is no known time zone, for example Europe/Berlin."),
        (
            plan_of(timezone="../../etc/passwd"),
            "timezone: “../../etc/passwd” is no known time zone, for example Europe/Berlin.",
        ),
        (
            plan_of(opening_hours={"Mon": "08:00-22:00"}),
            "opening_hours.Mon: weekdays are written like Mo, Mo-Fr or Sa,So.",
        ),
        (plan_of(opening_hours={"Mo": "8-22"}), "opening_hours.Mo: hours are written like 08:00-22:00."),
        (plan_of(opening_hours={"Mo": "22:00-08:00"}), "opening_hours.Mo: the house closes after it opens."),
        (plan_of(opening_hours={"Mo": "08:00-25:00"}), "opening_hours.Mo: this time does not exist."),
        (
            plan_of(opening_hours={"Mo-Mi": "08:00-22:00", "Di": "08:00-12:00"}),
            "opening_hours.Di: a weekday has its hours twice.",
        ),
        (plan_of(house_max_persons="150"), "house_max_persons: a whole number is expected here."),
        (plan_of(rooms=[*ROOMS, ROOMS[0]]), "rooms: “saal-a” stands here twice."),
        (
            plan_of(rooms=[{"id": "großer saal", "name": "Saal"}]),
            "room großer saal, id: only letters without accents, digits, - and _ are possible.",
        ),
        (plan_of(rooms=[{**ROOMS[2]}]), "room saal, parts: there is no room “saal-a” in the file."),
        (
            plan_of(rooms=[*ROOMS, {"id": "alles", "name": "Alles", "parts": ["saal", "kueche"]}]),
            "room alles, parts: “saal” is a combination itself; parts are single rooms.",
        ),
        (
            plan_of(rooms=[{"id": "x", "name": "X", "parts": ["x"]}]),
            "room x, parts: “x” is a combination itself; parts are single rooms.",
        ),
        (
            plan_of(rooms=[{"id": "x", "name": "X", "capacity": {"liegend": 3}}]),
            f"room x, capacity: “liegend” is unknown. {LAYOUTS}",
        ),
        (
            plan_of(rooms=[{"id": "x", "name": "X", "capacity": {"reihen": 0}}]),
            "room x, capacity, reihen: a number from 1 to 1000000 is expected here.",
        ),
        (plan_of(GOOD, GOOD), "bookings: “A” stands here twice."),
        (plan_of(without("id")), "bookings[0].id: this is missing."),
        *[
            (plan_of(without(key)), f"booking A, {key}: this is missing.")
            for key in ["title", "org", "dtstart", "dtend", "persons", "status"]
        ],
        (plan_of(without("rooms")), "booking A, rooms: this must not be empty."),
        (plan_of({**GOOD, "title": " "}), "booking A, title: this must not be empty."),
        (plan_of({**GOOD, "title": 7}), "booking A, title: a text is expected here."),
        (plan_of({**GOOD, "title": "x" * 121}), "booking A, title: at most 120 characters are possible."),
        (
            plan_of({**GOOD, "title": "x\x00"}),
            "booking A, title: this holds characters that cannot be stored.",
        ),
        (
            plan_of({**GOOD, "title": "\ud800"}),
            "booking A, title: this holds characters that cannot be stored.",
        ),
        (plan_of({**GOOD, "rooms": ["keller"]}), "booking A, rooms: there is no room “keller” in the file."),
        (plan_of({**GOOD, "rooms": ["saal", "saal"]}), "booking A, rooms: “saal” stands here twice."),
        (plan_of({**GOOD, "rooms": [3]}), "booking A, rooms[0]: a text is expected here."),
        (
            plan_of({**GOOD, "dtend": "2027-04-20T10:00"}),
            "booking A, dtend: the end does not lie after the start.",
        ),
        (plan_of({**GOOD, "dtend": "2027-06-20T10:00"}), "booking A, dtend: a date lasts at most 31 days."),
        (plan_of({**GOOD, "dtend": "2027-02-30T10:00"}), "booking A, dtend: this date does not exist."),
        (
            plan_of({**GOOD, "dtend": "0027-02-20T10:00"}),
            "booking A, dtend: the year lies between 1990 and 2199.",
        ),
        (
            plan_of({**GOOD, "dtstart": "20.04.2027 10:00"}),
            "booking A, dtstart: local date and time are written like 2027-04-20T19:30.",
        ),
        (
            plan_of({**GOOD, "dtstart": "2027-04-20T10:00+02:00"}),
            "booking A, dtstart: local date and time are written like 2027-04-20T19:30.",
        ),
        (
            plan_of({**GOOD, "dtstart": "2027-03-28T03:00", "dtend": "2027-03-28T02:15"}),
            "booking A, dtend: the end does not lie after the start.",
        ),
        (
            plan_of({**GOOD, "layout": "liegend"}),
            f"booking A, layout: “liegend” is unknown. {LAYOUTS}",
        ),
        (
            plan_of({**GOOD, "status": "maybe"}),
            "booking A, status: “maybe” is unknown. Possible are: approved, requested, rejected.",
        ),
        (plan_of({**GOOD, "persons": True}), "booking A, persons: a whole number is expected here."),
        (plan_of({**GOOD, "persons": 0}), "booking A, persons: a number from 1 to 1000000 is expected here."),
        (plan_of({**GOOD, "setup": -5}), "booking A, setup: a number from 0 to 44640 is expected here."),
        (plan_of({**GOOD, "email": "niemand"}), "booking A, email: this is no e-mail address."),
    ],
)
def test_a_broken_file_is_refused_with_its_place(content, sentence):
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    with translation.override("en"), pytest.raises(BrokenPlan) as refusal:
        read_plan(raw)
    assert str(refusal.value) == sentence


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["rooms", "bookings", "id", "name", "parts", "capacity", "opening_hours", "timezone"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=15,
    ).map(lambda value: json.dumps(value).encode())
)
@examples(300)
def test_garbage_is_refused_with_a_sentence_never_with_a_traceback(raw):
    with translation.override("en"), pytest.raises(BrokenPlan):
        read_plan(raw)


@given(st.data())
@examples(300)
def test_a_good_file_with_one_wrong_value_is_refused_or_read(data):
    plan = plan_of(dict(GOOD, layout="reihen", visibility="busy", note="n", persons_total=3), name="Haus")
    target = data.draw(st.sampled_from([plan, plan["bookings"][0], ROOMS[2] | {}]))
    if target not in (plan, plan["bookings"][0]):
        plan["rooms"] = [*ROOMS[:2], target, ROOMS[3]]
    key = data.draw(st.sampled_from(sorted(target)))
    target[key] = data.draw(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=5)
        | st.lists(st.text(max_size=3), max_size=2)
    )
    raw = json.dumps(plan).encode()
    with contextlib.suppress(BrokenPlan):
        check_plan(read_plan(raw), Stored(House()), datetime(2027, 1, 1, tzinfo=UTC))


DAYS_AND_STARTS = st.sampled_from(
    ["2027-04-27", "2027-04-27T10:00", "2027-04-27T25:00", "2027-02-30", "9999-12-31", "", "27.04.2027", "T"]
)
RRULES = st.lists(
    st.sampled_from(
        [
            *[
                "FREQ=DAILY",
                "FREQ=WEEKLY",
                "FREQ=MONTHLY",
                "FREQ=YEARLY",
                "FREQ=",
                "INTERVAL=2",
                "INTERVAL=-1",
            ],
            *["BYDAY=TU", "BYDAY=5TU", "BYDAY=-1TU,3TU", "BYDAY=XX", "BYMONTHDAY=31", "BYMONTHDAY=0"],
            *["BYSETPOS=-1", "BYSETPOS=9", "COUNT=3", "COUNT=9999", "COUNT=0", "UNTIL=20271231", "UNTIL=x"],
            *["UNTIL=20271231T220000Z", "UNTIL=00010101T000000Z", "UNTIL=99991231T235959Z", "WKST=SU", "X=1"],
        ]
    ),
    max_size=4,
).map(";".join)


@given(
    st.fixed_dictionaries(
        {"rrule": RRULES},
        optional={
            "until": st.none() | DAYS_AND_STARTS,
            "exdates": st.lists(DAYS_AND_STARTS, max_size=3),
            "rdates": st.lists(DAYS_AND_STARTS, max_size=3),
            "skip_public": st.booleans(),
            "skip_school": st.booleans(),
            "only_school": st.booleans() | st.text(max_size=3),
        },
    )
)
@examples(300)
def test_any_series_is_refused_skipped_or_has_dates(series):
    raw = json.dumps(plan_of({**GOOD, **series})).encode()
    with contextlib.suppress(BrokenPlan):
        plan = read_plan(raw)
        period = period_of(plan)
        if period is not None:
            plan = with_series_dates(plan, published_calendar("NW", *period))
        (booking,) = plan.bookings
        assert bool(booking.dates) != bool(booking.not_supported)
        check_plan(plan, Stored(House()), datetime(2027, 1, 1, tzinfo=UTC))


def test_hours_may_have_several_spans_and_a_house_without_hours_never_closes():
    read = read_plan(
        json.dumps(plan_of(opening_hours={"Mo,Mi": "08:00-12:00, 14:00-24:00", "So": ""})).encode()
    )
    spans = ((time(8), time(12)), (time(14), time(0)))
    assert read.hours == {0: spans, 2: spans, 6: ()}
    always = read_plan(json.dumps({**plan_of(), "opening_hours": None}).encode())
    assert always.hours == {weekday: ((time(0), time(0)),) for weekday in range(7)}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Sprachtreff Erftaue e. V.", AssociationKind.REGISTERED_ASSOCIATION),
        ("Stadt Bedburg (Eigenbedarf)", AssociationKind.TOWN),
        ("Kita Regenbogenwiese (Elternbeirat)", AssociationKind.SCHOOL),
        ("Initiative Reparieren statt Wegwerfen", AssociationKind.INITIATIVE),
        ("Selbsthilfegruppe (Name nicht öffentlich)", AssociationKind.SELF_HELP_GROUP),
        ("Privatperson", AssociationKind.PRIVATE_PERSON),
        ("Blutspendedienst Musterland", AssociationKind.OTHER),
    ],
)
def test_the_kind_of_an_association_shows_in_its_name_unless_it_is_given(name, kind):
    read = read_plan(json.dumps(plan_of({**GOOD, "org": name})).encode())
    assert read.bookings[0].association_kind == kind
    plan = read_plan(json.dumps(plan_of({**GOOD, "org": name, "org_kind": "party"})).encode())
    assert plan.bookings[0].association_kind == AssociationKind.PARTY
