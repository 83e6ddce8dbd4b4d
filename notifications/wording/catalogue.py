"""Every kind of mail in one place: who gets it, when, and what is attached.

A new kind is one entry here and its three texts in `templates/notifications/`:
`<name>_subject.txt`, `<name>.txt` and `<name>.html`, which extend `_mail`. A house may put words of
its own in the place of the subject and of the blocks `lead`, `intro` and `closing`; what has to be
said in any case stands in `body` and `links`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from bookings.access.actors import Actor
from bookings.access.permissions import can_decide
from bookings.enums import BookingStatus, SlotStatus, Verb
from bookings.models import Booking
from notifications.models import Message
from notifications.wording import overview_examples, validity


class Audience(Enum):
    APPLICANT = "applicant"  # the contact of the booking, if there is an address
    STAFF = "staff"  # the mailbox of the house, or everybody who decides
    CARETAKERS = "caretakers"  # everybody who opens, sets up and locks
    PERSON = "person"  # whoever the caller of `enqueue` names


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of mail.

    `told_on` is what may happen to a booking, `only_if` narrows it; what nothing happens for is planned
    from the data (`notifications.planning`), and dropped if it no longer `holds` when it goes out, or
    entered for an occasion of its own.
    `has_calendar` attaches the dates as a calendar file; with `calendar_of_changed` only those the
    mail is about, so that a calendar moves the entry it has; `calendar_of_gone` attaches them only where
    the answer settles a change, and old dates go with it. `secrets` are facts that are blanked once
    the mail is out, and a mail that did not get out within `useful_for` is given up, because nobody
    can use it any more. `example` makes the facts of a preview from those of a made-up booking (see
    `notifications.wording.examples`). A kind that `can_be_declined` says in `explained` what one would miss.

    A mail that `is_held` waits a little (BUNDLE_SECONDS), so that several of its kind about one
    booking become one. `tells_also` names the kinds that need no mail of their own where this one
    goes out, whichever was entered first; a mail that `names_each_decision` tells of their dates as
    of its own, and is of the kind that all of them make it (`kind_of_decision`).
    """

    name: str
    label: str | Promise
    audience: Audience
    told_on: tuple[Verb, ...] = ()
    only_if: Callable[[Booking, Verb, Actor], bool] = lambda booking, verb, actor: True
    has_calendar: bool = False
    calendar_of_changed: bool = False
    calendar_of_gone: bool = False
    secrets: tuple[str, ...] = ()
    useful_for: timedelta | None = None
    example: Callable[[dict[str, Any]], dict[str, Any]] = lambda booking: booking
    holds: Callable[[Message, datetime], bool] | None = None
    can_be_declined: bool = False
    explained: str | Promise = ""
    is_held: bool = False
    tells_also: tuple[str, ...] = ()
    names_each_decision: bool = False

    @property
    def is_first(self) -> bool:
        """Whether nobody can have been told of the booking before, so that there is nothing to join."""
        return Verb.REQUEST in self.told_on


def is_replacement(booking: Booking, verb: Verb, actor: Actor) -> bool:
    return booking.replaces_id is not None


def is_no_replacement(booking: Booking, verb: Verb, actor: Actor) -> bool:
    return booking.replaces_id is None


def is_partly_approved(booking: Booking, verb: Verb, actor: Actor) -> bool:
    """Whether, with dates that are approved, others are rejected, or others are not decided yet.

    What became of dates before was told then, and takes nothing from an approval of what was open.
    """
    return verb == Verb.DECIDE or booking.status == BookingStatus.REQUESTED


def is_whole(booking: Booking, verb: Verb, actor: Actor) -> bool:
    return is_no_replacement(booking, verb, actor) and not is_partly_approved(booking, verb, actor)


def is_whole_change(booking: Booking, verb: Verb, actor: Actor) -> bool:
    return is_replacement(booking, verb, actor) and not is_partly_approved(booking, verb, actor)


