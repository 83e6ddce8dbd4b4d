"""Another time or other rooms for one approved date: what can change about it, and nothing else."""

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bookings.access.actors import Actor
from bookings.access.permissions import can_enter_for_others, can_override
from bookings.models import Booking, Slot
from bookings.services import RequestData
from bookings.services.submissions import keyed_by_content
from hausderbegegnung.web.applicant.forms.dates import OtherWishForm
from hausderbegegnung.web.applicant.forms.request import date_values
from hausderbegegnung.web.shared.forms.series import SeriesFields
from hausderbegegnung.web.staff.forms.decision import LONGEST_NOTE
from rooms.facts import RulesFacts, house_facts


class ChangeDateForm(OtherWishForm):
    """Day, time and rooms of a date that is to be replaced, and a word about it.

    The house rules are asked for only where the booking has not accepted any.
    """

    dropped = tuple(SeriesFields.base_fields)

    submission_key = forms.UUIDField(
        label=_("Form"),
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid"), _("Please send the form once more.")),
    )
    note = forms.CharField(
        label=_("Message"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example why. The house reads it."),
    )
    accept_rules = forms.BooleanField(
        label=_("I accept the house rules"),
        error_messages={
            "required": _("Please accept the house rules; without that the house cannot be used.")
        },
    )

    def __init__(
        self,
        *args: Any,
        booking: Booking,
        slot: Slot,
        person: Actor,
        rules: RulesFacts | None,
        **options: Any,
    ) -> None:
        initial = {
            **date_values(slot, booking.house),
            "persons": booking.persons,
            "layout": booking.layout,
            "submission_key": uuid.uuid4(),
        }
        super().__init__(*args, house=booking.house, initial=initial, **options)
        self.booking, self.slot, self.rules = booking, slot, rules
        self.fields["persons"].required = True
        if can_enter_for_others(person, booking.house) or rules is None or booking.house_rules_id:
            del self.fields["accept_rules"]
        if not can_override(person, booking.house):
            self.forbid_override()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "submission_key" in self.errors:
            self.change_typed(submission_key=str(uuid.uuid4()))
        if not self.errors and self._is_as_before():
            self.add_error(None, ValidationError(_("Nothing is changed."), code="unchanged"))
        return cleaned

    def _is_as_before(self) -> bool:
        wanted, slot = self.wanted_date(), self.slot
        rooms = [house_facts(self.house).rooms[room_id] for room_id in wanted.room_ids]
        usual = [max(room.setup for room in rooms), max(room.teardown for room in rooms)]
        buffers = [
            minutes if typed is None else timedelta(minutes=typed)
            for typed, minutes in zip((wanted.setup_minutes, wanted.teardown_minutes), usual, strict=True)
        ]
        return (
            (wanted.starts_at, wanted.ends_at) == (slot.starts_at, slot.ends_at)
            and set(wanted.room_ids) == {room.pk for room in slot.rooms.all()}
            and buffers == [slot.starts_at - slot.gross_starts_at, slot.gross_ends_at - slot.ends_at]
            and (self.cleaned_data["persons"], self.cleaned_data["layout"])
            == (self.booking.persons, self.booking.layout)
        )

    def request_data(self) -> RequestData:
        """Return the request that the valid form makes: the booking with the date as it is wished now."""
        booking, cleaned = self.booking, self.cleaned_data
        remarks = "\n\n".join(text for text in (cleaned["note"].strip(), booking.remarks) if text)
        accepted = booking.house_rules_id or (
            self.rules.id if "accept_rules" in self.fields and self.rules else None
        )
        data = RequestData(
            house_id=booking.house_id,
            dates=(self.wanted_date(),),
            association_id=booking.association_id,
            contact_name=booking.contact_name,
            contact_email=booking.contact_email,
            contact_phone=booking.contact_phone,
            language=booking.language,
            kind=booking.kind,
            title=booking.title,
            display_title=booking.display_title,
            visibility=booking.visibility,
            purpose=booking.purpose,
            persons=cleaned["persons"],
            persons_total=booking.persons_total,
            layout=cleaned["layout"],
            equipment_ids=tuple(equipment.pk for equipment in booking.equipment.all()),
            remarks=remarks,
            house_rules_id=accepted,
            submission_key=cleaned["submission_key"],
        )
        return keyed_by_content(data)
