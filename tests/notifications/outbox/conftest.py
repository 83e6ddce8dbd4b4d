"""What the tests of bundles start with."""

import pytest

from bookings.services import (
    approve_booking,
)
from notifications.models import Message
from tests.notifications.outbox.decisions import decide
from tests.notifications.scenes import Scene


@pytest.fixture
def scene():
    """A house in which the mails of the request itself are out already."""
    return Scene()


@pytest.fixture
def request_of_three(scene):
    booking = scene.request_days(20, 21, 22)
    Message.objects.update(state="sent")
    return booking


@pytest.fixture
def approved_of_three(request_of_three, scene):
    decide(approve_booking, request_of_three, scene, seconds=0)
    Message.objects.update(state="sent")
    return request_of_three
