"""What a text of staff may hold, and that it can do nothing but tell what it was given."""

from html.parser import HTMLParser

import pytest
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import assume, given
from hypothesis import strategies as st

from notifications.wording.placeholders import (
    PLACEHOLDERS,
    check,
    fill,
    placeholder_key,
    values_of,
    with_names_for_values,
    written,
)

VALUES = {"reference": "HdB-2027-0042", "title": "Sprachcafé", "house": "Haus der Begegnung"}


def problems(words: str, **options) -> list[tuple[str, str]]:
    try:
        check(words, allowed=VALUES, **options)
    except ValidationError as error:
        return [(each.code, " ".join(each.messages)) for each in error.error_list]
    return []


@pytest.mark.parametrize(
    ("words", "filled"),
    [
        ("Kein Platzhalter, 100 % und <b>.", "Kein Platzhalter, 100 % und <b>."),
        ("{{ Vorgangsnummer }}: {{Veranstaltung}}", "HdB-2027-0042: Sprachcafé"),
        ("{{ reference }} im {{  haus  }}", "HdB-2027-0042 im Haus der Begegnung"),
        ("{{ title }}\n\n{{ title }}", "Sprachcafé\n\nSprachcafé"),
    ],
)
def test_placeholders_are_filled_by_key_or_name_in_any_language(words, filled):
    assert fill(words, VALUES) == filled


def test_what_was_put_in_is_not_looked_at_again():
    values = {"title": "{{ reference }} {% now 'Y' %} {{", "reference": "geheim"}
    assert fill("{{ title }}", values) == "{{ reference }} {% now 'Y' %} {{"


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        ("{{ Vorgangsnumer }}", "unknown_placeholder", "{{ Vorgangsnumer }}"),
        ("{{ code }}", "unknown_placeholder", "{{ code }}"),
        ("{{ house.email }}", "unknown_placeholder", "{{ house.email }}"),
        ("{{ title.__class__.__mro__ }}", "unknown_placeholder", "__class__"),
        ("{{ title|safe }}", "unknown_placeholder", "{{ title|safe }}"),
        ("{{ }}", "unknown_placeholder", "{{ }}"),
        # Known, but not told by this mail.
        ("{{ Antwort bis }}", "unknown_placeholder", "{{ Antwort bis }}"),
        ("{% for i in x %}", "broken_placeholder", "{% for i in x %}"),
        ("{% include 'x' %}", "broken_placeholder", "{% include 'x' %}"),
        ("{# still #}", "broken_placeholder", "{# still #}"),
        ("{Veranstaltung}", "broken_placeholder", "{Veranstaltung}"),
        ("Zu {{ Veranstaltung", "broken_placeholder", "{{ Veranstaltung"),
        ("Veranstaltung }}", "broken_placeholder", "}}"),
        ("{{{ Veranstaltung }}}", "broken_placeholder", "{"),
        ("Gr\x00üße", "invisible_character", "U+0000"),
        ("Gr\x1büße", "invisible_character", "U+001B"),
        ("Gr\u202eüße", "invisible_character", "U+202E"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence_that_names_it(words, code, named):
    found = problems(words)
    assert {each for each, _sentence in found} == {code}
    assert named in found[0][1]


def test_a_slip_is_told_with_what_was_meant():
    assert problems("{{ Vorgangsnumer }}") == [
        (
            "unknown_placeholder",
            "„{{ Vorgangsnumer }}“ ist kein Platzhalter dieser E-Mail. Meinen Sie {{ Vorgangsnummer }}?",
        )
    ]


def test_every_problem_is_told_at_once():
    assert [code for code, _sentence in problems("{{ x }} {y} \x07\nzwei", one_line=True)] == [
        "line_break",
        "unknown_placeholder",
        "broken_placeholder",
        "invisible_character",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029", "\x0b", "\x0c"])
def test_a_sentence_is_one_line(end):
    assert "line_break" in {code for code, _ in problems(f"Betreff{end}Bcc: alle@example.org", one_line=True)}


def test_no_name_means_two_placeholders():
    for language in ["de", "en"]:
        with translation.override(language):
            assert [placeholder_key(str(each.name)) for each in PLACEHOLDERS.values()] == list(PLACEHOLDERS)
            assert [fill(written(key), {key: "!"}) for key in PLACEHOLDERS] == ["!"] * len(PLACEHOLDERS)


def test_values_are_single_lines_of_what_the_mail_knows():
    context = {
        "title": "Eine\r\nVeranstaltung\u2028mit Zeilen, 4.\xa0März",
        "persons": 12,
        "house": {"name": "Haus", "phone": ""},
        "replaced": None,
        "code": "123456",
        "contact_name": ["keine", "Zeile"],
    }
    assert values_of(context) == {
        "title": "Eine Veranstaltung mit Zeilen, 4.\xa0März",
        "persons": "12",
        "house": "Haus",
        "phone": "",
    }


def test_names_stand_where_values_stood_and_the_context_is_left_as_it_was():
    context = {"title": "Sprachcafé", "house": {"name": "Haus", "phone": "", "zone": "UTC"}, "other": 1}
    before = repr(context)
    assert with_names_for_values(context) == {
        "title": "{{ Veranstaltung }}",
        "house": {"name": "{{ Haus }}", "phone": "", "zone": "UTC"},
        "other": 1,
    }
    assert repr(context) == before


# Whatever is typed ---------------------------------------------------------------------------

SECRET = "nobody may read this"
pieces = st.one_of(
    st.text(max_size=10),
    st.sampled_from(
        [
            "{{",
            "}}",
            "{%",
            "%}",
            "{",
            "}",
            "{{ Haus }}",
            "{{title}}",
            "{{ code }}",
            "{{ answer_day }}",
            "|safe",
        ]
    ),
    st.sampled_from(["<script>", "</p>", '"', "&", ".__class__", "settings", "\r\n", "\x00", "\u202e"]),
)
texts = st.lists(pieces, max_size=8).map("".join)


def refused(words: str, values: dict[str, str]) -> list[str]:
    """The codes with which a text is refused; anything but our error fails the test."""
    try:
        check(words, allowed=set(values))
    except ValidationError as error:
        return [each.code for each in error.error_list if each.messages]
    return []


@given(texts)
def test_any_text_is_filled_or_refused_with_our_error_and_never_tells_what_was_not_listed(words):
    context = {"title": "T", "answer_day": SECRET, "code": SECRET, "house": {"name": "H", "key": SECRET}}
    values = {key: value for key, value in values_of(context).items() if key != "answer_day"}
    if codes := refused(words, values):
        assert None not in codes
        with pytest.raises(ValidationError):
            fill(words, values)
    else:
        filled = fill(words, values)
        assert SECRET not in filled
        assert not set("{}") & set(filled)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="{}"), max_size=50))
def test_a_text_without_braces_stays_as_it_is(words):
    codes = refused(words, VALUES)
    assert set(codes) <= {"invisible_character"}
    assert codes or fill(words, VALUES) == words


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.words.append(data)


@given(texts, st.text(max_size=20))
def test_any_text_is_only_text_in_html(words, title):
    values = {"title": title, "house": "</td><img src=x onerror=alert(1)>"}
    assume(not refused(words, values))
    filled, seen = fill(words, values), _Seen()
    seen.feed(render_to_string("notifications/_words.html", {"words": filled}))
    seen.close()
    assert set(seen.tags) <= {"p", "br"}
    assert "".join("".join(seen.words).split()) == "".join(filled.split())
