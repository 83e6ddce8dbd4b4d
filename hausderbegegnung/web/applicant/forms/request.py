"""The request of a room: the wish, what is planned, who asks, and the consent to the house rules."""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bookings.access.actors import Actor
from bookings.access.associations import associations_for, find_association, labelled
from bookings.access.permissions import can_enter_for_others, can_override
from bookings.enums import AssociationKind, BookingKind, Visibility
from bookings.errors import AmbiguousAssociation
from bookings.models import Association, Booking, Slot
from bookings.services import RequestData
from bookings.services._entries import SentSeries
from bookings.services.submissions import keyed_by_content
from hausderbegegnung.web.applicant.forms.wish import WishForm, time_values
from hausderbegegnung.web.shared.forms.fields import OfferField
from hausderbegegnung.web.staff.forms.override import OverrideForm
from rooms.facts import RulesFacts
from rooms.models import House

# Answers of the form that stand for no value of the domain.
NEW, MYSELF = "new", "myself"
USUAL = "usual"


class RequestForm(OverrideForm, WishForm):
    """Everything a request says. Who fills it in decides how the association is named.

    Applicants ask for themselves, for one of their associations, or name a new one; staff type the
    name of any association, known or new, for people who phone or have no e-mail address. A change
    of a booking (`replaced`) stays with its association and asks for none.
    """

    submission_key = forms.UUIDField(
        label=_("Form"),
        widget=forms.HiddenInput,
        error_messages={
            "required": _("Please send the form once more."),
            "invalid": _("Please send the form once more."),
        },
    )
    title = forms.CharField(
        label=_("Title"),
        max_length=120,
        help_text=_("For example “Choir practice” or “Birthday party”."),
        error_messages={"required": _("Please give the event a title.")},
    )
    kind = forms.ChoiceField(
        label=_("Kind of event"),
        choices=[("", _("Please choose")), *BookingKind.choices],
        error_messages={"required": _("Please choose what kind of event it is.")},
    )
    purpose = forms.CharField(
        label=_("Short description"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Two or three sentences help the house to decide."),
    )
    visibility = forms.ChoiceField(
        label=_("What others see"),
        initial=USUAL,
        widget=forms.RadioSelect,
        choices=[
            (USUAL, _("As usual for this kind of event (recommended)")),
            (Visibility.PUBLIC, _("The title, in the calendar and on the display in the house")),
            (Visibility.BUSY, _("Only “occupied”")),
            (Visibility.HIDDEN, _("Nothing")),
        ],
        help_text=_(
            "Counselling, self-help, religious, political and private events are usually shown as"
            " “occupied”, all others with their title. Names and phone numbers are never shown."
        ),
    )
    display_title = forms.CharField(
        label=_("Title for the display"),
        required=False,
        max_length=80,
        help_text=_("Only if others are to read something else than the title above."),
    )
    persons_total = forms.IntegerField(
        label=_("Persons in total"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=_("Only if people come and go, for example at a flea market."),
    )
    equipment = OfferField(label=_("Equipment you need"), required=False)
    remarks = forms.CharField(
        label=_("Remarks"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    association = forms.ChoiceField(
        label=_("For whom do you ask?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose for whom you ask."),
            "invalid_choice": _("You cannot ask for this association. Please choose one from the list."),
        },
    )
    association_name = forms.CharField(
        label=_("Name of the group"),
        required=False,
        max_length=160,
        error_messages={"required": _("Please enter the name of the group.")},
        help_text=_("Association, initiative or institution."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    association_kind = forms.ChoiceField(
        label=_("Kind of group"),
        required=False,
        choices=[("", _("Please choose")), *AssociationKind.choices],
        error_messages={"required": _("Please choose what kind of group it is.")},
    )
    contact_name = forms.CharField(
        label=_("Contact person"),
        max_length=150,
        help_text=_("Who answers questions and is there on the day."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Please name a contact person.")},
    )
    contact_email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "section-applicant email"}),
        error_messages={"invalid": _("Please check the e-mail address, for example name@example.org.")},
    )
    contact_phone = forms.CharField(
        label=_("Phone"),
        required=False,
        max_length=40,
        help_text=_("For questions and on the day itself."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    house_rules = forms.CharField(required=False, widget=forms.HiddenInput)
    accept_rules = forms.BooleanField(
        label=_("I accept the house rules"),
        error_messages={
            "required": _("Please accept the house rules; without that the house cannot be used.")
        },
    )
    override = forms.BooleanField(label=_("Enter it all the same"), required=False)

    def __init__(
        self,
        *args: Any,
        house: House,
        person: Actor,
        rules: RulesFacts | None,
        replaced: Booking | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, house=house, **options)
        self.person, self.rules, self.replaced = person, rules, replaced
        self.is_for_others = can_enter_for_others(person, house)
        self.fields["persons"].required = True
        self.fields["equipment"].offer({str(item.id): item for item in self.facts.equipment})  # type: ignore[attr-defined]
        self._set_up_association()
        if rules is None:
            del self.fields["accept_rules"]
        else:
            self.initial.setdefault("house_rules", str(rules.id))
        if not can_override(person, house):
            self.forbid_override()
        if self.is_for_others:
            self.fields.get("accept_rules", forms.BooleanField()).label = _(
                "The applicant knows and accepts the house rules"
            )
            self.fields["contact_email"].help_text = _(
                "Leave empty if the person has none; then please call after the decision."
            )
        elif not replaced:
            del self.fields["contact_email"]
            if not self.initial.get("contact_name"):
                self.fields["contact_name"].label = _("Your first and last name")
        self.initial.setdefault("submission_key", uuid.uuid4())

    def _set_up_association(self) -> None:
        self.known: dict[str, Association] = {}
        if self.replaced:
            for name in ["association", "association_name", "association_kind"]:
                del self.fields[name]
        elif self.is_for_others:
            del self.fields["association"]
            self.known = labelled(associations_for(self.person, self.house))
            name_field = self.fields["association_name"]
            name_field.label = _("For whom?")
            name_field.required = True
            name_field.help_text = _(
                "Type the name; known associations are suggested. An unknown name is entered as new."
            )
            # Not what staff once typed as their own, and yet kept when they come back to the form.
            name_field.widget.attrs |= {
                "list": "known-associations",
                "autocomplete": "section-applicant organization",
            }
            name_field.error_messages["required"] = _("Please enter for whom the room is.")
            self.fields["association_kind"].help_text = _("Only for a new name.")
            self.fields["contact_name"].required = False
        else:
            self._offer_own_associations()

    def _offer_own_associations(self) -> None:
        """Offer the applicant's associations; the one that is the applicant alone is `MYSELF`."""
        groups = associations_for(self.person, self.house)
        alone = next((group for group in groups if group.kind == AssociationKind.PRIVATE_PERSON), None)
        self.known = {str(group.pk): group for group in groups if group != alone}
        labels = {group.pk: label for label, group in labelled(self.known.values()).items()}
        field: Any = self.fields["association"]
        field.choices = [
            *((key, labels[group.pk]) for key, group in self.known.items()),
            (MYSELF, _("Myself, privately")),
            (NEW, _("Another group") if self.known else _("An association or a group")),
        ]
        if alone:
            self.known[MYSELF] = alone
        asked = str(self.initial.get("association", ""))
        by_number = {str(group.pk): key for key, group in self.known.items()}
        self.initial["association"] = by_number.get(asked, next(iter(self.known), ""))
        kinds: Any = self.fields["association_kind"]
        kinds.choices = [choice for choice in kinds.choices if choice[0] != AssociationKind.PRIVATE_PERSON]

    @property
    def says_more(self) -> bool:
        """Whether anything is said of the event that may be left out."""
        return "visibility" in self.errors or self.is_said(
            "purpose", "remarks", "display_title", "persons_total"
        )

    @property
    def has_contact(self) -> bool:
        """Whether the contact is named, and nothing is wrong with it: then it need not be asked for."""
        wrong = {"contact_name", "contact_phone", "contact_email"} & self.errors.keys()
        return bool(self["contact_name"].value()) and not wrong

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "submission_key" in self.errors:
            self.change_typed(submission_key=str(uuid.uuid4()))
        if not self.replaced:
            self._read_association(cleaned)
        if self.rules and cleaned.get("accept_rules") and cleaned.get("house_rules") != str(self.rules.id):
            self.change_typed(house_rules=str(self.rules.id), accept_rules="")
            self.add_error(
                "accept_rules",
                ValidationError(
                    _("The house rules have changed in the meantime. Please read and accept them again."),
                    code="stale",
                ),
            )
        return cleaned

    def _read_association(self, cleaned: dict[str, Any]) -> None:
        """Put into `cleaned` for whom it is: the id of a known association, or name and kind of a new one."""
        chosen, name = cleaned.get("association", ""), cleaned.get("association_name", "")
        known = self._known_of_all(name) if self.is_for_others else self.known.get(chosen)
        cleaned["association_id"] = known.pk if known else None
        if chosen == MYSELF:
            # Sent again, the person is a known one by then, and yet it says the same.
            cleaned["association_name"] = cleaned.get("contact_name", "")
            cleaned["association_kind"] = AssociationKind.PRIVATE_PERSON
        elif known and not self.is_for_others:
            cleaned["association_name"] = cleaned["association_kind"] = ""
        elif not known and "association" not in self.errors:
            self._require("association_name", "association_kind")
        if self.is_for_others and name:
            self._read_contact(known.kind if known else cleaned.get("association_kind", ""), cleaned)

    def _known_of_all(self, name: str) -> Association | None:
        try:
            return find_association(name, self.known.values())
        except AmbiguousAssociation as error:
            self.add_error("association_name", ValidationError(str(error), code=error.code))
            return None

    def _read_contact(self, kind: str, cleaned: dict[str, Any]) -> None:
        """Somebody who asks alone is the contact, whose name is typed once; a group names one."""
        if kind != AssociationKind.PRIVATE_PERSON:
            self._require("contact_name")
        elif not cleaned.get("contact_name"):
            longest: Any = self.fields["contact_name"]
            cleaned["contact_name"] = cleaned.get("association_name", "")[: longest.max_length]

    def _require(self, *names: str) -> None:
        for name in names:
            if not self.cleaned_data.get(name) and name not in self.errors:
                sentence = self.fields[name].error_messages["required"]
                self.add_error(name, ValidationError(sentence, code="required"))

    def request_data(
        self, choices: Mapping[str, str], *, language: str, follows_id: int | None = None
    ) -> RequestData:
        """Return what the valid form says, as the service takes it; of a series the dates are still missing.

        `choices` are what was chosen for single dates of it, as tokens by their keys; `follows_id` is the
        booking that is asked for again. The key follows from what it says, so that
        another request from the same page is one of its own.
        """
        cleaned = self.cleaned_data
        association_id = self.replaced.association_id if self.replaced else cleaned.get("association_id")
        wanted = self.wanted_date()
        data = RequestData(
            house_id=self.house.pk,
            dates=() if self.series else (wanted,),
            association_id=association_id,
            new_association_name=cleaned.get("association_name", ""),
            new_association_kind=cleaned.get("association_kind", ""),
            contact_name=cleaned["contact_name"],
            contact_email=cleaned["contact_email"] if "contact_email" in self.fields else self.person.email,  # type: ignore[attr-defined]
            contact_phone=cleaned["contact_phone"],
            language=language,
            kind=cleaned["kind"],
            title=cleaned["title"],
            display_title=cleaned["display_title"],
            visibility="" if cleaned["visibility"] == USUAL else cleaned["visibility"],
            purpose=cleaned["purpose"],
            persons=cleaned["persons"],
            persons_total=cleaned["persons_total"],
            layout=cleaned["layout"],
            equipment_ids=tuple(equipment.id for equipment in cleaned["equipment"]),
            remarks=cleaned["remarks"],
            house_rules_id=self.rules.id if self.rules else None,
            submission_key=cleaned["submission_key"],
            series=self.series,
            sent_series=SentSeries(
                room_ids=wanted.room_ids,
                setup_minutes=wanted.setup_minutes,
                teardown_minutes=wanted.teardown_minutes,
                choices=choices,
            )
            if self.series
            else None,
            follows_id=follows_id,
        )
        return keyed_by_content(data)


def values_of(booking: Booking, slot: Slot | None = None) -> dict[str, Any]:
    """Return the values of a form that changes `booking`, or one date of it, from what it says now."""
    slot = slot or booking.slots.order_by("starts_at")[0]
    names = ["kind", "title", "purpose", "visibility", "display_title", "persons", "persons_total", "layout",
             "remarks", "contact_name", "contact_email", "contact_phone"]  # fmt: skip
    return {
        **{name: getattr(booking, name) for name in names},
        **date_values(slot, booking.house),
        "equipment": [equipment.pk for equipment in booking.equipment.all()],
    }


def date_values(slot: Slot, house: House) -> dict[str, Any]:
    """Return the values of a form about one date, as it is now."""
    return {
        **time_values(slot.net, house),
        "rooms": [room.slug for room in slot.rooms.all()],
        "setup_minutes": slot.setup_minutes,
        "teardown_minutes": slot.teardown_minutes,
    }
