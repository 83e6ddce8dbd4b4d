from datetime import date

import pytest

from bookings.desk.answer_dates import answer_date


@pytest.mark.parametrize(
    ("received", "working_days", "expected"),
    [
        (date(2027, 3, 1), 3, date(2027, 3, 4)),
        (date(2027, 3, 5), 1, date(2027, 3, 8)),
        (date(2027, 3, 6), 1, date(2027, 3, 8)),
        # Over Good Friday and Easter Monday.
        (date(2027, 3, 25), 1, date(2027, 3, 30)),
        # Corpus Christi is a holiday in North Rhine-Westphalia.
        (date(2027, 5, 26), 1, date(2027, 5, 28)),
        (date(2027, 3, 1), 0, date(2027, 3, 1)),
    ],
)
def test_weekends_and_public_holidays_do_not_count(received, working_days, expected):
    assert answer_date(received=received, working_days=working_days, region="NW") == expected


@pytest.mark.parametrize(("region", "expected"), [("BE", date(2027, 5, 27)), ("nowhere", date(2027, 5, 27))])
def test_a_holiday_counts_where_it_is_kept(region, expected):
    assert answer_date(received=date(2027, 5, 26), working_days=1, region=region) == expected
