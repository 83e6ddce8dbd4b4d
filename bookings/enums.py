"""The fixed words of bookings, and the one table of what may become what."""

from dataclasses import dataclass
from enum import nonmember

from django.db import models
from django.utils.translation import gettext_lazy as _

from rooms.enums import Activity


class SlotStatus(models.TextChoices):
    REQUESTED = "requested", _("requested")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    CANCELLED = "cancelled", _("cancelled")
    REVOKED = "revoked", _("revoked")
    SKIPPED = "skipped", _("skipped")

    # Dates that take place, or may yet.
    STANDING = nonmember(frozenset({REQUESTED[0], APPROVED[0]}))
    # What the house answers for; what was given back, replaced or skipped is told apart.
    COUNTING = nonmember(frozenset({REQUESTED[0], APPROVED[0], REJECTED[0], REVOKED[0]}))
    # Dates that people may have been told of, and that do not take place.
    CALLED_OFF = nonmember(frozenset({CANCELLED[0], REVOKED[0]}))


class SkippedBecause(models.TextChoices):
    """Why a date of a series is skipped: by the series itself, or by whoever asked for it."""

    PUBLIC_HOLIDAY = "public_holiday", _("public holiday")
    SCHOOL_HOLIDAYS = "school_holidays", _("school holidays")
    OUTSIDE_SCHOOL_HOLIDAYS = "outside_school_holidays", _("outside of school holidays")
    SCHOOL_HOLIDAYS_UNKNOWN = "school_holidays_unknown", _("school holidays are not known yet")
    CHOSEN = "chosen", _("left out by hand")
    # Left out because it could not stand as wished:
    CLASH = "clash", _("not free")
    CLOSED = "closed", _("closed")
    OUTSIDE_HOURS = "outside_hours", _("outside of the hours")
    RULES = "rules", _("not possible")


class BookingStatus(models.TextChoices):
    REQUESTED = "requested", _("requested")
    APPROVED = "approved", _("approved")
    PARTLY_APPROVED = "partly_approved", _("partly approved")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    CANCELLED = "cancelled", _("cancelled")
    REVOKED = "revoked", _("revoked")

    # Of a booking that was rejected or given back as a whole, nothing goes on.
    GOING_ON = nonmember(frozenset({REQUESTED[0], APPROVED[0], PARTLY_APPROVED[0]}))


class Verb(models.TextChoices):
    """What happens to a booking; the words of the history, the API and the signal."""

    REQUEST = "request", _("request")
    APPROVE = "approve", _("approve")
    REJECT = "reject", _("reject")
    WITHDRAW = "withdraw", _("withdraw")
    CANCEL = "cancel", _("cancel")
    REVOKE = "revoke", _("revoke")
    REPLACE = "replace", _("replace")
    # Each date got its own answer: some approved, some rejected.
    DECIDE = "decide", _("decide date by date")
    MOVE = "move", _("move")
    ADD = "add", _("add dates")
    CONFIRM = "confirm", _("confirm")
    # The address of the applicant was entered wrongly.
    CORRECT = "correct", _("correct the address")
    # The links that mails have carried open nothing any more.
    RENEW = "renew", _("renew the links")
    # Staff told the contact on the phone what was decided.
    PHONE = "phone", _("phone")


# What the house does to a booking, and its contact has to learn.
NEWS = frozenset({Verb.APPROVE, Verb.REJECT, Verb.DECIDE, Verb.REVOKE, Verb.MOVE})


@dataclass(frozen=True, slots=True)
class TransitionRule:
    source: SlotStatus
    target: SlotStatus


