from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical
from icalendar import Calendar, Timezone

from notifications.calendars.time_zones import lasting_rules, rules_of, time_zone

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    # Summer in January, and half an hour of it, at half past the hour of universal time.
    "Australia/Lord_Howe",
    "UTC",
]


def read_by_icalendar(component: Timezone):
    content = b"BEGIN:VCALENDAR\r\n" + component.to_ical() + b"END:VCALENDAR\r\n"
    # Looked up by its name, the zone would be Python's own, whatever the rules say.
    return Calendar.from_ical(content).walk("VTIMEZONE")[0].to_tz(lookup_tzid=False)


def read_by_dateutil(component: Timezone, tmp_path):
    path = tmp_path / "zone.ics"
    path.write_bytes(component.to_ical())
    return tzical(str(path)).get()


@pytest.mark.parametrize("zone", ZONES)
def test_the_rules_alone_give_the_offset_of_every_hour(zone, tmp_path):
    zone = ZoneInfo(zone)
    component = time_zone(zone, rules_of(zone, 2027))
    hours = [datetime(2027, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(365 * 24)]
    # The hour that comes twice is written in universal time, so nobody has to tell the two apart.
    local = [moment.astimezone(zone).replace(tzinfo=None) for moment in hours if not is_double(moment, zone)]
    expected = [moment.replace(tzinfo=zone).utcoffset() for moment in local]
    for by_rules in [read_by_icalendar(component), read_by_dateutil(component, tmp_path)]:
        assert [moment.replace(tzinfo=by_rules).utcoffset() for moment in local] == expected


def is_double(moment: datetime, zone: ZoneInfo) -> bool:
    local = moment.astimezone(zone)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def test_the_time_zone_has_rules_and_no_lists_of_dates():
    zone = ZoneInfo("Europe/Berlin")
    assert time_zone(zone, rules_of(zone, 2027)).to_ical().decode().split("\r\n")[:-1] == [
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Berlin",
        "BEGIN:DAYLIGHT",
        "DTSTART:19700329T020000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "TZNAME:CEST",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:19701025T030000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        "TZNAME:CET",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "END:VTIMEZONE",
    ]


@pytest.mark.parametrize(
    ("zone", "years", "last"),
    [
        ("Europe/Berlin", (1996, 2037), True),
        # October became the month of the change in 1996.
        ("Europe/Berlin", (1995, 1996), False),
        ("America/New_York", (2007, 2037), True),
        # The clocks follow the month of Ramadan.
        ("Africa/Casablanca", (2027, 2028), False),
        ("Asia/Kolkata", (2027, 2028), True),
    ],
)
def test_rules_last_as_long_as_they_are_the_same_every_year(zone, years, last):
    assert (lasting_rules(ZoneInfo(zone), *years) is not None) is last
