"""Times and statuses in templates: for the eye, for the ear, and never by colour alone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import translation

from bookings.enums import BookingStatus, SlotStatus
from hausderbegegnung.web.templatetags.dates import reference_link

BERLIN = ZoneInfo("Europe/Berlin")


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN).astimezone(UTC)  # type: ignore[misc, arg-type]


def shown(text: str) -> str:
    """Non-breaking spaces made visible as underscores."""
    return text.replace("\N{NO-BREAK SPACE}", "_")


def test_a_span_has_a_dash_for_the_eye_and_words_for_the_ear() -> None:
    template = Template("{% load dates %}{% span a b %}|{% date_span a b %}")
    with translation.override("de"):
        text = template.render(Context({"a": berlin(2017, 4, 25, 16), "b": berlin(2017, 4, 25, 18)}))

    assert shown(text) == (
        '<span aria-hidden="true"><span class="nowrap">16:00–18:00_Uhr</span></span>'
        '<span class="visually-hidden">von 16:00 bis 18:00_Uhr</span>|'
        '<span aria-hidden="true">Di.,_25.04.2017, <span class="nowrap">16:00–18:00_Uhr</span></span>'
        '<span class="visually-hidden">Di.,_25.04.2017, von 16:00 bis 18:00_Uhr</span>'
    )


@pytest.mark.parametrize("status", [*BookingStatus.values, *SlotStatus.values])
def test_every_status_has_a_badge_of_icon_and_word(status: str) -> None:
    text = Template("{% load dates %}{% status_badge status %}").render(Context({"status": status}))

    label = (BookingStatus if status in BookingStatus.values else SlotStatus)(status).label
    assert text.startswith(f'<span class="badge badge--{status}"><svg ')
    assert text.endswith(f"</svg> {label}</span>")


def test_a_reference_is_never_broken_and_is_copied_as_it_is() -> None:
    assert [reference_link("HdB-2027-0001"), reference_link("HdB-2027-0001", "/x/")] == [
        '<span class="nowrap">HdB-2027-0001</span>',
        '<a class="nowrap" href="/x/">HdB-2027-0001</a>',
    ]
