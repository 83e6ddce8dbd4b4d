"""How one field of a form is shown."""

import re

import pytest
from django import forms
from django.template.loader import render_to_string
from django.utils.html import strip_tags


class Example(forms.Form):
    required = forms.CharField(label="Titel")
    empty = forms.CharField(label="Telefon", required=False)
    preset = forms.ChoiceField(label="Ferien", required=False, initial="a", choices=[("a", "A")])


@pytest.mark.parametrize(
    ("name", "label"), [("required", "Titel"), ("empty", "Telefon (optional)"), ("preset", "Ferien")]
)
def test_only_what_may_stay_empty_is_called_optional(name: str, label: str) -> None:
    html = render_to_string("components/_field.html", {"field": Example()[name]})
    words = strip_tags(re.search(r"<label.*?</label>", html, re.DOTALL)[0])
    assert " ".join(words.split()) == label
