"""What workers forget once an hour."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from hausderbegegnung.accounts.tokens import KEPT_AFTER_END
from hausderbegegnung.models import ApiToken, AttemptCounter, PendingCode
from hausderbegegnung.tasks import forget_logins
from tests.factories import NOW, make_token, make_user

pytestmark = pytest.mark.django_db


def left() -> list[int]:
    return [model.objects.count() for model in (PendingCode, AttemptCounter, ApiToken)]


def test_codes_counters_and_tokens_go_when_they_are_of_no_use_any_more() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        make_token(make_user())
        Client().post("/konto/anmelden/", {"email": "maria@example.org"})
        forget_logins()
        assert left() == [1, 4, 1]

        clock.move_to(NOW + timedelta(hours=1))
        forget_logins()
        assert left() == [0, 0, 1]

        clock.move_to(NOW + timedelta(days=366) + KEPT_AFTER_END)
        forget_logins()
        assert left() == [0, 0, 0]
