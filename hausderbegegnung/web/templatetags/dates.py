"""Days, times and statuses in templates: `{% load dates %}`.

`{{ day|day }}`, `{{ day|day_in_words }}`, `{{ moment|clock }}`, `{{ moment|time_of_day }}`,
`{{ moment|time_on:day }}`, `{{ day|week_number }}`,
`{% span slot.starts_at slot.ends_at %}`, `{% span_on date.net.start date.net.end day %}`,
`{% date_span slot.starts_at slot.ends_at %}`, `{% closed_span closure.interval %}`,
`{% status_badge booking.status %}`, `{% reference_link booking.reference url %}`.
"""

from datetime import date, datetime
from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language
from lucide.templatetags.lucide import lucide

from bookings.enums import BookingStatus, SlotStatus
from rooms import formats
from rooms.clock import as_whole_days
from rooms.intervals import Interval

register = template.Library()

register.filter("day", formats.format_day)
register.filter("weekday", formats.format_weekday)
register.filter("day_in_words", formats.format_day_in_words)
register.filter("clock", formats.format_clock)
register.filter("time_of_day", formats.format_time)
register.filter("time_on", formats.format_time_on)
register.filter("week_number", formats.format_week)

STATUS_ICONS: dict[str, str] = {
    SlotStatus.REQUESTED: "hourglass",
    SlotStatus.APPROVED: "circle-check",
    BookingStatus.PARTLY_APPROVED: "list-checks",
    SlotStatus.REJECTED: "circle-x",
    SlotStatus.WITHDRAWN: "undo-2",
    SlotStatus.CANCELLED: "circle-minus",
    SlotStatus.REVOKED: "ban",
    SlotStatus.SKIPPED: "circle-slash",
}


@register.simple_tag
def span(starts_at: datetime, ends_at: datetime) -> SafeString:
    """A span of time: a dash for the eye, words for screen readers."""
    return _eye_and_ear(
        formats.format_span(starts_at, ends_at), formats.format_span_in_words(starts_at, ends_at)
    )


@register.simple_tag
def span_on(starts_at: datetime, ends_at: datetime, day: date) -> SafeString:
    """What of a span of time is on a day: a dash for the eye, words for screen readers."""
    return _eye_and_ear(
        formats.format_span_on(starts_at, ends_at, day),
        formats.format_span_on_in_words(starts_at, ends_at, day),
    )


@register.simple_tag
def date_span(starts_at: datetime, ends_at: datetime) -> SafeString:
    """Day and span of time: a dash for the eye, words for screen readers."""
    words = formats.format_span_in_words(starts_at, ends_at)
    eye = formats.format_date_span(starts_at, ends_at)
    if formats.format_span(starts_at, ends_at) != eye:
        words = f"{formats.format_day(starts_at)}, {words}"
    return _eye_and_ear(eye, words)


@register.simple_tag
def closed_span(interval: Interval) -> SafeString:
    """When something is closed: days without times where it is so all day."""
    whole_days = as_whole_days(interval, get_current_timezone())
    if whole_days is None:
        return date_span(interval.start, interval.end)
    first, last = (formats.format_day(day) for day in whole_days)
    return format_html("{}", first if first == last else f"{first} – {last}")


@register.filter
def iso_day(day: date) -> str:
    """The day as an address or a datetime attribute wants it: 2017-04-25."""
    return day.isoformat()


@register.simple_tag
def reference_link(reference: str, url: str = "") -> SafeString:
    """A reference in a sentence, in one piece, leading to its booking where that has a page."""
    if not url:
        return format_html('<span class="nowrap">{}</span>', reference)
    return format_html('<a class="nowrap" href="{}">{}</a>', url, reference)


@register.simple_tag
def status_badge(status: str) -> SafeString:
    """The status of a booking or of one of its dates, as icon and word."""
    return _status_badge(str(status), get_language() or "de")


@lru_cache(maxsize=64)
def _status_badge(status: str, language: str) -> SafeString:
    """Drawn once per status and language."""
    label = SlotStatus(status).label if status in SlotStatus.values else BookingStatus(status).label
    drawing = lucide(STATUS_ICONS[status], size=16, **{"class": "icon", "aria-hidden": "true"})
    return format_html('<span class="badge badge--{}">{} {}</span>', status, drawing, str(label))


def _eye_and_ear(eye: str, ear: str) -> SafeString:
    seen: str = eye
    if f" {formats.EN_DASH} " not in eye:
        # A line may break before the times of a day, but not behind their dash.
        day, comma, times = eye.rpartition(", ")
        seen = format_html('{}{}<span class="nowrap">{}</span>', day, comma, times)
    return format_html('<span aria-hidden="true">{}</span><span class="visually-hidden">{}</span>', seen, ear)
