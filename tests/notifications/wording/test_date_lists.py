"""How many dates are listed so that somebody reads them."""

from datetime import date, timedelta
from typing import Any

from django.utils import translation

from notifications.wording.date_lists import in_groups, in_short
from tests.factories import DAY, weekly


def line(day: date, *, times: str = "von 16:00 bis 18:00 Uhr", rooms: str = "Saal A", **fields: Any) -> Any:
    return {
        "when": f"{day:%d.%m.}",
        "day": day,
        "times": times,
        "rooms": rooms,
        "gross": "",
        "status": "approved",
        "reason": "",
        "before": None,
        **fields,
    }


def shown(lines: list[Any]) -> list[Any]:
    """What each line is headed by, and its months; with plain spaces."""
    return [
        (
            line["when"],
            [
                f"{month['month']}: {month['days']}".replace("\N{NO-BREAK SPACE}", " ")
                for month in line["months"]
            ]
            if "months" in line
            else [],
        )
        for line in lines
    ]


def test_a_few_dates_are_listed_one_by_one() -> None:
    dates = [line(day) for day in weekly(DAY, 6)]
    assert in_groups(dates) == dates
    assert in_groups([]) == []


def test_many_dates_that_differ_by_their_day_are_one_group_with_all_its_days() -> None:
    (group,) = in_groups([line(day) for day in weekly(DAY, 7)])
    assert shown([group]) == [
        (
            "dienstags, von 16:00 bis 18:00 Uhr",
            ["April 2027: 20., 27.", "Mai 2027: 4., 11., 18., 25.", "Juni 2027: 1."],
        )
    ]
    assert (group["number"], group["rooms"], group["status"]) == (7, "Saal A", "approved")


def test_days_have_their_weekday_where_it_is_not_always_the_same() -> None:
    days = [DAY + timedelta(days=number) for number in range(7)]
    assert shown(in_groups([line(day) for day in days])) == [
        (
            "von 16:00 bis 18:00 Uhr",
            ["April 2027: Di. 20., Mi. 21., Do. 22., Fr. 23., Sa. 24., So. 25., Mo. 26."],
        )
    ]
    with translation.override("en"):
        (group,) = in_groups([line(day, times="from 16:00 to 18:00") for day in days])
    assert group["months"][0]["days"].replace("\N{NO-BREAK SPACE}", " ").startswith("Tue 20, Wed 21, Thu 22")


def test_a_date_on_another_weekday_is_an_exception_of_a_weekly_series() -> None:
    dates = sorted([*weekly(DAY, 8), DAY + timedelta(days=2)])
    assert shown(in_groups([line(day) for day in dates])) == [
        (
            "dienstags, von 16:00 bis 18:00 Uhr",
            ["April 2027: 20., 27.", "Mai 2027: 4., 11., 18., 25.", "Juni 2027: 1., 8."],
        ),
        ("22.04.", []),
    ]
    days = sorted([*weekly(DAY, 4), *weekly(DAY + timedelta(days=2), 4)])
    assert [heading for heading, _months in shown(in_groups([line(day) for day in days]))] == [
        "von 16:00 bis 18:00 Uhr"
    ]


def test_whatever_else_differs_makes_another_group_and_one_date_stays_a_date() -> None:
    days = weekly(DAY, 9)
    dates = [
        *(line(day) for day in days[:4]),
        line(days[4], rooms="Küche"),
        *(line(day, status="rejected", reason="Wahl") for day in days[5:7]),
        *(line(day, status="rejected", reason="Ferien") for day in days[7:]),
    ]
    assert shown(in_groups(dates)) == [
        ("dienstags, von 16:00 bis 18:00 Uhr", ["April 2027: 20., 27.", "Mai 2027: 4., 11."]),
        ("18.05.", []),
        ("dienstags, von 16:00 bis 18:00 Uhr", ["Mai 2027: 25.", "Juni 2027: 1."]),
        ("dienstags, von 16:00 bis 18:00 Uhr", ["Juni 2027: 8., 15."]),
    ]


def test_a_year_later_is_another_month() -> None:
    days = [DAY, DAY.replace(year=2028), *weekly(DAY.replace(month=6), 5)]
    (group,) = in_groups([line(day) for day in days])
    assert [month["month"] for month in group["months"]] == [
        "April 2027",
        "Juni 2027",
        "Juli 2027",
        "April 2028",
    ]


def moved(day: date, *, by: int) -> Any:
    was = {"day": day, "times": "von 10:00 bis 12:00 Uhr", "rooms": "Saal B", "when": f"{day:%d.%m.}"}
    return line(day + timedelta(days=by), before=was)


def test_moved_dates_say_their_days_twice_only_where_these_changed() -> None:
    (same_day,) = in_groups([moved(day, by=0) for day in weekly(DAY, 7)])
    assert shown([same_day["before"]]) == [("dienstags, von 10:00 bis 12:00 Uhr", [])]
    (next_day,) = in_groups([moved(day, by=1) for day in weekly(DAY, 7)])
    assert shown([next_day, next_day["before"]]) == [
        (
            "mittwochs, von 16:00 bis 18:00 Uhr",
            ["April 2027: 21., 28.", "Mai 2027: 5., 12., 19., 26.", "Juni 2027: 2."],
        ),
        (
            "dienstags, von 10:00 bis 12:00 Uhr",
            ["April 2027: 20., 27.", "Mai 2027: 4., 11., 18., 25.", "Juni 2027: 1."],
        ),
    ]


def test_a_subject_names_the_day_or_how_many_dates_there_are_from_when_on() -> None:
    days = weekly(DAY, 3)
    names = [in_short([line(day) for day in listed]) for listed in ([], days[:1], days[::-1])]
    with translation.override("en"):
        names.append(in_short([line(day) for day in days]))
    assert [name.replace("\N{NO-BREAK SPACE}", " ") for name in names] == [
        "",
        "Di., 20.04.2027",
        "3 Termine ab Di., 20.04.2027",
        "3 dates from Tue 20 Apr 2027",
    ]
