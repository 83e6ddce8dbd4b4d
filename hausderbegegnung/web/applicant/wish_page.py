"""What the pages that ask for a date share: checking what is sent, taking a nearest time over, refusing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from bookings.models import Booking
from hausderbegegnung.web.applicant.check import JOINTLY, answers, no_answers
from hausderbegegnung.web.applicant.forms.wish import WishForm
from hausderbegegnung.web.shared.drafts import draft_owner, take_draft
from hausderbegegnung.web.shared.forms.fields import KNOWN_YEARS
from rooms.errors import DomainError
from rooms.intervals import Interval

WISH_FIELDS = frozenset(WishForm.base_fields)
REPLACED_SALT = "hausderbegegnung.web.applicant.request.replaced"

Form = TypeVar("Form", bound=WishForm)


@dataclass(frozen=True, slots=True)
class WishPage(Generic[Form]):
    """A form to be shown, empty or as it was sent, with the `status` of the answer and what refused it."""

    form: Form
    status: int = 200
    refusal: DomainError | None = None

    @property
    def may_override(self) -> bool:
        """Whether staff could set aside what refused it."""
        return self.refusal is not None and self.refusal.is_overridable

    def context(
        self,
        *,
        now: datetime,
        person: Any,
        replaced_ids: tuple[int, ...] = (),
        equipment_ids: Sequence[int] | None = None,
    ) -> dict[str, Any]:
        """Return the form with what is said to its wish, for who is at the page; the refusal is put into it.

        `replaced_ids` are the dates it would replace, `equipment_ids` what it has where the form does
        not ask for it.
        """
        form = self.form
        sent: Any = form.data if form.is_bound else form.initial
        if form.is_bound or WISH_FIELDS & sent.keys():
            said = answers(
                self._wish(sent),
                now=now,
                sent=sent,
                person=person,
                equipment_ids=equipment_ids,
                replaced_ids=replaced_ids,
                refused_for=tuple(self.refusal.reasons) if self.refusal else (),
            )
        else:
            said = no_answers(form.house)
        if self.refusal:
            form.add_domain_error(self.refusal)
        replaces = signing.dumps(replaced_ids, salt=REPLACED_SALT) if replaced_ids else ""
        return {**said, "form": form, "replaces": replaces, "draft_owner": draft_owner(person)}

    def _wish(self, sent: Any) -> WishForm:
        """Return the wish as it is read; that of a valid form was read with it."""
        if self.form.is_bound and self.form.is_valid():
            return self.form
        wish = WishForm(sent, house=self.form.house)
        wish.is_valid()
        return wish


def answer_wish(
    request: HttpRequest,
    form_of: Callable[..., Form],
    send: Callable[[Form], Booking],
    url_after: Callable[[Booking], str],
    *,
    now: datetime,
) -> HttpResponse | WishPage[Form]:
    """Send a valid form and go on to `url_after`, or return the page that shows it.

    `form_of` makes the form, of data where there are some; `send` asks for the booking. A form
    that was kept over a login, or sent to be checked only, is filled and sends nothing.
    """
    draft = take_draft(request)
    form = form_of(draft or request.POST) if draft or request.method == "POST" else form_of()
    if draft or {"check", "use", JOINTLY} & request.POST.keys():
        if nearest := interval_in(request.POST.get("use", "")):
            form.fill_time(nearest)
        form.forget_errors_except(WISH_FIELDS)
        return WishPage(form)
    if not form.is_bound:
        return WishPage(form)
    if not form.is_valid():
        return WishPage(form, 400)
    try:
        booking = send(form)
    except DomainError as error:
        return WishPage(form, error.status, error)
    if booking.received_at != now:
        messages.info(request, _("You had sent this request already; it counts once."))
    return redirect(url_after(booking))


def interval_in(text: str) -> Interval | None:
    """Read the two instants of a button that takes a time over; None where it holds none."""
    try:
        starts_at, ends_at = (datetime.fromisoformat(part) for part in text.split("/"))
        is_known = starts_at.year in KNOWN_YEARS and ends_at.year in KNOWN_YEARS
        return Interval(starts_at, ends_at) if is_known and starts_at.tzinfo and ends_at.tzinfo else None
    except ValueError:
        return None


def replaced_ids_in(text: str) -> tuple[int, ...]:
    """Read which dates the wish would replace, from a value only our own page can make."""
    try:
        return tuple(signing.loads(text, salt=REPLACED_SALT))
    except signing.BadSignature:
        return ()
