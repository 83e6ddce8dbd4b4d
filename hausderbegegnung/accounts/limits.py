"""How often somebody may ask for a code and guess one, counted where requests sent at once can't race.

Each count is one statement of the database, which does both: look whether there is room, and take it. The
database, because the cache may be away, and without CACHE_URL each process has its own.

A visitor is capped; an address only far above that and only for strangers, so that nobody can be locked
out by somebody else: on a device the person has logged in on before, what strangers did does not count.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.core.internal.ratelimit import get_ip
from django.db.models import Case, F, Q, Value, When
from django.http import HttpRequest
from django.utils.translation import ngettext

from hausderbegegnung.accounts.devices import device_of
from hausderbegegnung.accounts.security import SecurityEvent, pseudonym, record
from hausderbegegnung.models import AttemptCounter, User


@dataclass(frozen=True, slots=True)
class Limit:
    name: str
    most: int
    within: timedelta


HOUR = timedelta(hours=1)
CODES_OF_VISITOR = Limit("codes_of_visitor", 30, timedelta(minutes=10))
CODES_IN_A_MINUTE = Limit("codes_in_a_minute", 3, timedelta(minutes=1))
CODES_IN_AN_HOUR = Limit("codes_in_an_hour", 10, HOUR)
CODES_TO_ADDRESS = Limit("codes_to_address", 50, HOUR)
GUESSES_OF_VISITOR = Limit("guesses_of_visitor", 20, HOUR)
# A million codes take a year, with twenty mails an hour to the person.
GUESSES_AT_ADDRESS = Limit("guesses_at_address", 100, HOUR)


class TooOften(Exception):
    """A limit is reached; there is room again in `seconds`."""

    def __init__(self, *, until: datetime, now: datetime) -> None:
        self.seconds = max(math.ceil((until - now).total_seconds()), 1)
        super().__init__(self.seconds)

    @property
    def sentence(self) -> str:
        minutes = math.ceil(self.seconds / 60)
        return ngettext(
            "That was too often. Please try again in a minute.",
            "That was too often. Please try again in %(minutes)s minutes.",
            minutes,
        ) % {"minutes": minutes}


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody who wants to log in at an address: a known device, or else a place in the net."""

    visitor: str
    address: str
    is_known: bool

    def count_code(self, *, now: datetime) -> None:
        """Count a code that is to be sent. Raises TooOften."""
        pair = f"{self.visitor} {self.address}"
        counts = [(CODES_OF_VISITOR, self.visitor), (CODES_IN_A_MINUTE, pair), (CODES_IN_AN_HOUR, pair)]
        self._count(counts if self.is_known else [*counts, (CODES_TO_ADDRESS, self.address)], now)

    def count_guess(self, *, now: datetime) -> None:
        """Count a guess before it is looked at, of a code or of a password. Raises TooOften."""
        self._count(self._guess_counts(), now)

    def take_back_guess(self, *, now: datetime) -> None:
        """Count a guess no longer, for it was right."""
        keys = [_key(limit, subject) for limit, subject in self._guess_counts()]
        AttemptCounter.objects.filter(key__in=keys, count__gt=0, ends_at__gt=now).update(count=F("count") - 1)

    def record(self, event: SecurityEvent, **details: object) -> None:
        record(event, visitor=self.visitor, address=self.address, **details)

    def _guess_counts(self) -> list[tuple[Limit, str]]:
        counts = [(GUESSES_OF_VISITOR, self.visitor)]
        return counts if self.is_known else [*counts, (GUESSES_AT_ADDRESS, self.address)]

    def _count(self, counts: Sequence[tuple[Limit, str]], now: datetime) -> None:
        """Count one more for each, in this order, up to the first limit that is reached."""
        for limit, subject in counts:
            if not _take(limit, subject, now):
                self.record(SecurityEvent.LOGIN_LIMITED, limit=limit.name)
                counter = AttemptCounter.objects.filter(key=_key(limit, subject)).first()
                raise TooOften(until=counter.ends_at if counter else now, now=now)


def attempt_of(request: HttpRequest, address: str, user: User | None) -> Attempt:
    """Return who tries to log in at `address`, which is that of `user` if there is one."""
    device = device_of(request, user)
    visitor = f"device {device}" if device else place_of(request)
    return Attempt(visitor, address.lower(), is_known=device is not None)


def place_of(request: HttpRequest) -> str:
    """Return where a request comes from: an address, of IPv6 its first half; see TRUST_PROXY."""
    return f"place {get_ip(request)}"


def _take(limit: Limit, subject: str, now: datetime) -> bool:
    """Take one of what is left in the current period, or begin the next one; False where nothing is left."""
    key, ends_at = _key(limit, subject), now + limit.within
    is_over = Q(ends_at__lte=now)
    room = AttemptCounter.objects.filter(is_over | Q(count__lt=limit.most), key=key)
    one_more = {
        "count": Case(When(is_over, then=Value(1)), default=F("count") + 1),
        "ends_at": Case(When(is_over, then=Value(ends_at)), default=F("ends_at")),
    }
    if room.update(**one_more):
        return True
    new = AttemptCounter(key=key, count=0, ends_at=ends_at)
    AttemptCounter.objects.bulk_create([new], ignore_conflicts=True)
    return bool(room.update(**one_more))


def _key(limit: Limit, subject: str) -> str:
    return f"{limit.name}:{pseudonym(subject)}"


def forget_counts(*, now: datetime) -> int:
    """Delete the counters whose period is over; return how many."""
    deleted, _by_model = AttemptCounter.objects.filter(ends_at__lte=now).delete()
    return deleted
