"""How the applicant is reached, where it was entered wrongly."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from bookings.access.actors import Actor
from bookings.access.permissions import actor_kind, can_correct_contact_of
from bookings.enums import Verb
from bookings.errors import InvalidRequest
from bookings.models import Booking, Transition
from bookings.services.decisions import lock_booking


def correct_address(*, booking_id: int, actor: Actor, address: str, now: datetime) -> Booking:
    """Staff correct the e-mail address of the applicant; the history keeps the one it was before.

    It decides nothing, so the version stays and an open page can still be sent. The same address
    again changes nothing. Mails that wait are another matter (`notifications.outbox.correction`).

    Raises BookingNotFound, NotAllowed, or InvalidRequest for what is no address.
    """
    address = address.strip()
    try:
        validate_email(address)
    except ValidationError as error:
        raise InvalidRequest(_("This is no e-mail address."), field="address") from error
    with transaction.atomic():
        house, booking = lock_booking(booking_id, actor, can_correct_contact_of, None)
        before = booking.contact_email
        if address == before:
            return booking
        booking.contact_email = address
        booking.save(update_fields=["contact_email"])
        Transition.objects.create(
            booking=booking,
            verb=Verb.CORRECT,
            from_status=booking.status,
            to_status=booking.status,
            actor_id=actor.pk if actor.is_authenticated else None,
            actor_kind=actor_kind(actor, house),
            before_email=before,
            at=now,
        )
    return booking
