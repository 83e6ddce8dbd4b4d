"""What stands on a plan once for every date: `{% load plan %}`.

A week of a full house has hundreds of dates, and Django's templates take ten times as long for each
of them as these functions, which put the same words together. Every value goes through `escape`.
"""

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from functools import lru_cache
from html import escape
from typing import NamedTuple

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language, gettext, pgettext
from lucide.templatetags.lucide import lucide

from bookings.agenda.public import DAYS_IN_MEMORY, DaySchedule, EntryState, ScheduleEntry, ShownRoom
from hausderbegegnung.web import hyphens
from hausderbegegnung.web.public.calendar import RoomDay
from hausderbegegnung.web.shared.timeline import Axis, Bar, TimelineLine
from hausderbegegnung.web.templatetags.look import house_text
from rooms import formats
from rooms.intervals import Interval, intersect

# What was drawn of a day is found again for as long as the day itself, of a dozen rooms.
MOST_CELLS = DAYS_IN_MEMORY * 12

SYMBOLS = ("circle-minus", "info", "circle-play", "check", "map-pin")

register = template.Library()
register.filter(hyphens.hyphenated)


@register.simple_tag
def agenda_of_day(schedule: DaySchedule) -> SafeString:
    """The lines of a list of entries of a day that says nothing of the present moment."""
    return _agenda_of_day(schedule, get_current_timezone(), get_language() or "de")


@lru_cache(maxsize=DAYS_IN_MEMORY)
def _agenda_of_day(schedule: DaySchedule, zone: tzinfo, language: str) -> SafeString:
    entries = (_agenda_entry(entry, "", schedule.day, zone, language) for entry in schedule.entries)
    return SafeString("".join(entries))


@register.simple_tag
def agenda(entries: Iterable[tuple[ScheduleEntry, str]], day: date) -> SafeString:
    """The lines of a list of entries of a day, each with its state: running and over are said."""
    zone, language = get_current_timezone(), get_language() or "de"
    return SafeString("".join(_agenda_entry(entry, state, day, zone, language) for entry, state in entries))


def _agenda_entry(entry: ScheduleEntry, state: str, day: date, zone: tzinfo, language: str) -> str:
    title = escape(entry.title)
    off = " agenda__entry--off" if entry.is_called_off else ""
    busy = "" if entry.is_public else " agenda__entry--busy"
    who = f'<span class="agenda__who">{escape(entry.organiser)}</span>' if entry.organiser else ""
    return (
        f'<li class="agenda__entry agenda__entry--{escape(state)}{off}{busy}">'
        f'<div class="agenda__time">{_span(entry.net.start, entry.net.end, day, zone, language)}</div> '
        f'<div class="agenda__what"><span class="agenda__title">{f"<s>{title}</s>" if off else title}</span> '
        f"{_badge('off' if off else state, language)}"
        f"{_badge('kept', language) if entry.is_kept else ''}{who}</div> "
        f'<div class="agenda__where">{_where(entry.rooms)}</div></li>\n'
    )


@register.simple_tag
def week_row(days: Iterable[RoomDay], today: date | None) -> SafeString:
    """The cells of one room in the table of the week."""
    zone, language = get_current_timezone(), get_language() or "de"
    return SafeString("".join(_week_cell(day, today, zone, language) for day in days))


@lru_cache(maxsize=MOST_CELLS)
def _week_cell(cell: RoomDay, today: date | None, zone: tzinfo, language: str) -> str:
    day = cell.schedule.day
    look = ' class="is-closed"' if cell.is_closed else ' class="is-today"' if day == today else ""
    closed = f'<p class="week-closed">{room_closed(cell)}</p>' if cell.is_to_tell else ""
    entries = "".join(_week_entry(entry, day, zone, language) for entry in cell.entries)
    return f"<td{look}>{closed}{f'<ul>{entries}</ul>' if entries else ''}</td>"


def _week_entry(entry: ScheduleEntry, day: date, zone: tzinfo, language: str) -> str:
    kind, title = "" if entry.is_public else " week-entry--busy", _seen(entry.title)
    if entry.is_called_off:
        word = escape(pgettext("on the plan", "cancelled"))
        kind, title = " week-entry--off", f"<s>{title}</s> <b>{word}</b>"
    times = _span(entry.net.start, entry.net.end, day, zone, language, is_narrow=True)
    return f'<li class="week-entry{kind}"><span class="week-entry__time">{times}</span> {title}</li>'


