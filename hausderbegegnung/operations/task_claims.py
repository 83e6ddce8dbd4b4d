"""Planned work is done once, however many beats ask for it: its row in the database is claimed.

The claim is a compare-and-set, as for messages. It lapses, so that work whose worker died is done
when beat asks again; and it is only kept if the work succeeded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import F, Q

from hausderbegegnung.models import PlannedWork


@contextmanager
def claimed(name: str, *, once_in: timedelta, lease: timedelta, now: datetime) -> Iterator[bool]:
    """Tell whether the work is due and nobody else is at it; note it as done unless the block raises.

    It is due once in `once_in`; after `lease` without a result somebody else may try.
    """
    is_mine = _claim(name, once_in=once_in, lease=lease, now=now)
    mine = PlannedWork.objects.filter(name=name, claimed_at=now)
    try:
        yield is_mine
    except BaseException:
        if is_mine:
            mine.update(claimed_at=None)
        raise
    if is_mine:
        mine.update(claimed_at=None, done_at=F("claimed_at"))


def _claim(name: str, *, once_in: timedelta, lease: timedelta, now: datetime) -> bool:
    PlannedWork.objects.get_or_create(name=name)
    # An instant that lies ahead comes from a clock that was wrong.
    is_due = Q(done_at=None) | Q(done_at__lte=now - once_in) | Q(done_at__gt=now + once_in)
    is_free = Q(claimed_at=None) | Q(claimed_at__lte=now - lease) | Q(claimed_at__gt=now + lease)
    return PlannedWork.objects.filter(is_due & is_free, name=name).update(claimed_at=now) == 1
