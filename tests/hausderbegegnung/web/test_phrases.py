"""No package says "du" to our visitors."""

import re

import pytest
from django import forms
from django.utils import translation
from rest_framework import serializers

from hausderbegegnung.web.phrases import PHRASES


@pytest.mark.parametrize("phrase", PHRASES)
def test_the_german_is_formal(phrase):
    with translation.override("de"):
        german = translation.gettext(phrase)
    assert german != phrase
    assert re.findall(r"(?i)\b(gib|stelle|du|dein\w*)\b", german) == []


def test_a_wrong_address_is_told_formally_in_forms_and_in_the_api():
    with translation.override("de"):
        field = serializers.EmailField()
        with pytest.raises(serializers.ValidationError) as refused:
            field.run_validation("maria@")
        form = type("Form", (forms.Form,), {"address": forms.EmailField()})({"address": "maria@"})
        sentence = "Bitte geben Sie eine gültige E-Mail-Adresse ein."
        assert ([str(error) for error in refused.value.detail], form.errors["address"]) == (
            [sentence],
            [sentence],
        )