@register.simple_tag
def house_closed(schedule: DaySchedule) -> SafeString:
    """When the whole house is closed on a day, and why; empty where it is not."""
    if schedule.is_closed:
        reason = schedule.house_closure.reason if schedule.house_closure else ""
        return _closed("", reason)
    return _lines(
        _closed(_narrow_span(part, schedule.day), closure.reason)
        for closure in schedule.closures
        if closure.is_whole_house
        for part in intersect(schedule.opening, [closure.interval])
    )


@register.simple_tag
def room_closed(cell: RoomDay) -> SafeString:
    """When one room is closed on a day, and why, or which hours of its own it has."""
    day = cell.schedule.day
    if cell.is_closed:
        return _closed("", ", ".join(dict.fromkeys(reason for _part, reason in cell.closures)))
    lines = [_closed(_narrow_span(part, day), reason) for part, reason in cell.closures]
    lines += [
        format_html("{} {}", pgettext("of hours", "open"), _narrow_span(part, day)) for part in cell.own_hours
    ]
    return _lines(lines)


def _closed(times: str, reason: str) -> SafeString:
    word = format_html("<b>{}</b>", gettext("closed"))
    if times:
        word = format_html("{} {}", word, times)
    return format_html("{}: {}", word, house_text(hyphens.hyphenated(reason))) if reason else word


def _lines(lines: Iterable[SafeString]) -> SafeString:
    return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines))


def _narrow_span(interval: Interval, day: date) -> SafeString:
    zone, language = get_current_timezone(), get_language() or "de"
    return SafeString(_span(interval.start, interval.end, day, zone, language, is_narrow=True))


@register.simple_tag
def wall_times(entry: ScheduleEntry, day: date) -> SafeString:
    """When an entry of the day is on, in big letters: its start, and smaller until when."""
    start, end, zone = entry.net.start, entry.net.end, get_current_timezone()
    words = formats.without_uhr(formats.format_span_on(start, end, day, zone=zone))
    first, dash, last = words.partition(formats.EN_DASH)
    until = f'<span class="wall-entry__until">{dash}{escape(last)}</span>' if dash else ""
    ear = formats.format_span_on_in_words(start, end, day, zone=zone)
    return SafeString(
        f'<span aria-hidden="true">{escape(first)}{until}</span>'
        f'<span class="visually-hidden">{escape(ear)}</span>'
    )


@register.simple_tag
def timeline_hours(axis: Axis) -> SafeString:
    """The hours above a timeline."""
    place = '<span class="timeline__hour from-{}" aria-hidden="true">{}</span>'
    return SafeString("".join(place.format(at, hour) for hour, at in axis.hours))


@register.simple_tag
def timeline_lines(lines: Iterable[TimelineLine]) -> SafeString:
    """The lines of a timeline: labels, and as bars what is on, its set-up, closed and free times."""
    words = _bar_words(get_language() or "de")
    return SafeString("".join(_line(line, words) for line in lines))


def _line(line: TimelineLine, words: "BarWords") -> str:
    part = f' <span class="timeline__part">{_seen(line.part)}</span>' if line.part else ""
    label = escape(f"{line.label} {line.part}" if line.part else line.label)
    current = ' aria-current="date"' if line.is_current else ""
    return (
        f'<section class="timeline__line" aria-label="{label}">'
        f'<a class="timeline__label line-{line.number}" href="{escape(line.url)}"{current}>'
        f"{_seen(line.label)}{part}</a>"
        f'<div class="timeline__track line-{line.number}"></div>'
        f'<ul class="timeline__bars">{"".join(_bar(bar, words) for bar in line.bars)}</ul></section>\n'
    )


class BarWords(NamedTuple):
    """What is said of bars, in one language."""

    request: str
    buffer: str
    free: str
    closed: str
    cancelled: str


@lru_cache(maxsize=8)
def _bar_words(_language: str) -> BarWords:
    return BarWords(
        request=gettext("%(room)s is free %(times)s: request"),
        buffer=escape(gettext("Set-up and tear-down")),
        free=gettext("free"),
        closed=escape(gettext("closed")),
        cancelled=escape(pgettext("on the plan", "cancelled")),
    )