TRANSITIONS: dict[Verb, TransitionRule] = {
    Verb.APPROVE: TransitionRule(SlotStatus.REQUESTED, SlotStatus.APPROVED),
    Verb.REJECT: TransitionRule(SlotStatus.REQUESTED, SlotStatus.REJECTED),
    Verb.WITHDRAW: TransitionRule(SlotStatus.REQUESTED, SlotStatus.WITHDRAWN),
    Verb.CANCEL: TransitionRule(SlotStatus.APPROVED, SlotStatus.CANCELLED),
    Verb.REVOKE: TransitionRule(SlotStatus.APPROVED, SlotStatus.REVOKED),
    # The date of the old booking when the request that replaces it is approved.
    Verb.REPLACE: TransitionRule(SlotStatus.APPROVED, SlotStatus.CANCELLED),
}


class SchoolHolidays(models.TextChoices):
    """What school holidays mean to a series."""

    IGNORED = "ignored", _("also in school holidays")
    PAUSED = "paused", _("not in school holidays")
    ONLY = "only", _("only in school holidays")


class Visibility(models.TextChoices):
    PUBLIC = "public", _("title is shown")
    BUSY = "busy", _("shown as occupied")
    HIDDEN = "hidden", _("not shown")


class BookingKind(models.TextChoices):
    MEETING = "meeting", _("meeting")
    COURSE = "course", _("course")
    GET_TOGETHER = "get_together", _("get-together")
    CULTURE = "culture", _("concert, reading, culture")
    YOUTH = "youth", _("children and youth")
    MARKET = "market", _("market, flea market")
    SPORT = "sport", _("sport and movement")
    INFORMATION = "information", _("information event")
    MUNICIPAL = "municipal", _("event of the town")
    COUNSELLING = "counselling", _("counselling")
    SELF_HELP = "self_help", _("self-help group")
    RELIGIOUS = "religious", _("religious meeting")
    POLITICAL = "political", _("political meeting")
    PRIVATE = "private", _("private celebration")
    OTHER = "other", _("something else")

    @property
    def default_visibility(self) -> Visibility:
        """Sensitive kinds show no title: it can reveal health, religion or opinion (Art. 9 GDPR)."""
        return Visibility.BUSY if self in SENSITIVE_KINDS else Visibility.PUBLIC

    @property
    def activity(self) -> Activity:
        """What night rest and silent days look at; a kind nobody can name may well be heard outside."""
        return ACTIVITIES.get(self, Activity.QUIET)


ACTIVITIES: dict[str, Activity] = {
    BookingKind.CULTURE: Activity.ENTERTAINMENT,
    BookingKind.MARKET: Activity.MARKET,
    BookingKind.SPORT: Activity.SPORT,
    BookingKind.GET_TOGETHER: Activity.SOCIAL,
    BookingKind.YOUTH: Activity.SOCIAL,
    BookingKind.PRIVATE: Activity.SOCIAL,
    BookingKind.OTHER: Activity.SOCIAL,
}


def activity_of(kind: str) -> Activity:
    """Return the activity of a kind of booking, the quiet one where no kind is named yet."""
    return ACTIVITIES.get(kind, Activity.QUIET)


SENSITIVE_KINDS = frozenset(
    {
        BookingKind.COUNSELLING,
        BookingKind.SELF_HELP,
        BookingKind.RELIGIOUS,
        BookingKind.POLITICAL,
        BookingKind.PRIVATE,
    }
)


class AssociationKind(models.TextChoices):
    REGISTERED_ASSOCIATION = "registered_association", _("registered association")
    INITIATIVE = "initiative", _("initiative or group")
    SELF_HELP_GROUP = "self_help_group", _("self-help group")
    CHURCH = "church", _("church or religious community")
    SCHOOL = "school", _("school or day-care centre")
    TOWN = "town", _("town or public body")
    PARTY = "party", _("political party")
    COMPANY = "company", _("company")
    PRIVATE_PERSON = "private_person", _("private person")
    OTHER = "other", _("other")


class MemberRole(models.TextChoices):
    MANAGER = "manager", _("acts for the association and manages its members")
    REPRESENTATIVE = "representative", _("acts for the association")
