"""Every kind of mail in one place: who gets it, when, and what is attached.

A new kind is one entry here and its three texts in `templates/notifications/`:
`<name>_subject.txt`, `<name>.txt` and `<name>.html`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings.actors import Actor, can_decide
from bookings.enums import Verb
from bookings.models import Booking


class Audience(Enum):
    APPLICANT = "applicant"  # the contact of the booking, if there is an address
    STAFF = "staff"  # the mailbox of the house, or everybody who decides
    PERSON = "person"  # whoever the caller of `enqueue` names


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of mail.

    `told_on` is what happens to a booking, `only_if` narrows it. `has_calendar` attaches the dates
    as a calendar file. `secrets` are facts that are blanked once the mail is out, and a mail that
    did not get out within `useful_for` is given up, because nobody can use it any more.

    A mail that `is_held` waits a little (BUNDLE_SECONDS), so that several of its kind about one
    booking become one. `tells_also` names the kinds that need no mail of their own where this one
    goes out, whichever was entered first.
    """

    name: str
    label: str | Promise
    audience: Audience
    told_on: Verb | None = None
    only_if: Callable[[Booking, Actor], bool] = lambda booking, actor: True
    has_calendar: bool = False
    secrets: tuple[str, ...] = ()
    useful_for: timedelta | None = None
    is_held: bool = False
    tells_also: tuple[str, ...] = ()


def is_replacement(booking: Booking, actor: Actor) -> bool:
    return booking.replaces_id is not None


def is_no_replacement(booking: Booking, actor: Actor) -> bool:
    return booking.replaces_id is None


def is_not_by_staff(booking: Booking, actor: Actor) -> bool:
    """Staff need no mail about what staff did."""
    return not can_decide(actor)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in [
        # To the applicant
        Kind("receipt", _("receipt"), Audience.APPLICANT, Verb.REQUEST, is_no_replacement),
        Kind("change_receipt", _("receipt of a change"), Audience.APPLICANT, Verb.REQUEST, is_replacement),
        Kind(
            "approval",
            _("approval"),
            Audience.APPLICANT,
            Verb.APPROVE,
            is_no_replacement,
            has_calendar=True,
            is_held=True,
            tells_also=("rejection",),
        ),
        Kind(
            "change_approved",
            _("approval of a change"),
            Audience.APPLICANT,
            Verb.APPROVE,
            is_replacement,
            has_calendar=True,
            is_held=True,
            tells_also=("rejection",),
        ),
        Kind("rejection", _("rejection"), Audience.APPLICANT, Verb.REJECT, is_held=True),
        Kind(
            "withdrawal", _("confirmation of a withdrawal"), Audience.APPLICANT, Verb.WITHDRAW, is_held=True
        ),
        Kind(
            "cancellation",
            _("confirmation of a cancellation"),
            Audience.APPLICANT,
            Verb.CANCEL,
            has_calendar=True,
            is_held=True,
        ),
        Kind("revocation", _("revocation"), Audience.APPLICANT, Verb.REVOKE, has_calendar=True, is_held=True),
        # To staff
        Kind("staff_new_request", _("new request"), Audience.STAFF, Verb.REQUEST, is_not_by_staff),
        Kind(
            "staff_withdrawn",
            _("request withdrawn"),
            Audience.STAFF,
            Verb.WITHDRAW,
            is_not_by_staff,
            is_held=True,
        ),
        Kind(
            "staff_cancelled",
            _("booking cancelled"),
            Audience.STAFF,
            Verb.CANCEL,
            is_not_by_staff,
            is_held=True,
        ),
        # To a person, entered by the accounts
        Kind(
            "login_code",
            _("login code"),
            Audience.PERSON,
            secrets=("code",),
            useful_for=timedelta(minutes=15),
        ),
        Kind("account_notice", _("notice about the account"), Audience.PERSON),
    ]
}


def kinds_told(*, booking: Booking, verb: Verb, actor: Actor) -> list[Kind]:
    """Return the kinds of mail that go out when `actor` did `verb` to the booking."""
    return [kind for kind in KINDS.values() if kind.told_on == verb and kind.only_if(booking, actor)]
