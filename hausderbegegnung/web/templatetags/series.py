"""The dates of a series on a page: `{% load series %}`.

A series has up to some hundred dates, so their rows and the year calendar are put together here
rather than in templates; see hausderbegegnung.web.templatetags.plan. Every value goes through `escape`.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, tzinfo
from functools import lru_cache
from html import escape
from itertools import groupby

from django import template
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language, gettext
from lucide.templatetags.lucide import lucide

from bookings.series.choices import KEPT, OUT, PLANNED, WAY
from bookings.series.planner import DateState, Way
from hausderbegegnung.web.applicant.series import Mark, Option, Row
from rooms import formats

register = template.Library()

ICONS = {
    DateState.FREE: "circle-check",
    DateState.RIVALS: "users",
    DateState.BUFFER: "timer",
    DateState.CLASH: "calendar-x-2",
    DateState.CLOSED: "lock",
    DateState.OUTSIDE: "clock-alert",
    DateState.REFUSED: "circle-x",
    DateState.SKIPPED: "circle-slash",
}
WAY_ICONS = {
    Way.KEEP: "circle-check",
    Way.ROOM: "door-open",
    Way.SHIFT: "clock",
    Way.DAY: "calendar-days",
    Way.SKIP: "circle-slash",
}


@register.simple_tag
def series_rows(rows: Iterable[Row]) -> SafeString:
    """All dates: day, time, state, and a box to leave one out, or the way to its decision in the plan."""
    zone, language = get_current_timezone(), get_language() or "de"
    return SafeString("".join(_row(row, zone, language) for row in rows))


def _row(row: Row, zone: tzinfo, language: str) -> str:
    sentences = "".join(f'<span class="small">{escape(sentence)}</span>' for sentence in row.sentences)
    out = ""
    if row.options:
        label, hint = (
            escape(gettext("decide in the plan")),
            escape(formats.format_day(row.day, language=language)),
        )
        out = (
            f'<a class="series-date__out" href="#plan-{row.key}">{label}'
            f'<span class="visually-hidden"> {hint}</span></a>'
        )
    elif row.state != DateState.SKIPPED:
        checked = " checked" if row.is_skipped else ""
        label, hint = escape(gettext("leave out")), escape(formats.format_day(row.day, language=language))
        out = (
            f'<label class="series-date__out"><input type="checkbox" id="out-{row.key}" name="{OUT}"'
            f' value="{row.key}"{checked}> {label}<span class="visually-hidden"> {hint}</span></label>'
        )
    return (
        f'<li class="series-date series-date--{row.state.value}">'
        f'<span class="series-date__day">{_when(row, zone, language)}</span>'
        f'<span class="series-date__state">{_state(row.state, language)}{sentences}</span>{out}</li>\n'
    )


@register.simple_tag
def kept_choices(kept: Iterable[tuple[str, str]]) -> SafeString:
    """What was chosen for dates that are not shown as such at the moment, so that it comes back with them."""
    return SafeString(
        "".join(
            f'<input type="hidden" name="{KEPT}{escape(key)}" value="{escape(token)}">' for key, token in kept
        )
    )


@register.simple_tag
def series_decisions(rows: Iterable[Row]) -> SafeString:
    """The dates that cannot stand as wished, each with its ways out to choose from."""
    zone, language = get_current_timezone(), get_language() or "de"
    return SafeString("".join(_decision(row, zone, language) for row in rows))


def _decision(row: Row, zone: tzinfo, language: str) -> str:
    sentences = " ".join(escape(sentence) for sentence in row.sentences)
    options = "".join(_option(row, number, option) for number, option in enumerate(row.options))
    return (
        f'<li class="series-date series-date--{row.state.value} series-date--open"'
        f' id="plan-{row.key}"><fieldset>'
        f'<legend class="series-date__day">{_when(row, zone, language)}</legend>'
        f'<p class="series-date__state">{_state(row.state, language)}'
        f'<span class="small">{sentences}</span></p>'
        f'<div class="series-date__ways">{options}</div></fieldset>'
        f'<input type="hidden" name="{PLANNED}{row.key}" value="{escape(row.planned)}"></li>\n'
    )


def _option(row: Row, number: int, option: Option) -> str:
    checked = " checked" if option.is_chosen else ""
    return (
        f'<label class="way" for="way-{row.key}-{number}"><input type="radio" id="way-{row.key}-{number}"'
        f' name="{WAY}{row.key}" value="{escape(option.token)}"{checked}> {_icon(WAY_ICONS[option.way])}'
        f" <span>{escape(option.words)}</span></label>"
    )


def _when(row: Row, zone: tzinfo, language: str) -> str:
    day = formats.format_day(row.day, language=language)
    eye = formats.format_date_span(row.net.start, row.net.end, zone=zone, language=language)
    eye = eye.removeprefix(day).removeprefix(",").strip()
    ear = formats.format_span_in_words(row.net.start, row.net.end, zone=zone, language=language)
    ear = ear.replace(f"{day}, ", "", 1)
    return (
        f'<strong>{escape(day)}</strong> <span aria-hidden="true">{escape(eye)}</span>'
        f'<span class="visually-hidden">{escape(ear)}</span>'
    )


@lru_cache(maxsize=64)
def _state(state: DateState, language: str) -> str:
    return (
        f'<span class="date-state date-state--{state.value}">{_icon(ICONS[state])} '
        f"{escape(str(state.label))}</span> "
    )


@register.simple_tag
def way_icon(way: Way) -> SafeString:
    """What a way out looks like."""
    return SafeString(_icon(WAY_ICONS[way]))


@lru_cache(maxsize=64)
def _icon(name: str) -> str:
    return str(lucide(name, size=16, **{"class": "icon", "aria-hidden": "true"}))


@register.simple_tag
def year_calendar(marks: Mapping[date, Mark]) -> SafeString:
    """Small months with the dates marked; a picture for the eye, since the list says the same."""
    language = get_language() or "de"
    months = groupby(marks, lambda day: day.replace(day=1))
    return SafeString(
        "".join(_month(first, {day.day: marks[day] for day in days}, language) for first, days in months)
    )


def _month(first: date, marks: Mapping[int, Mark], language: str) -> str:
    days = "".join(
        f'<i class="mini-day mini-day--{marks[number].value}">{number}</i>'
        if number in marks
        else f"<i>{number}</i>"
        for number in range(1, monthrange(first.year, first.month)[1] + 1)
    )
    name = formats.format_month(first, language=language)
    return (
        f'<div class="mini-month mini-month--{first.weekday()}">'
        f'<b class="mini-month__name">{escape(name)}</b>{_weekdays(language)}{days}</div>\n'
    )


@lru_cache(maxsize=8)
def _weekdays(language: str) -> str:
    return "".join(
        f'<span class="mini-month__weekday">{name[:2]}</span>' for name in formats.weekday_names(language)
    )
