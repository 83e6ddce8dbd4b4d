"""Links in mails that open a booking without a login, for whoever a mail goes to."""

from dataclasses import dataclass

from django.conf import settings

from bookings.access.tokens import date_path, date_token, status_path, status_token
from bookings.models import Booking
from notifications.recipients import is_contact

HIDDEN = "••••••"


@dataclass(frozen=True, slots=True)
class Links:
    """The links of one mail, made when it is rendered; each is empty unless the recipient is the contact.

    So a mail that was entered for a wrong address, or that staff send elsewhere, opens nothing,
    however often and by whichever way it is sent. With `hide_secrets` dots stand for the tokens.
    """

    recipient: str
    hide_secrets: bool = False

    def of_booking(self, booking: Booking) -> str:
        """Return the address of the booking's page."""
        return self._address(booking, status_path(booking), status_token(booking))

    def of_date(self, booking: Booking, uid: str) -> str:
        """Return the address of the page that asks whether one date of the booking takes place."""
        return self._address(booking, date_path(booking, uid), date_token(booking, uid))

    def _address(self, booking: Booking, path: str, token: str) -> str:
        if not is_contact(self.recipient, booking):
            return ""
        return settings.SITE_URL + (path.replace(token, HIDDEN) if self.hide_secrets else path)
