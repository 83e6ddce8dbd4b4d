"""Mails to caretakers: the plan of tomorrow, and what changes in it after it was sent.

Whatever changes a date, and by whatever way: the plan as it is now is compared with what each of
them was told last.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import cache, partial
from typing import Any

from bookings.agenda.caretaker import day_plan
from notifications.models import Message, MessageState
from notifications.outbox.entry import Draft
from notifications.planning.day_facts import caretaker_date_facts, room_change_facts
from notifications.planning.due import planned_mail_key
from notifications.recipients import Recipient, caretakers
from notifications.wording.facts import letterhead_facts
from rooms.clock import day_of, instant
from rooms.models import House

Facts = dict[str, Any]
# The plan is sent on the day before, so all that was told of a day is younger than this.
TOLD_WITHIN = timedelta(days=3)


def plan_for_caretakers(house: House, now: datetime) -> Iterator[Draft]:
    """Send the plan of today and tomorrow where it is due, and to whom it was sent what changed since.

    A day without dates has no plan; the first date that is approved for it makes one.
    """
    days = _days_due(house, now)
    recipients = caretakers(house) if days else []
    sent = _sent_plans(house, days, now) if recipients else {}
    for day in days:
        plan = cache(partial(_plan, house, day))
        for recipient in recipients:
            earlier = sent.get((recipient.person, day))
            if not earlier:
                yield Draft(
                    kind="caretaker_plan",
                    recipient=recipient,
                    dedupe_key=planned_mail_key("caretaker_plan", house.pk, day),
                    facts=partial(_plan_facts, plan, recipient, now),
                    house=house,
                    day=day,
                )
            elif changes := _changes(earlier[-1]["plan"], plan()["plan"], now):
                yield Draft(
                    kind="caretaker_change",
                    recipient=recipient,
                    dedupe_key=planned_mail_key("caretaker_change", house.pk, day) + f":{len(earlier)}",
                    facts=partial(_change_facts, plan, recipient, changes),
                    house=house,
                    day=day,
                )


def _days_due(house: House, now: datetime) -> list[date]:
    """Return the days whose plan is due: today, and tomorrow from the hour on that the house chose."""
    if house.caretaker_plan_from is None:
        return []
    today = day_of(now, house.zone)
    return [
        day
        for day in (today, today + timedelta(days=1))
        if now >= instant(day - timedelta(days=1), house.caretaker_plan_from, house.zone)
    ]


def _sent_plans(house: House, days: Iterable[date], now: datetime) -> dict[tuple[str, date], list[Facts]]:
    """Return the facts of what each person was told of each day, in order."""
    sent: dict[tuple[str, date], list[Facts]] = defaultdict(list)
    messages = (
        Message.objects.filter(
            kind__in=["caretaker_plan", "caretaker_change"],
            house=house,
            day__in=days,
            copy_of=None,
            created_at__gt=now - TOLD_WITHIN,
        )
        .exclude(state=MessageState.DROPPED)
        .order_by("pk")
        .values_list("person", "facts")
    )
    for person, facts in messages:
        sent[person, date.fromisoformat(facts["day"])].append(facts)
    return sent


def _plan(house: House, day: date) -> Facts:
    plan = day_plan(house, day)
    return {
        "house": letterhead_facts(house),
        "day": day.isoformat(),
        "plan": [caretaker_date_facts(slot) for slot in plan.dates],
        "room_changes": [room_change_facts(change) for change in plan.changes],
    }


def _plan_facts(plan: Callable[[], Facts], recipient: Recipient, now: datetime) -> Facts | None:
    """Return the plan for one person, None where nothing is left to prepare."""
    is_needed = any(not slot["is_called_off"] and _lies_ahead(slot, now) for slot in plan()["plan"])
    return plan() | {"contact_name": recipient.name} if is_needed else None


def _change_facts(plan: Callable[[], Facts], recipient: Recipient, changes: list[Facts]) -> Facts:
    """The whole plan is kept as well: the next change is seen by comparing with it."""
    return plan() | {"contact_name": recipient.name, "changes": changes}


def _changes(sent: list[Facts], current: list[Facts], now: datetime) -> list[Facts]:
    """Return what is new, different or called off of the dates that are not over, by their time."""
    before = {slot["slot_id"]: slot for slot in sent}
    # A date that moved to another day stands in the plan of this one no more.
    after = {slot_id: {**slot, "is_called_off": True} for slot_id, slot in before.items()}
    after |= {slot["slot_id"]: slot for slot in current}
    changes = [
        {"what": what, "date": slot, "before": before[slot_id] if what == "changed" else None}
        for slot_id, slot in after.items()
        if _lies_ahead(slot, now) and (what := _what_changed(before.get(slot_id), slot))
    ]
    return sorted(changes, key=lambda change: (change["date"]["starts_at"], change["date"]["slot_id"]))


def _what_changed(old: Facts | None, new: Facts) -> str:
    """Return `new`, `changed` or `off`; empty where nothing is to be told."""
    was_on, is_on = old is not None and not old["is_called_off"], not new["is_called_off"]
    if not is_on:
        return "off" if was_on else ""
    if not was_on:
        return "new"
    return "changed" if old != new else ""


def _lies_ahead(slot: Facts, now: datetime) -> bool:
    return datetime.fromisoformat(slot["gross_ends_at"]) > now
