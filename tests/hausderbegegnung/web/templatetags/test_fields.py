"""How one field of a form is shown."""

import re

import pytest
from django import forms
from django.test.html import parse_html
from django.utils.html import strip_tags

from hausderbegegnung.web.applicant.forms.wish import WishForm
from hausderbegegnung.web.templatetags.fields import field, field_error, room_choices, wrong_fields
from rooms.enums import Layout
from rooms.models import House, SeatingLayout
from tests.factories import make_room


class Example(forms.Form):
    required = forms.CharField(label="Titel")
    empty = forms.CharField(label="Telefon", required=False, help_text="Für <Rückfragen>")
    preset = forms.ChoiceField(label="Ferien", required=False, initial="a", choices=[("a", "A")])
    accept = forms.BooleanField(label="Hausordnung <gelesen>", help_text="Sie hängt aus.")
    days = forms.MultipleChoiceField(
        label="Tage",
        help_text="Auch <mehrere>",
        choices=[("1", "Mo"), ("2", "<Di>")],
        widget=forms.CheckboxSelectMultiple,
    )
    key = forms.CharField(label="Schlüssel", initial="k", widget=forms.HiddenInput)


@pytest.mark.parametrize(
    ("name", "label"), [("required", "Titel"), ("empty", "Telefon (optional)"), ("preset", "Ferien")]
)
def test_only_what_may_stay_empty_is_called_optional(name: str, label: str) -> None:
    words = strip_tags(re.search(r"<label.*?</label>", field(Example()[name]), re.DOTALL)[0])
    assert " ".join(words.split()) == label


def test_when_a_field_is_needed_is_said_instead() -> None:
    shown = "".join(field(Example()[name], "nur für <Vereine>") for name in ("required", "empty"))
    assert re.findall(r"\((.*?)\)", shown) == ["nur für &lt;Vereine&gt;"]


SHOWN = {
    "empty": """
        <div class="field">
            <label for="id_empty">Telefon <span class="field__optional">(optional)</span></label>
            <p class="field__help" id="id_empty_helptext">Für &lt;Rückfragen&gt;</p>
            <input type="text" name="empty" id="id_empty" aria-describedby="id_empty_helptext">
        </div>""",
    "accept": """
        <div class="field"><div class="check">
            <input type="checkbox" name="accept" id="id_accept" required
                aria-describedby="id_accept_helptext">
            <label for="id_accept">Hausordnung &lt;gelesen&gt;</label>
            <p class="field__help" id="id_accept_helptext">Sie hängt aus.</p>
        </div></div>""",
    "days": """
        <fieldset class="field" aria-describedby="id_days_helptext">
            <legend>Tage</legend>
            <p class="field__help" id="id_days_helptext">Auch &lt;mehrere&gt;</p>
            <div id="id_days">
                <div><label for="id_days_0">
                    <input type="checkbox" name="days" value="1" id="id_days_0"> Mo</label></div>
                <div><label for="id_days_1">
                    <input type="checkbox" name="days" value="2" id="id_days_1"> &lt;Di&gt;</label></div>
            </div>
        </fieldset>""",
    "key": '<input type="hidden" name="key" value="k" id="id_key">',
}


@pytest.mark.parametrize("name", SHOWN)
def test_each_kind_of_field_has_its_label_its_help_and_its_input(name: str) -> None:
    assert parse_html(field(Example()[name])) == parse_html(SHOWN[name])


def test_what_is_wrong_stands_at_its_field_and_is_told_to_screen_readers() -> None:
    form = Example({"required": "Fest", "preset": "<b>", "accept": "on", "days": ["1"]})
    wrong = field_error(form["preset"])
    assert field_error(form["required"]) == ""
    assert re.sub(r"<svg.*?</svg>", "", wrong, flags=re.DOTALL) == (
        '<p class="field__error" id="id_preset_error"><span><span class="visually-hidden">Fehler:</span> '
        "Bitte eine gültige Auswahl treffen. &lt;b&gt; ist keine gültige Auswahl. </span></p>"
    )
    shown = field(form["preset"])
    assert shown.startswith('<div class="field field--error"><label for="id_preset">Ferien</label>' + wrong)
    assert 'aria-invalid="true" aria-describedby="id_preset_error"' in shown


def test_a_room_is_chosen_by_what_is_known_of_it(house: House) -> None:
    room = make_room(house, "Saal <A>", area_m2=40, step_free=True)
    SeatingLayout.objects.filter(room=room).delete()
    SeatingLayout.objects.create(room=room, kind=Layout.ROWS, capacity=60)
    form = WishForm({"rooms": [room.slug]}, house=House.objects.get(pk=house.pk))
    box = f'<input type="checkbox" name="rooms" value="{room.slug}" id="id_rooms_0" checked>'
    name = '<span class="room-choice__name">Saal &lt;A&gt;</span>'
    facts = "<span>bis 60 Personen</span><span>40&nbsp;m²</span>"
    plain, known = (
        re.sub(r"<svg.*?</svg> ", "", room_choices(form, with_facts=with_facts), flags=re.DOTALL)
        for with_facts in (False, True)
    )
    assert plain == (
        f'<div class="room-choices"><label class="room-choice" for="id_rooms_0">{box}{name}</label></div>'
    )
    assert known == plain.replace(
        "</label>",
        f'<span class="room-choice__facts">{facts}'
        '<span><span class="room-choice__word">stufenlos</span></span></span></label>',
    )


def test_what_is_wrong_is_listed_in_the_order_of_the_fields() -> None:
    form = Example({"key": "k", "accept": "", "days": "", "required": ""})
    assert [wrong.name for wrong in wrong_fields(form)] == ["required", "accept", "days"]
