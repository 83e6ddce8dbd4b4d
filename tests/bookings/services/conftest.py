"""An association with an approved booking, and what its owner asks for."""

from collections.abc import Callable
from typing import Any

import pytest

from bookings.models import Association, Booking
from bookings.services import request_booking
from hausderbegegnung.models import User
from rooms.models import Room
from tests.factories import DAY, NOW, berlin, make_association, make_booking, make_request_data


@pytest.fixture
def association(owner: User) -> Association:
    return make_association(owner)


@pytest.fixture
def approved(room: Room, owner: User, association: Association) -> Booking:
    return make_booking([room], berlin(DAY, "16:00"), association=association, applicant=owner)


@pytest.fixture
def ask(room: Room, owner: User, association: Association) -> Callable[..., Booking]:
    """Send a request for 16:00 to 18:00 as the owner; keyword arguments change the data."""

    def send(
        start: str = "16:00",
        end: str = "18:00",
        *,
        actor: Any = owner,
        now: Any = NOW,
        override: bool = False,
        rooms: Any = (room,),
        **fields: Any,
    ) -> Booking:
        override_reason = fields.pop("override_reason", "")
        data = make_request_data(
            list(rooms), berlin(DAY, start), berlin(DAY, end), **{"association_id": association.pk, **fields}
        )
        return request_booking(
            data=data, actor=actor, now=now, override=override, override_reason=override_reason
        )

    return send
