"""What bookings refuse, each as a sentence with a stable code."""

from django.utils.translation import gettext_lazy as _

from rooms.errors import DomainError


class WishBreaksRules(DomainError):
    """The wanted date breaks rules; `reasons` names every one."""

    code = "rules_broken"
    status = 400
    sentence = _("This date is not possible as wished.")


class RoomAlreadyBooked(DomainError):
    """Approved bookings stand in the way; `reasons` names them as far as the viewer may know."""

    code = "clash"
    status = 409
    sentence = _("The room is already booked at this time.")


class BufferClash(DomainError):
    code = "buffer_clash"
    status = 409
    sentence = _("Set-up or tear-down meets another booking. Please shorten one of them.")


class HouseFull(DomainError):
    code = "house_full"
    status = 409
    sentence = _("With this booking more persons would be in the house at once than it may hold.")


class TransitionNotAllowed(DomainError):
    code = "transition_not_allowed"
    status = 409
    sentence = _("This is no longer possible: the booking has another status by now.")


class NothingToChange(DomainError):
    """All dates are where they are to be: nobody is told, and no calendar changes."""

    code = "nothing_to_change"
    status = 400
    sentence = _("Time and rooms are as they were. Please choose another time or other rooms.")


class StalePage(DomainError):
    code = "stale"
    status = 409
    sentence = _("Somebody else has changed this booking in the meantime. Please look at it again.")


class ReasonRequired(DomainError):
    code = "reason_required"
    status = 400
    sentence = _("Please give a reason. It is told to the applicant.")


class OverrideReasonRequired(DomainError):
    """Rules are to be set aside, and nobody says why."""

    code = "override_reason_required"
    status = 400
    sentence = _("Please say why an exception is made. It is kept in the history.")


class NotAllowed(DomainError):
    code = "not_allowed"
    status = 403
    sentence = _("Your account is not set up for this. If you need it, please ask the house.")


class BookingNotFound(DomainError):
    code = "not_found"
    status = 404
    sentence = _("This booking does not exist, or the link is not valid.")


class LinkEnded(DomainError):
    """A link of an earlier generation: whom the booking's mails go to gets a new one."""

    code = "link_ended"
    status = 410
    sentence = _("This link is no longer valid.")


class AssociationBlocked(DomainError):
    code = "association_blocked"
    status = 403
    sentence = _("This association cannot send requests at the moment. Please contact the house.")


class InvalidRequest(DomainError):
    """An input that is no rule of the plan: unknown rooms, missing texts."""

    code = "invalid"
    status = 400
    sentence = _("Please check what you entered.")


class AmbiguousAssociation(InvalidRequest):
    """Several associations have the name; the sentence lists what tells them apart."""

    code = "ambiguous_association"


class KeyReused(DomainError):
    """Another request was sent with this key before; a key stands for one request and what it says."""

    code = "key_reused"
    status = 409
    sentence = _(
        "Another request was sent with this key, so this one was not stored. "
        "Please send it again with a new key."
    )


class ClosureNotFound(DomainError):
    code = "not_found"
    status = 404
    sentence = _("This closure does not exist any more.")


class TooManyDates(InvalidRequest):
    """More dates than the house takes in one request; the sentence names both numbers."""

    code = "too_many_dates"


class NoDates(InvalidRequest):
    code = "no_dates"
    sentence = _("This pattern gives no date.")


class PeriodTooLong(InvalidRequest):
    code = "period_too_long"
    sentence = _("The dates of one request lie within three years.")


class DatesUndecided(DomainError):
    """Dates of a series cannot stand as wished, and nothing valid is chosen for them."""

    code = "dates_undecided"
    status = 409
    sentence = _("Some dates are not possible as wished. Please choose what becomes of them.")
