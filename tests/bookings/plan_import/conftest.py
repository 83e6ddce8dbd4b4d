"""A house of two halls, into which calendars are read."""

from functools import partial

import pytest

from tests.bookings.plan_import.calendars import calendar, run_calendar
from tests.bookings.plan_import.read_again import WITH
from tests.factories import make_house, make_room


@pytest.fixture
def two_halls(db):
    house = make_house(name="Haus", slug="haus")
    for letter in "AB":
        make_room(house, f"Saal {letter}", slug=f"saal-{letter.lower()}")
    return house


@pytest.fixture
def read(tmp_path, two_halls):
    """Read a calendar of these parts: the object of --json; a refusal fails."""

    def read(*parts, options=(), head=(), expected=""):
        report, refusal = run_calendar(
            tmp_path, calendar(*parts, head=head), *WITH, *options, "--json", now="2027-01-01T08:00"
        )
        assert refusal == expected
        return report

    return read


@pytest.fixture
def update(read):
    return partial(read, options=["--update"])
