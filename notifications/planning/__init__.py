"""Mails that no action sets off: planned from the data, by beat, and entered only when they are due.

Nothing is entered for later, so nothing has to be taken back when a date moves or goes. What is due
is asked anew every few minutes, and a key that names the occasion (kind, date or booking, day)
lets each person's mail be entered once, however often and by however many beats it is asked. Each
kind says until when a mail still makes sense, for the case that no beat ran for a while.

Days and times of day are those on the clocks of the house. `dates` has what precedes a date, `series` what is
about many, `staff` and `caretakers` what these get; `due` is when, `day_facts` what is said of a day.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from django.db import transaction

from bookings.services._lock import lock_house
from notifications.outbox.entry import Draft, enqueue_new, new_among
from notifications.planning.caretakers import plan_for_caretakers
from notifications.planning.dates import plan_questions, plan_reminders
from notifications.planning.series import plan_overviews, plan_series_endings
from notifications.planning.staff import plan_digests, plan_overdue
from rooms.models import House

PLANS: list[Callable[[House, datetime], Iterable[Draft]]] = [
    plan_reminders,
    plan_questions,
    plan_overviews,
    plan_series_endings,
    plan_overdue,
    plan_digests,
    plan_for_caretakers,
]


def plan_mails(*, house_id: int, now: datetime) -> int:
    """Enter what is due in the house at `now`; return how many mails are new.

    Under the lock of the house, so that nothing is cancelled between looking and entering. Mostly
    nothing is due that was not entered before; then nobody is kept waiting.
    """
    if not any(draft.facts() for draft in new_among(_drafts(House.objects.get(pk=house_id), now))):
        return 0
    with transaction.atomic():
        house = lock_house(house_id, plan_changes=False)
        return enqueue_new(_drafts(house, now), now=now)


def _drafts(house: House, now: datetime) -> Iterator[Draft]:
    for plan in PLANS:
        yield from plan(house, now)