def kind_of_decision(facts: dict[str, Any]) -> str:
    """Return which kind tells of approved dates, and of those it was joined with; see the three above."""
    statuses = [(date.get("status"), date.get("is_changed", False)) for date in facts["dates"]]
    if any(status == SlotStatus.REQUESTED for status, _is_changed in statuses):
        return "partial_approval"
    if (SlotStatus.REJECTED, True) in statuses:
        return "partial_approval"
    return "change_approved" if facts.get("replaced") else "approval"


def is_not_by_staff(booking: Booking, verb: Verb, actor: Actor) -> bool:
    """Staff need no mail about what staff did."""
    return not can_decide(actor, booking.house)


def decided_date_by_date(booking: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a made-up booking with one date approved and two rejected, each for a reason."""
    (date,) = booking["dates"]
    rejected = [
        date | {"status": SlotStatus.REJECTED, "reason": gettext(reason)}
        for reason in (gettext_noop("The house is needed for the election."), gettext_noop("Already taken."))
    ]
    return booking | {"dates": [date, *rejected]}


def moved_from_another_room(booking: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a made-up booking whose date has just moved."""
    (date,) = booking["dates"]
    was = {key: date[key] for key in ("starts_at", "ends_at")} | {"rooms": [gettext("Group room")]}
    return booking | {"dates": [date | {"before": was}]}


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in [
        # To the applicant
        Kind("receipt", _("receipt"), Audience.APPLICANT, (Verb.REQUEST,), is_no_replacement),
        Kind("change_receipt", _("receipt of a change"), Audience.APPLICANT, (Verb.REQUEST,), is_replacement),
        Kind(
            "approval",
            _("approval"),
            Audience.APPLICANT,
            (Verb.APPROVE,),
            is_whole,
            has_calendar=True,
            is_held=True,
            tells_also=("partial_approval", "rejection"),
            names_each_decision=True,
        ),
        # Of a change as well: what was approved, what was not, and what is still open.
        Kind(
            "partial_approval",
            _("partial approval"),
            Audience.APPLICANT,
            (Verb.APPROVE, Verb.DECIDE),
            is_partly_approved,
            has_calendar=True,
            is_held=True,
            tells_also=("approval", "change_approved", "rejection"),
            names_each_decision=True,
            example=decided_date_by_date,
        ),
        Kind(
            "change_approved",
            _("approval of a change"),
            Audience.APPLICANT,
            (Verb.APPROVE,),
            is_whole_change,
            has_calendar=True,
            is_held=True,
            tells_also=("partial_approval", "rejection"),
            names_each_decision=True,
        ),
        Kind(
            "rejection",
            _("rejection"),
            Audience.APPLICANT,
            (Verb.REJECT,),
            calendar_of_gone=True,
            is_held=True,
        ),
        Kind(
            "moved",
            _("dates moved"),
            Audience.APPLICANT,
            (Verb.MOVE,),
            has_calendar=True,
            calendar_of_changed=True,
            is_held=True,
            example=moved_from_another_room,
        ),
        Kind("dates_added", _("receipt of further dates"), Audience.APPLICANT, (Verb.ADD,)),
        Kind(
            "withdrawal",
            _("confirmation of a withdrawal"),
            Audience.APPLICANT,
            (Verb.WITHDRAW,),
            calendar_of_gone=True,
            is_held=True,
        ),
        Kind(
            "cancellation",
            _("confirmation of a cancellation"),
            Audience.APPLICANT,
            (Verb.CANCEL,),
            has_calendar=True,
            is_held=True,
        ),
        Kind(
            "revocation", _("revocation"), Audience.APPLICANT, (Verb.REVOKE,), has_calendar=True, is_held=True
        ),
        Kind(
            "closure",
            _("dates revoked or moved by the house"),
            Audience.APPLICANT,
            has_calendar=True,
            example=overview_examples.settled_dates,
        ),
        # Entered by `notifications.outbox.link_mail`
        Kind("new_link", _("new link"), Audience.APPLICANT),
        # To the applicant, when the time has come
        Kind(
            "reminder",
            _("reminder"),
            Audience.APPLICANT,
            holds=validity.dates_stand,
            can_be_declined=True,
            explained=_("Some days before a single date."),
        ),
        Kind(
            "monthly_overview",
            _("overview of a month"),
            Audience.APPLICANT,
            holds=validity.dates_stand,
            can_be_declined=True,
            explained=_("The dates of your series in the coming month, in one mail."),
            example=overview_examples.month_of_series,
        ),
        Kind(
            "series_ending",
            _("end of a series"),
            Audience.APPLICANT,
            holds=validity.series_ends_then,
            can_be_declined=True,
            explained=_("Some weeks before the last date, so that there is time to ask for the next year."),
            example=overview_examples.end_of_series,
        ),
        Kind(
            "still_taking_place",
            _("question whether a date takes place"),
            Audience.APPLICANT,
            holds=validity.dates_stand,
            can_be_declined=True,
            explained=_("Before dates of long series, where the house asks."),
            example=overview_examples.asked_date,
        ),
        # To staff
        Kind(
            "staff_new_request",
            _("new request"),
            Audience.STAFF,
            (Verb.REQUEST,),
            is_not_by_staff,
            can_be_declined=True,
            explained=_("At once, for each request."),
        ),
        Kind(
            "staff_dates_added",
            _("further dates asked for"),
            Audience.STAFF,
            (Verb.ADD,),
            is_not_by_staff,
            can_be_declined=True,
            explained=_("At once, when an applicant asks for further dates."),
        ),
        Kind(
            "staff_withdrawn",
            _("request withdrawn"),
            Audience.STAFF,
            (Verb.WITHDRAW,),
            is_not_by_staff,
            is_held=True,
            can_be_declined=True,
            explained=_("At once, when an applicant takes a request back."),
        ),
        Kind(
            "staff_cancelled",
            _("booking cancelled"),
            Audience.STAFF,
            (Verb.CANCEL,),
            is_not_by_staff,
            is_held=True,
            can_be_declined=True,
            explained=_("At once, when an applicant gives dates back."),
        ),
        # Whoever declined all the others still hears of a promise that was not kept.
        Kind("staff_overdue", _("answer overdue"), Audience.STAFF, holds=validity.answer_is_awaited),
        Kind(
            "staff_digest",
            _("digest of the day"),
            Audience.STAFF,
            holds=validity.is_the_day,
            can_be_declined=True,
            explained=_("Once a day: open requests, late answers, today’s dates, failed mails."),
            example=overview_examples.day_of_staff,
        ),
        # To caretakers
        Kind(
            "caretaker_plan",
            _("plan of the day"),
            Audience.CARETAKERS,
            holds=validity.day_is_not_over,
            can_be_declined=True,
            explained=_("The day before: what is to be set up, for whom, and whom to call."),
            example=overview_examples.day_of_caretaker,
        ),
        Kind(
            "caretaker_change",
            _("change of the plan"),
            Audience.CARETAKERS,
            holds=validity.day_is_not_over,
            can_be_declined=True,
            explained=_("When something changes in the plan that was sent."),
            example=overview_examples.changed_day_of_caretaker,
        ),
        # To a person, entered by the accounts
        Kind(
            "login_code",
            _("login code"),
            Audience.PERSON,
            secrets=("code",),
            useful_for=timedelta(minutes=15),
            example=lambda booking: {"code": "123456", "minutes": 15},
        ),
        Kind(
            "account_notice",
            _("notice about the account"),
            Audience.PERSON,
            example=lambda booking: {
                "heading": gettext("Your password was changed"),
                "paragraphs": [
                    gettext("Please use the new password from now on."),
                    gettext("If that was not you, please tell the house at once."),
                ],
                "link": booking["status_url"],
                "link_label": gettext("View your account"),
            },
        ),
    ]
}


def kinds_told(*, booking: Booking, verb: Verb, actor: Actor) -> list[Kind]:
    """Return the kinds of mail that go out when `actor` did `verb` to the booking."""
    return [kind for kind in KINDS.values() if verb in kind.told_on and kind.only_if(booking, verb, actor)]


def kind_label(kind: str) -> str:
    """What people call the kind of mail, with a capital; its bare name where there is none any more."""
    return capfirst(str(KINDS[kind].label)) if kind in KINDS else kind
