"""What staff enter about the dates of a booking: answers, what is taken back, and where one is to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings.desk.inbox import PendingDate, approvable_ids
from bookings.models import Slot
from bookings.services import Move
from hausderbegegnung.web.applicant.forms.dates import ChooseDates, OtherWishForm
from hausderbegegnung.web.staff.forms.decision import LONGEST_NOTE, ApproveForm
from rooms.facts import house_facts
from rooms.formats import format_date_span


class TakeBackForm(ChooseDates):
    """Which approved dates staff take back or give back, and why; the house's own decision needs a reason."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason or message"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The applicant reads it. To revoke, a reason is needed."),
        error_messages={"required": _("Please give a reason. It is told to the applicant.")},
    )

    def __init__(self, *args: Any, needs_reason: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].required = needs_reason


class Answer(models.TextChoices):
    """What becomes of a pending date."""

    APPROVE = "approve", _("approve")
    REJECT = "reject", _("reject")
    OPEN = "open", _("leave open")


@dataclass(frozen=True, slots=True)
class DateAnswer:
    """A pending date with its answer as it stands in the form; buffers only where they meet another date."""

    date: PendingDate
    name: str
    chosen: str
    buffers: tuple[forms.BoundField, forms.BoundField] | None


class DecideDatesForm(ApproveForm):
    """An answer for each pending date, one reason for those rejected, and one message.

    What can be approved as it stands is to be approved at first, everything else stays open. The
    buttons for all dates send `every` and count before what was chosen one by one.
    """

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For the dates you reject. The applicant reads this sentence."),
    )
    every = forms.ChoiceField(choices=Answer.choices, required=False)
    field_order = ("version", "reason", "note", "override", "override_reason")

    def __init__(self, *args: Any, dates: Sequence[PendingDate], **options: Any) -> None:
        super().__init__(*args, slots=[date.slot for date in dates if date.meets_buffer], **options)
        self.dates, approvable = dates, approvable_ids(dates)
        for date in dates:
            self.fields[f"answer_{date.slot.pk}"] = forms.ChoiceField(
                label=format_date_span(
                    date.slot.starts_at, date.slot.ends_at, zone=date.slot.booking.house.zone
                ),
                choices=Answer.choices,
                required=False,
                initial=Answer.APPROVE if date.slot.pk in approvable else Answer.OPEN,
            )

    def answers(self) -> list[DateAnswer]:
        """Return each date with its answer, as the page shows them."""
        buffers = {slot.pk: (setup, teardown) for slot, setup, teardown in self.buffer_rows()}
        fields = [(date, self[f"answer_{date.slot.pk}"]) for date in self.dates]
        return [
            DateAnswer(date, field.html_name, field.value() or Answer.OPEN, buffers.get(date.slot.pk))
            for date, field in fields
        ]

    def hindered(self) -> list[DateAnswer]:
        """Return the dates that something speaks against."""
        return [answer for answer in self.answers() if not answer.date.is_ready]

    def clear(self) -> list[DateAnswer]:
        return [answer for answer in self.answers() if answer.date.is_ready]

    def clear_is_changed(self) -> bool:
        """Whether a date that nothing speaks against is not to be approved, as it would be at first."""
        return any(answer.chosen != Answer.APPROVE for answer in self.clear())

    def ids(self, answer: Answer) -> list[int]:
        """Return the ids of the dates with this answer, once the form is valid."""
        given = self.cleaned_data["every"]
        return [
            date.slot.pk
            for date in self.dates
            if (given or self.cleaned_data[f"answer_{date.slot.pk}"]) == answer
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        is_rejecting = bool(self.ids(Answer.REJECT))
        if is_rejecting and not cleaned["reason"].strip():
            self.add_error(
                "reason", ValidationError(_("Please say why dates are rejected."), code="required")
            )
        if not is_rejecting and not self.ids(Answer.APPROVE):
            self.add_error(
                None, ValidationError(_("Please approve or reject at least one date."), code="required")
            )
        return cleaned


class MoveForm(OtherWishForm):
    """Where and when a date is to be instead."""

    note = forms.CharField(
        label=_("Message"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example why. The applicant reads it in the mail."),
    )

    def move_of(self, slot: Slot) -> Move:
        """Return the move the valid form asks for; an empty buffer is the usual one of the rooms."""
        wanted = self.wanted_date()
        rooms = [house_facts(self.house).rooms[room_id] for room_id in wanted.room_ids]
        usual = [max(room.setup for room in rooms), max(room.teardown for room in rooms)]
        setup, teardown = (
            minutes if typed is None else typed
            for typed, minutes in zip(
                (wanted.setup_minutes, wanted.teardown_minutes),
                (buffer // timedelta(minutes=1) for buffer in usual),
                strict=True,
            )
        )
        return Move(slot.pk, wanted.starts_at, wanted.ends_at, wanted.room_ids, setup, teardown)