def _bar(bar: Bar, words: BarWords) -> str:
    if bar.kind == "buffer":
        return f'<li class="{bar.classes}"><span class="visually-hidden">{words.buffer}</span></li>\n'
    if bar.kind == "free" and bar.url:
        sentence = words.request % {"room": bar.title, "times": bar.times}
        data = f'data-first="{escape(bar.first)}" data-last="{escape(bar.last)}"'
        data += f' data-start="{bar.minutes[0]}" data-end="{bar.minutes[1]}"'
        return (
            f'<li class="{bar.classes}"><a class="bar__ask" href="{escape(bar.url)}" {data}>'
            f'<span class="visually-hidden">{escape(sentence)}</span></a></li>\n'
        )
    if bar.kind == "free":
        free = escape(f"{words.free} {bar.times}")
        return f'<li class="{bar.classes}"><span class="visually-hidden">{free}</span></li>\n'
    title = _seen(bar.title)
    if bar.kind == "closed":
        title = f"<b>{words.closed}</b> {house_text(SafeString(title))}"
        return f'<li class="{bar.classes}"><span class="bar__title">{title}</span></li>\n'
    hint = f"{bar.times} {bar.title} – {bar.detail}" if bar.detail else f"{bar.times} {bar.title}"
    if bar.kind == "off":
        title = f"<b>{words.cancelled}</b> <s>{title}</s>"
    return (
        f'<li class="{bar.classes}" title="{escape(hint)}"><span class="bar__title">{title}</span> '
        f'<span class="bar__times">{escape(bar.times)}</span></li>\n'
    )


def _seen(text: str) -> str:
    """Escape a text that stands in a narrow place, where its long words may be divided."""
    return escape(hyphens.hyphenated(text))


@lru_cache(maxsize=4096)
def _span(
    start: datetime, end: datetime, day: date, zone: tzinfo, language: str, *, is_narrow: bool = False
) -> str:
    """A span of time on a day: a dash for the eye, words for screen readers."""
    eye = formats.format_span_on(start, end, day, zone=zone, language=language)
    ear = formats.format_span_on_in_words(start, end, day, zone=zone, language=language)
    if is_narrow:
        eye = formats.without_uhr(eye)
    return f'<span aria-hidden="true">{escape(eye)}</span><span class="visually-hidden">{escape(ear)}</span>'


@lru_cache(maxsize=64)
def _badge(state: str, language: str) -> SafeString:
    """What became of the entry, in a word; drawn once per language."""
    if state == "off":
        look, drawing, word = " badge--error", "circle-minus", pgettext("on the plan", "cancelled")
    elif state == "kept":
        look, drawing, word = " badge--warning", "info", pgettext("on the plan", "takes place all the same")
    elif state == EntryState.RUNNING:
        look, drawing, word = " badge--success", "circle-play", pgettext("on the plan", "running")
    elif state == EntryState.OVER:
        look, drawing, word = "", "check", pgettext("on the plan", "over")
    else:
        return SafeString("")
    return format_html('<span class="badge{}">{} {}</span> ', look, _use(drawing), word)


@lru_cache(maxsize=1024)
def _where(rooms: tuple[ShownRoom, ...]) -> SafeString:
    """The rooms of an entry with their pages; drawn once for every set of rooms."""
    links = format_html_join(
        ", ", '<a href="{}">{}</a>', ((reverse("room_detail", args=[room.slug]), room.name) for room in rooms)
    )
    return format_html("{} {}", _use("map-pin"), links)


@register.simple_tag
@lru_cache(maxsize=1)
def plan_symbols() -> SafeString:
    """The icons that stand at every date of a plan, drawn once for the page that shows one."""
    symbols = "".join(
        lucide(name, size=16).replace("<svg ", f'<symbol id="icon-{name}" ').replace("</svg>", "</symbol>")
        for name in SYMBOLS
    )
    return SafeString(f"<svg hidden>{symbols}</svg>")


def _use(name: str) -> SafeString:
    """Show one of the symbols; screen readers skip it, for the words beside it speak."""
    return SafeString(
        f'<svg class="icon" width="16" height="16" aria-hidden="true"><use href="#icon-{name}"/></svg>'
    )
