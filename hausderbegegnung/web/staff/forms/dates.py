"""What staff enter about the dates of a booking: answers, what is taken back, and where one is to be."""

from collections import Counter
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
from hausderbegegnung.web.staff.forms.decision import LONGEST_NOTE, NoteForm
from hausderbegegnung.web.staff.forms.override import OverrideForm
from rooms.facts import house_facts
from rooms.formats import format_date_span

NOTHING_CHOSEN = _("Decide as chosen")
NO_REASON = _("Please give a reason. It is told to the applicant.")


class TakeBackForm(ChooseDates):
    """Which approved dates staff take back or give back, and why; the house's own decision needs a reason."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason or message"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The applicant reads it. To revoke, a reason is needed."),
        error_messages={"required": NO_REASON},
    )

    def __init__(self, *args: Any, needs_reason: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].required = needs_reason


class Answer(models.TextChoices):
    """What becomes of a pending date."""

    APPROVE = "approve", _("approve")
    REJECT = "reject", _("reject")
    OPEN = "open", _("leave open")


def outcome_words() -> dict[str, str]:
    """Return what is said of so many dates with one answer; `#` stands for their number."""
    return {
        Answer.APPROVE: _("approve %(number)s") % {"number": "#"},
        Answer.REJECT: _("reject %(number)s") % {"number": "#"},
        Answer.OPEN: _("leave %(number)s open") % {"number": "#"},
    }


@dataclass(frozen=True, slots=True)
class DateAnswer:
    """A pending date with its answer as it stands in the form; buffers only where they meet another date."""

    date: PendingDate
    name: str
    chosen: str
    buffers: tuple[forms.BoundField, forms.BoundField] | None

    @property
    def is_usual(self) -> bool:
        """Whether nothing speaks against the date and it is to be approved, so that it can be folded."""
        return self.date.is_ready and self.chosen == Answer.APPROVE


class DecideDatesForm(OverrideForm, NoteForm):
    """An answer for each pending date, one reason for those rejected, and one message.

    What can be approved as it stands is to be approved at first, everything else stays open. With
    `every` all dates get that answer, whatever was chosen one by one. Set-up and tear-down, which staff
    may shorten, are asked for where they meet another date, and always of a single one; they are read
    wherever they were sent.
    """

    override = forms.BooleanField(label=_("Approve all the same"), required=False)
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For what you reject. The applicant reads this sentence."),
    )
    field_order = ("version", "reason", "note", "override", "override_reason")

    def __init__(
        self, *args: Any, dates: Sequence[PendingDate], every: Answer | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.dates, self.every, approvable = dates, every, approvable_ids(dates)
        self.fields["note"].help_text = _("For example where the key is. The applicant reads it in the mail.")
        for date in dates:
            self.fields[f"answer_{date.slot.pk}"] = forms.ChoiceField(
                label=format_date_span(
                    date.slot.starts_at, date.slot.ends_at, zone=date.slot.booking.house.zone
                ),
                choices=Answer.choices,
                required=False,
                initial=Answer.APPROVE if date.slot.pk in approvable else Answer.OPEN,
            )
        self.slots = [
            date.slot
            for date in dates
            if date.meets_buffer or len(dates) == 1 or self.add_prefix(f"setup_{date.slot.pk}") in self.data
        ]
        for slot in self.slots:
            for name, label, minutes in [
                ("setup", _("Set-up in minutes"), slot.setup_minutes),
                ("teardown", _("Tear-down in minutes"), slot.teardown_minutes),
            ]:
                self.fields[f"{name}_{slot.pk}"] = forms.IntegerField(
                    label=label, initial=minutes, required=False, min_value=0, max_value=24 * 60
                )

    def buffers(self) -> dict[int, tuple[int, int]]:
        """Return slot id -> (set-up, tear-down) in minutes, of the dates where staff changed them."""
        changed = {}
        for slot in self.slots:
            before = (slot.setup_minutes, slot.teardown_minutes)
            typed = (self.cleaned_data[f"setup_{slot.pk}"], self.cleaned_data[f"teardown_{slot.pk}"])
            setup, teardown = (old if new is None else new for new, old in zip(typed, before, strict=True))
            if (setup, teardown) != before:
                changed[slot.pk] = (setup, teardown)
        return changed

    def answers(self) -> list[DateAnswer]:
        """Return each date with its answer, as the page shows them."""
        buffers = {slot.pk: (self[f"setup_{slot.pk}"], self[f"teardown_{slot.pk}"]) for slot in self.slots}
        fields = [(date, self[f"answer_{date.slot.pk}"]) for date in self.dates]
        return [
            DateAnswer(date, field.html_name, field.value() or Answer.OPEN, buffers.get(date.slot.pk))
            for date, field in fields
        ]

    def single(self) -> list[DateAnswer]:
        """Return the dates to look at: something speaks against them, or they are not to be approved."""
        return [answer for answer in self.answers() if not answer.is_usual]

    def alike(self) -> list[DateAnswer]:
        """Return the dates that are to be approved and that nothing speaks against."""
        return [answer for answer in self.answers() if answer.is_usual]

    def may_override_all(self) -> bool:
        """Whether all dates could be approved, but some only against rules that staff may override."""
        return any(date.needs_override for date in self.dates) and not any(
            date.is_impossible or date.meets_buffer for date in self.dates
        )

    def outcome(self) -> str:
        """Return what becomes of the dates as the form stands: `18 genehmigen, 2 ablehnen`."""
        numbers = Counter(answer.chosen for answer in self.answers())
        if not numbers[Answer.APPROVE] and not numbers[Answer.REJECT]:
            return str(NOTHING_CHOSEN)
        words = outcome_words()
        return ", ".join(
            words[answer].replace("#", str(numbers[answer])) for answer in Answer if numbers[answer]
        )

    def ids(self, answer: Answer) -> list[int]:
        """Return the ids of the dates with this answer, once the form is valid."""
        return [
            date.slot.pk
            for date in self.dates
            if (self.every or self.cleaned_data[f"answer_{date.slot.pk}"]) == answer
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        is_rejecting = bool(self.ids(Answer.REJECT))
        if is_rejecting and not cleaned["reason"].strip():
            self.add_error("reason", ValidationError(NO_REASON, code="required"))
        # Without any pending date the booking is decided already, which the service says.
        if self.dates and not is_rejecting and not self.ids(Answer.APPROVE):
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
