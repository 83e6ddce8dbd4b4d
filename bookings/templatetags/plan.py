"""What stands on a plan once for every date: `{% load plan %}`.

A week of a full house has hundreds of dates, and Django's templates take ten times as long for each
of them as these functions, which put the same words together. `format_html` escapes every value.
"""

from functools import lru_cache

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language, gettext, pgettext
from lucide.templatetags.lucide import lucide

from bookings.pages.timeline import Bar
from bookings.schedule import Entry, EntryState, ShownRoom
from rooms import formats

register = template.Library()


@register.simple_tag
def agenda_entry(entry: Entry, state: str = "") -> SafeString:
    """One line of a list of entries; with a state it says whether it is running or over."""
    zone, language = get_current_timezone(), get_language() or "de"
    start, end = entry.net.start.astimezone(zone), entry.net.end.astimezone(zone)
    classes = f"agenda__entry agenda__entry--{state}"
    if entry.is_called_off:
        classes += " agenda__entry--off"
    if not entry.is_public:
        classes += " agenda__entry--busy"
    return format_html(
        '<li class="{}">'
        '<div class="agenda__time"><span aria-hidden="true">{}</span>'
        '<span class="visually-hidden">{}</span></div> '
        '<div class="agenda__what"><span class="agenda__title">{}</span> {}{}</div> '
        '<div class="agenda__where">{}</div></li>\n',
        classes,
        formats.format_span(start, end, zone=zone, language=language),
        formats.format_span_in_words(start, end, zone=zone, language=language),
        format_html("<s>{}</s>", entry.title) if entry.is_called_off else entry.title,
        _badge("off" if entry.is_called_off else state, language),
        format_html('<span class="agenda__who">{}</span>', entry.organiser) if entry.organiser else "",
        _where(entry.rooms),
    )


@register.simple_tag
def week_entry(entry: Entry) -> SafeString:
    """One entry in a cell of the week."""
    zone = get_current_timezone()
    start, end = entry.net.start.astimezone(zone), entry.net.end.astimezone(zone)
    kind = " week-entry--off" if entry.is_called_off else "" if entry.is_public else " week-entry--busy"
    title: str = entry.title
    if entry.is_called_off:
        title = format_html("<s>{}</s> <b>{}</b>", title, pgettext("on the plan", "cancelled"))
    return format_html(
        '<li class="week-entry{}"><span class="week-entry__time">{}–{}</span> {}</li>',
        kind,
        formats.format_clock(start, zone=zone),
        formats.format_clock(end, zone=zone),
        title,
    )


@register.simple_tag
def timeline_bar(bar: Bar) -> SafeString:
    """One bar of a timeline: something that is on, its set-up, a closed time, or a free time to ask for."""
    if bar.kind == "free" and bar.url:
        sentence = gettext("%(room)s is free %(times)s: request") % {"room": bar.title, "times": bar.times}
        return format_html(
            '<li class="{}"><a class="bar__ask" href="{}" data-first="{}" data-last="{}" data-start="{}"'
            ' data-end="{}"><span class="visually-hidden">{}</span></a></li>\n',
            *(bar.classes, bar.url, bar.first, bar.last, *bar.minutes, sentence),
        )
    if bar.kind in {"free", "buffer"}:
        words = gettext("Set-up and tear-down") if bar.kind == "buffer" else f"{gettext('free')} {bar.times}"
        return format_html(
            '<li class="{}"><span class="visually-hidden">{}</span></li>\n', bar.classes, words
        )
    if bar.kind == "closed":
        return format_html(
            '<li class="{}"><span class="bar__title"><b>{}:</b> {}</span></li>\n',
            *(bar.classes, gettext("closed"), bar.title),
        )
    title: str = bar.title
    if bar.kind == "off":
        title = format_html("<b>{}</b> <s>{}</s>", pgettext("on the plan", "cancelled"), title)
    hint = f"{bar.times} {bar.title} – {bar.detail}" if bar.detail else f"{bar.times} {bar.title}"
    return format_html(
        '<li class="{}" title="{}"><span class="bar__title">{}</span> '
        '<span class="bar__times">{}</span></li>\n',
        *(bar.classes, hint, title, bar.times),
    )


@lru_cache(maxsize=64)
def _badge(state: str, language: str) -> SafeString:
    """What became of the entry, in a word; drawn once per language."""
    if state == "off":
        look, drawing, word = " badge--error", "circle-minus", pgettext("on the plan", "cancelled")
    elif state == EntryState.RUNNING:
        look, drawing, word = " badge--success", "circle-play", pgettext("on the plan", "running")
    elif state == EntryState.OVER:
        look, drawing, word = "", "check", pgettext("on the plan", "over")
    else:
        return SafeString("")
    return format_html('<span class="badge{}">{} {}</span> ', look, _icon(drawing), word)


@lru_cache(maxsize=1024)
def _where(rooms: tuple[ShownRoom, ...]) -> SafeString:
    """The rooms of an entry with their pages; drawn once for every set of rooms."""
    links = format_html_join(
        ", ", '<a href="{}">{}</a>', ((reverse("room_detail", args=[room.slug]), room.name) for room in rooms)
    )
    return format_html("{} {}", _icon("map-pin"), links)


def _icon(name: str) -> SafeString:
    return SafeString(lucide(name, size=16, **{"class": "icon", "aria-hidden": "true"}))
