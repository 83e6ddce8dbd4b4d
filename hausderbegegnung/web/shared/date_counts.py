"""How many dates of a booking stand, and in which status, in words."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import ngettext

from bookings.enums import SlotStatus


@dataclass(frozen=True, slots=True)
class DateCounts:
    """How many dates of a booking there are in each status.

    `replaced` are those of the cancelled ones whose place another booking has taken, by its reference.
    """

    by_status: Mapping[str, int]
    replaced: Mapping[str, int] = field(default_factory=dict)

    @property
    def counting(self) -> int:
        """The dates that the house answers for: neither skipped, nor given back, nor replaced."""
        return sum(self.by_status.get(status, 0) for status in SlotStatus.COUNTING)

    @property
    def approved(self) -> int:
        return self.by_status.get(SlotStatus.APPROVED, 0)

    @property
    def pending(self) -> int:
        return self.by_status.get(SlotStatus.REQUESTED, 0)

    @property
    def words(self) -> str:
        """All of them in words: 36 approved, 2 requested, 2 skipped."""
        first = [SlotStatus.APPROVED, SlotStatus.REQUESTED]
        return self._in_words(dict.fromkeys([*first, *SlotStatus]))

    @property
    def apart_words(self) -> str:
        """Those that were given back or replaced: 17 replaced by HdB-2026-0076, 1 cancelled."""
        return self._in_words([SlotStatus.WITHDRAWN, SlotStatus.CANCELLED])

    def _in_words(self, statuses: Iterable[SlotStatus]) -> str:
        parts = []
        for status in statuses:
            number = self.by_status.get(status, 0)
            if status == SlotStatus.CANCELLED:
                parts += [_replaced(reference, number) for reference, number in self.replaced.items()]
                number -= sum(self.replaced.values())
            if number:
                parts.append(_counted(status, number))
        return ", ".join(parts)


def count_dates(slot_statuses: Iterable[str], replaced_by: Iterable[str] = ()) -> DateCounts:
    """Return how many dates have each of these statuses.

    `replaced_by` are the references of the bookings that took the place of cancelled ones, each as
    often as it did.
    """
    return DateCounts(Counter(slot_statuses), Counter(replaced_by))


def _counted(status: SlotStatus, number: int) -> str:
    if status == SlotStatus.SKIPPED:
        return ngettext("%(number)d skipped", "%(number)d skipped", number) % {"number": number}
    return f"{number} {status.label}"


def _replaced(reference: str, number: int) -> str:
    return ngettext(
        "%(number)d replaced by %(reference)s", "%(number)d replaced by %(reference)s", number
    ) % {"number": number, "reference": reference}
