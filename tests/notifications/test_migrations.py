"""What migrations do to what is stored."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from notifications.models import MailText, Message
from tests.factories import make_house
from tests.notifications.scenes import Scene, message_about

pytestmark = pytest.mark.django_db

joining = import_module("notifications.migrations.0006_decisions_are_partial_approvals")


def join_kinds() -> None:
    joining.join_kinds(apps, connection.schema_editor())


def test_what_approved_some_dates_is_a_partial_approval() -> None:
    scene = Scene()
    whole, some, each = (scene.request_days(20 + number, 25 + number) for number in range(3))
    scene.approve(whole)
    scene.decide(some, [0], [])
    scene.decide(each, [0], [1])
    # As they were entered before.
    Message.objects.filter(booking=some, kind="partial_approval").update(kind="approval")
    Message.objects.filter(booking=each, kind="partial_approval").update(kind="decision")
    keys = set(Message.objects.values_list("dedupe_key", flat=True))

    join_kinds()

    kinds = Message.objects.filter(kind__contains="approv").order_by("pk").values_list("booking", "kind")
    assert list(kinds) == [
        (whole.pk, "approval"),
        (some.pk, "partial_approval"),
        (each.pk, "partial_approval"),
    ]
    assert set(Message.objects.values_list("dedupe_key", flat=True)) == keys
    assert message_about(each, "partial_approval").kind == "partial_approval"


def test_words_of_a_house_stay_those_of_the_kind_that_stays_first() -> None:
    both, one = make_house(), make_house()
    for house, kind, words in [
        (both, "decision", {"subject": "Je Termin", "closing": "Bis bald."}),
        (both, "partial_approval", {"subject": "Zum Teil"}),
        (one, "decision", {"subject": "Je Termin"}),
    ]:
        MailText.objects.create(house=house, kind=kind, language="de", words=words)

    join_kinds()

    assert list(MailText.objects.order_by("house").values_list("house", "kind", "words")) == [
        (both.pk, "partial_approval", {"subject": "Zum Teil", "closing": "Bis bald."}),
        (one.pk, "partial_approval", {"subject": "Je Termin"}),
    ]
