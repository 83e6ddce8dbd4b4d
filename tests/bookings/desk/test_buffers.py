"""How long set-up and tear-down may be beside what is approved."""

from datetime import timedelta

import pytest

from bookings.desk.buffers import fitting_buffers
from bookings.enums import SlotStatus
from bookings.models import Slot
from tests.factories import DAY, berlin


def slot(
    starts: str, ends: str, setup: int = 0, teardown: int = 0, status: str = SlotStatus.APPROVED
) -> Slot:
    starts_at, ends_at = berlin(DAY, starts), berlin(DAY, ends)
    return Slot(
        starts_at=starts_at,
        ends_at=ends_at,
        gross_starts_at=starts_at - timedelta(minutes=setup),
        gross_ends_at=ends_at + timedelta(minutes=teardown),
        status=status,
    )


@pytest.mark.parametrize(
    ("others", "fitting"),
    [
        ([], (60, 30)),
        ([slot("13:00", "15:00")], (60, 30)),
        ([slot("13:00", "15:00", teardown=20)], (40, 30)),
        ([slot("13:00", "15:50"), slot("12:00", "15:20"), slot("18:10", "20:00", setup=5)], (10, 5)),
        ([slot("13:00", "16:00"), slot("18:00", "20:00")], (0, 0)),
        ([slot("13:00", "15:45", teardown=16)], None),
        ([slot("18:10", "20:00", setup=15)], None),
        ([slot("17:00", "19:00", status=SlotStatus.REQUESTED)], (60, 30)),
    ],
)
def test_the_longest_buffers_that_meet_nothing(others: list[Slot], fitting: tuple[int, int] | None) -> None:
    assert fitting_buffers(slot("16:00", "18:00", 60, 30, SlotStatus.REQUESTED), others) == fitting
