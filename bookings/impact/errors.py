"""What a change of the house refuses while approved dates are hit."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from bookings.impact.hits import Hit
from rooms.errors import DomainError


class ChangeHitsDates(DomainError):
    """A change of the house hits approved dates, the `hits`, and nobody has said what becomes of them."""

    code = "hits_dates"
    status = 409
    sentence = _("This change hits approved dates. Please decide what becomes of each.")

    def __init__(self, hits: Sequence[Hit]) -> None:
        self.hits = list(hits)
        super().__init__()


class OtherDatesHit(ChangeHitsDates):
    """Not the dates that were shown: somebody booked, moved or gave back in the meantime."""

    code = "stale"
    sentence = _(
        "In the meantime something has changed: other dates are hit than those you saw. "
        "Please look at them again."
    )


class TooManyDatesHit(DomainError):
    code = "too_many_dates"
    status = 400
