"""What people may decline, by account or by link, and that it is kept without their address."""

import pytest

from notifications.models import Declined, Message
from notifications.preferences import (
    always_told,
    audiences_of,
    choices_of,
    choose_mail,
    decline_token,
    decline_url,
    declined_among,
    read_decline_token,
)
from notifications.recipients import Recipient, person_of
from notifications.wording.catalogue import KINDS, Audience
from tests.factories import NOW, make_house, make_user
from tests.notifications.scenes import Scene, make_notice

pytestmark = pytest.mark.django_db

MARIA = person_of("maria@example.org")
REMINDER = KINDS["reminder"]


def declined_by(person: str) -> list[str]:
    return [choice.kind.name for choice in choices_of(person, list(Audience)) if not choice.is_wanted]


def test_everyone_chooses_apart_from_what_they_must_get() -> None:
    by_audience = {
        audience: (
            [choice.kind.name for choice in choices_of(MARIA, [audience])],
            [kind.name for kind in always_told([audience])],
        )
        for audience in Audience
    }
    assert by_audience == {
        Audience.APPLICANT: (
            ["reminder", "monthly_overview", "series_ending", "still_taking_place"],
            [
                "receipt",
                "change_receipt",
                "approval",
                "partial_approval",
                "change_approved",
                "rejection",
                "moved",
                "dates_added",
                "withdrawal",
                "cancellation",
                "revocation",
                "closure",
                "new_link",
            ],
        ),
        Audience.STAFF: (
            ["staff_new_request", "staff_dates_added", "staff_withdrawn", "staff_cancelled", "staff_digest"],
            ["staff_overdue"],
        ),
        Audience.CARETAKERS: (["caretaker_plan", "caretaker_change"], []),
        Audience.PERSON: ([], ["login_code", "account_notice"]),
    }


def test_what_can_be_declined_says_what_one_would_miss() -> None:
    assert [kind.name for kind in KINDS.values() if kind.can_be_declined != bool(kind.explained)] == []


def test_a_choice_is_kept_once_and_can_be_taken_back() -> None:
    for _ in range(2):
        choose_mail(person=MARIA, kind=REMINDER, is_wanted=False, now=NOW)
    assert (declined_by(MARIA), Declined.objects.count()) == (["reminder"], 1)
    assert declined_by(person_of("ute@example.org")) == []
    for _ in range(2):
        choose_mail(person=MARIA, kind=REMINDER, is_wanted=True, now=NOW)
    assert declined_by(MARIA) == []


def test_what_must_be_told_cannot_be_declined() -> None:
    choose_mail(person=MARIA, kind=KINDS["approval"], is_wanted=False, now=NOW)
    assert not Declined.objects.exists()


def test_the_address_itself_is_not_kept() -> None:
    choose_mail(person=MARIA, kind=REMINDER, is_wanted=False, now=NOW)
    assert "maria" not in str(Declined.objects.values().get())
    assert person_of(" Maria@Example.org ") == MARIA != person_of("mario@example.org")


def test_declined_mails_are_found_with_one_query(django_assert_num_queries) -> None:
    choose_mail(person=MARIA, kind=REMINDER, is_wanted=False, now=NOW)
    maria, ute = (Recipient(f"{name}@example.org", "de") for name in ("MARIA", "ute"))
    mails = [(kind, person) for kind in ("reminder", "approval") for person in (maria, ute)]
    with django_assert_num_queries(1):
        assert declined_among(mails) == {("reminder", MARIA)}
    with django_assert_num_queries(0):
        assert declined_among([("approval", maria)]) == set()


def test_staff_decline_what_actions_of_others_set_off() -> None:
    choose_mail(
        person=person_of("haus@example.org"), kind=KINDS["staff_new_request"], is_wanted=False, now=NOW
    )
    scene = Scene()
    scene.withdraw(scene.request())
    assert list(Message.objects.order_by("pk").values_list("kind", flat=True)) == [
        "receipt",
        "withdrawal",
        "staff_withdrawn",
    ]


@pytest.mark.parametrize(
    ("mailbox", "is_staff", "is_caretaker", "expected"),
    [
        ("haus@example.org", False, False, [Audience.APPLICANT]),
        ("haus@example.org", True, False, [Audience.APPLICANT]),
        ("", True, False, [Audience.APPLICANT, Audience.STAFF]),
        ("Vera@example.org", True, False, [Audience.APPLICANT, Audience.STAFF]),
        ("", False, True, [Audience.APPLICANT, Audience.CARETAKERS]),
        ("", True, True, [Audience.APPLICANT, Audience.STAFF, Audience.CARETAKERS]),
    ],
)
def test_an_account_is_an_audience_where_its_address_is_written_to(
    mailbox: str, is_staff: bool, is_caretaker: bool, expected: list[Audience]
) -> None:
    make_house(email=mailbox)
    vera = make_user("vera@example.org", is_staff=is_staff, is_caretaker=is_caretaker)
    assert audiences_of(vera) == expected


def test_a_mail_that_can_be_declined_has_a_link_without_its_address() -> None:
    message = make_notice(kind="reminder", recipient="maria@example.org")
    url = decline_url(message)
    assert url.startswith("http://testserver/mails/abbestellen/reminder.")
    assert "maria" not in url
    assert read_decline_token(url.split("/")[-2]) == (REMINDER, MARIA)
    assert decline_url(make_notice()) == ""
    assert decline_url(make_notice(kind="kind-of-the-past")) == ""


def test_a_forged_link_is_none() -> None:
    token = decline_token(REMINDER, MARIA)
    swapped = decline_token(REMINDER, person_of("ute@example.org")).split(":")[0] + ":" + token.split(":")[1]
    for forged in ["", "x", token[:-1], token + "x", swapped, token.replace("reminder", "series_ending")]:
        assert read_decline_token(forged) is None


def test_a_link_to_what_can_no_longer_be_declined_is_none() -> None:
    assert read_decline_token(decline_token(KINDS["approval"], MARIA)) is None
