"""Bring your own plan: read a file with rooms, hours and bookings into a house."""

import json
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bookings.access.actors import System
from bookings.plan_import.calendar_house import is_calendar, read_calendar_into, refuse_options
from bookings.plan_import.clashes import Clash
from bookings.plan_import.differences import Difference, DifferenceKind
from bookings.plan_import.plan import PlanFile, Problem
from bookings.plan_import.plan_reader import read_plan
from bookings.plan_import.report import Report
from bookings.plan_import.values import FIRST_YEAR, LAST_YEAR, MAX_BYTES, BrokenPlan
from bookings.plan_import.writer import (
    ambiguous_associations,
    check_against,
    contradictions,
    find_house,
    store_plan,
)
from rooms.clock import instant
from rooms.formats import format_day
from rooms.intervals import Interval
from rooms.models import House

KINDS = {
    "new": gettext_lazy("new"),
    "unchanged": gettext_lazy("unchanged"),
    **{kind.value: kind.label for kind in DifferenceKind},
}


class Command(BaseCommand):
    help = (
        "Read a plan (rooms, opening hours, bookings) from a JSON file into a house, "
        "or bookings from an iCalendar file (.ics). See docs/plan-file.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="Only say what would happen.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object instead of sentences.")
        parser.add_argument(
            "--skip-clashing-dates",
            action="store_true",
            help="Store clashing dates of the booking that comes later in the file as skipped dates.",
        )
        parser.add_argument(
            "--house", metavar="SLUG", help="Which house; an unknown one is made from the file."
        )
        parser.add_argument(
            "--now", help="The instant that counts as now, such as 2027-01-01 or 2027-01-01T08:00."
        )
        calendar = parser.add_argument_group("iCalendar files", "What a calendar does not say of itself.")
        calendar.add_argument(
            "--room",
            action="append",
            metavar="[PLACE=]SLUG",
            help="The room of events whose place is no room of the house, or of those with this place; "
            "may be given several times.",
        )
        calendar.add_argument(
            "--association",
            metavar="NAME",
            help="Who has the rooms where the organizer is no association that the house knows.",
        )
        calendar.add_argument("--persons", metavar="N", help="How many persons come to each date.")
        calendar.add_argument("--until", metavar="DATE", help="The last day of series, such as 2027-12-31.")
        calendar.add_argument(
            "--visibility",
            metavar="WORD",
            help="public, busy (default) or hidden: what of it everybody may see.",
        )
        calendar.add_argument(
            "--descriptions", action="store_true", help="Take descriptions over as remarks for staff."
        )
        calendar.add_argument(
            "--update",
            action="store_true",
            help="Carry out what is different since the calendar was read last; otherwise it is only said.",
        )
        calendar.add_argument(
            "--tell", action="store_true", help="Send the mails about what --update carries out."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            raw = read_file(options["file"])
            if is_calendar(options["file"], raw):
                house = find_house(options["house"])
                plan = read_calendar_into(house, raw, options)
            else:
                refuse_options(options)
                plan = read_plan(raw)
                house = find_house(options["house"])
            now = read_now(options["now"], plan.zone)
            skip = options["skip_clashing_dates"]
            stored = 0
            refused: list[str] = []
            if options["dry_run"] and not options["update"]:
                report = check_against(plan, house, now)
                refused = contradictions(plan, house) if house else []
                refused += ambiguous_associations(report)
            else:
                report, stored_in, bookings = store_plan(
                    plan,
                    house=house,
                    slug=options["house"],
                    name=name_from(options["house"] or options["file"].stem),
                    skip_clashing_dates=skip,
                    update=options["update"],
                    tell=options["tell"],
                    dry_run=options["dry_run"],
                    actor=System(),
                    now=now,
                )
                house, stored = house or stored_in, len(bookings)
        except BrokenPlan as error:
            if options["json"]:
                self.stdout.write(json.dumps(broken_as_json(error), ensure_ascii=False))
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(as_json(report, stored=stored, skip=skip), ensure_ascii=False))
        else:
            lines = as_sentences(
                report,
                house,
                slug=options["house"],
                stored=stored,
                skip=skip,
                dry_run=options["dry_run"],
                update=options["update"],
            )
            self.stdout.write("\n".join(lines))
        if report.skipped_dates and not skip:
            refused.append(
                ngettext(
                    "%(count)d approved date cannot stand beside others. Nothing was stored; "
                    "--skip-clashing-dates skips it.",
                    "%(count)d approved dates cannot stand beside others. Nothing was stored; "
                    "--skip-clashing-dates skips them.",
                    report.count_skipped_dates(),
                )
                % {"count": report.count_skipped_dates()}
            )
        if refused:
            raise CommandError(" ".join(refused))


def name_from(word: str) -> str:
    """Return a name for a house whose file gives none: `mein_haus` becomes Mein Haus."""
    return word.replace("_", " ").replace("-", " ").title()


def read_file(path: Path) -> bytes:
    """Return the bytes of the file, at most one more than a plan may have. Raises BrokenPlan."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BrokenPlan(_("The file %(path)s cannot be read.") % {"path": path}) from error


def read_now(text: str | None, zone: ZoneInfo) -> datetime:
    """Return the instant that counts as now; a text without offset is local time. Raises BrokenPlan."""
    if text is None:
        return timezone.now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise BrokenPlan(_("--now: “%(text)s” is no instant such as 2027-01-01T08:00.") % {"text": text})
    return moment if moment.tzinfo else instant(moment.date(), moment.time(), zone)


def as_json(report: Report, *, stored: int, skip: bool) -> dict[str, Any]:
    """Return the report as the object that --json prints; docs/plan-file.md describes it."""
    return {
        "rooms": len(report.plan.rooms),
        "bookings": len(report.plan.bookings),
        "slots": report.count_standing(without_skipped=skip),
        "stored": stored,
        "clashes": [_clash(clash) for clash in report.clashes],
        "stored_clashes": [_clash(clash) for clash in report.stored_clashes],
        "problems": [_problem(problem) for problem in report.problems],
        "skipped_dates": [
            {
                "booking": booking.id,
                "date": plan_date.local_day(report.plan.zone).isoformat(),
                "reason": reason,
            }
            for booking, plan_date, reason in report.list_skipped_dates(with_clashing=skip)
        ],
        "skipped": [_problem(problem) for problem in report.skipped],
        "compared": _counts(report),
        "changes": [_change(difference, report.plan.zone) for difference in report.comparison.differences],
    }


def broken_as_json(error: BrokenPlan) -> dict[str, Any]:
    """Return the same object for a file that cannot be read: nothing counted, one problem of no booking."""
    return {
        "rooms": 0,
        "bookings": 0,
        "slots": 0,
        "stored": 0,
        "clashes": [],
        "stored_clashes": [],
        "problems": [{"booking": "", "code": "broken_plan", "message": str(error)}],
        "skipped_dates": [],
        "skipped": [],
        "compared": {},
        "changes": [],
    }


def _counts(report: Report) -> dict[str, int]:
    """Return how many dates are new, unchanged or different; nothing where nothing was read before."""
    counts = report.comparison.counts
    if not counts:
        return {}
    new = sum(
        len(booking.standing) for booking in report.plan.bookings if booking.id not in report.comparison.known
    )
    names = ("unchanged", *DifferenceKind.values)
    return {"new": new} | {name: counts[name] for name in names}


def _change(difference: Difference, zone: ZoneInfo) -> dict[str, Any]:
    known, wanted = difference.known, difference.wanted
    return {
        "booking": difference.label,
        "reference": difference.reference,
        "kind": difference.kind.value,
        "from": _wall(known.net, zone) if known else None,
        "to": _wall(wanted.net, zone) if wanted else None,
        "message": difference.message,
        "done": difference.is_done,
        "left": difference.left,
    }


def _wall(net: Interval, zone: ZoneInfo) -> list[str]:
    """Return start and end by the clocks on the wall, as a plan file writes them."""
    return [f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}" for moment in (net.start, net.end)]


def _problem(problem: Problem) -> dict[str, str]:
    return {"booking": problem.booking, "code": problem.code, "message": problem.message}


def _clash(clash: Clash) -> dict[str, Any]:
    return {
        "kind": clash.kind.value,
        "date": clash.day.isoformat(),
        "bookings": list(clash.bookings),
        "rooms": list(clash.rooms),
    }


def as_sentences(
    report: Report,
    house: House | None,
    *,
    slug: str | None,
    stored: int,
    skip: bool,
    dry_run: bool,
    update: bool = False,
) -> list[str]:
    """Return the report as lines for people."""
    lines = [_house_line(report.plan, house, slug), _count_line(report, skip=skip)]
    for heading, clashes in [
        (_("Clashes:"), report.clashes),
        (_("Clashes with what the house holds already:"), report.stored_clashes),
    ]:
        if clashes:
            lines += [heading, *map(_clash_line, clashes)]
    for heading, problems in [
        (_("Broken rules and notes:"), report.problems),
        (_("Not taken over:"), report.skipped),
    ]:
        if problems:
            lines += [heading, *_problem_lines(problems)]
    lines += _skipped_lines(report, skip=skip)
    lines += _change_lines(report, update=update)
    if dry_run:
        lines.append(_("This was a dry run, nothing was stored."))
    elif skip or not report.skipped_dates:
        lines.append(
            ngettext("%(count)d booking was stored.", "%(count)d bookings were stored.", stored)
            % {"count": stored}
        )
    return lines


def _house_line(plan: PlanFile, house: House | None, slug: str | None) -> str:
    if house is not None:
        return _("House: %(house)s") % {"house": house.name}
    return _("House: a new one (%(house)s)") % {"house": plan.name or slug or _("Our house")}


def _count_line(report: Report, *, skip: bool) -> str:
    return _("Rooms: %(rooms)d, bookings: %(bookings)d, dates that would stand: %(slots)d.") % {
        "rooms": len(report.plan.rooms),
        "bookings": len(report.plan.bookings),
        "slots": report.count_standing(without_skipped=skip),
    }


def _problem_lines(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield a line per problem; what is said of several bookings is said once, with their names below."""
    by_message: dict[str, list[str]] = {}
    for problem in problems:
        by_message.setdefault(problem.message, []).append(problem.booking)
    for message, bookings in by_message.items():
        if len(bookings) == 1:
            yield f"  {bookings[0]}: {message}" if bookings[0] else f"  {message}"
        else:
            yield f"  {message}"
            yield from (f"    {booking}" for booking in bookings)


def _skipped_lines(report: Report, *, skip: bool) -> list[str]:
    """Return a line per booking of which dates are skipped: how many, and how often for which reason."""
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for booking, _date, reason in report.list_skipped_dates(with_clashing=skip):
        reasons[booking.id][reason] += 1
    totals = {booking.id: len(booking.dates) for booking in report.plan.bookings}
    lines = [
        _("  %(booking)s: %(count)d of %(total)d (%(reasons)s)")
        % {
            "booking": booking_id,
            "count": counted.total(),
            "total": totals[booking_id],
            "reasons": "; ".join(f"{count} × {reason}" for reason, count in counted.items()),
        }
        for booking_id, counted in reasons.items()
    ]
    return [_("Skipped dates:"), *lines] if lines else []


def _change_lines(report: Report, *, update: bool) -> list[str]:
    """Return a line per event and sentence; what is said of several dates is said once, with their days."""
    counts = _counts(report)
    if not counts:
        return []
    days: dict[tuple[str, str], list[str]] = defaultdict(list)
    for difference in report.comparison.differences:
        net = (
            difference.known.net if difference.known else difference.wanted.net if difference.wanted else None
        )
        sentences = [difference.message, difference.left] if difference.left else [difference.message]
        if difference.is_done:
            sentences.append(_("Carried out."))
        day = format_day(net.start, zone=report.plan.zone) if net else ""
        days[difference.label, " ".join(sentences)].append(day)
    lines = [
        _("Compared with what was read before: %(counts)s.")
        % {
            "counts": ", ".join(
                f"{count} {KINDS[kind]}" for kind, count in counts.items() if count or kind == "unchanged"
            )
        }
    ]
    for (label, sentence), on in days.items():
        lines.append(f"  {label}: {sentence}")
        if len(on) > 1:
            lines.append(f"    {'; '.join(on)}")
    if not update and any(difference.is_open for difference in report.comparison.differences):
        lines.append(_("Changes are not carried out; --update does that."))
    return lines


def _clash_line(clash: Clash) -> str:
    return _("  %(day)s, %(kind)s: %(bookings)s (%(rooms)s)") % {
        "day": format_day(clash.day),
        "kind": clash.kind.label,
        "bookings": " – ".join(clash.bookings),
        "rooms": ", ".join(clash.rooms),
    }
