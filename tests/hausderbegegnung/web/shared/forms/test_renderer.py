"""Inputs are drawn as Django draws them."""

import re
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.forms.widgets import ChoiceWidget
from django.test import Client
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from hausderbegegnung.web.shared.forms.renderer import FormRenderer
from tests.generated import examples

TEXTS = st.one_of(
    st.text(max_size=20), st.sampled_from(["", "<b>", "\"'&", mark_safe("<i>"), gettext_lazy("Date")])
)
VALUES = st.one_of(TEXTS, st.none(), st.booleans(), st.integers(-9, 9))
NAMES = st.dictionaries(st.sampled_from(["id", "class"]), TEXTS)
FLAGS = st.dictionaries(
    st.sampled_from(["data-day", "required", "size", "aria-invalid"]),
    st.one_of(TEXTS, st.booleans(), st.integers(0, 9)),
)
ATTRS = st.builds(dict.__or__, NAMES, FLAGS)
CHOICES = st.lists(st.tuples(VALUES, TEXTS), max_size=4)
GROUPS = st.lists(st.tuples(TEXTS, st.one_of(TEXTS, CHOICES)), max_size=3)
INPUTS = [
    forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.TelInput, forms.SearchInput,
    forms.PasswordInput, forms.HiddenInput, forms.DateInput, forms.TimeInput, forms.CheckboxInput,
    forms.Textarea,
]  # fmt: skip
CHOICE_INPUTS = [forms.Select, forms.SelectMultiple, forms.RadioSelect, forms.CheckboxSelectMultiple]


def drawn_by_both(widget: forms.Widget, *arguments: Any) -> list[str]:
    renderers = FormRenderer(), DjangoTemplates()
    return [widget.render("name", *arguments, renderer) for renderer in renderers]


def without_space(html: str) -> str:
    return re.sub(r"\s+(?=<)|(?<=>)\s+", "", html)


@given(widget=st.sampled_from(INPUTS), attrs=ATTRS, value=VALUES, more=ATTRS)
@examples(300)
def test_an_input_is_drawn_as_django_draws_it(
    widget: type[forms.Widget], attrs: dict[str, Any], value: Any, more: dict[str, Any]
) -> None:
    ours, djangos = drawn_by_both(widget(attrs), value, more)
    assert ours == djangos


@given(
    widget=st.sampled_from(CHOICE_INPUTS),
    attrs=ATTRS,
    choices=st.one_of(CHOICES, GROUPS),
    values=st.lists(VALUES, max_size=3),
    more=ATTRS,
)
@examples(300)
def test_a_choice_is_drawn_as_django_draws_it(
    widget: type[ChoiceWidget], attrs: dict[str, Any], choices: Any, values: list[Any], more: dict[str, Any]
) -> None:
    ours, djangos = drawn_by_both(widget(attrs, choices=choices), values, more)
    assert without_space(ours) == without_space(djangos)


@pytest.mark.parametrize("widget", [forms.RadioSelect, forms.CheckboxSelectMultiple])
def test_a_single_option_is_drawn_as_django_draws_it(widget: type[ChoiceWidget]) -> None:
    class Example(forms.Form):
        choice = forms.ChoiceField(choices=[("a", "A & B"), ("<", "C")], initial="<", widget=widget)

    ours, djangos = (
        [
            without_space(text)
            for option in Example(renderer=renderer)["choice"]
            for text in (str(option), option.tag())
        ]
        for renderer in (FormRenderer(), DjangoTemplates())
    )
    assert ours == djangos


def test_no_input_of_the_request_form_is_drawn_by_a_template(as_applicant: Client, room: object) -> None:
    page = as_applicant.get("/anfrage/")
    assert page.status_code == 200
    assert [drawn.name for drawn in page.templates if drawn.name.startswith("django/forms")] == []
