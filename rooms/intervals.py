"""Half-open intervals [start, end) of comparable moments, and what can be computed with them.

Everything here is pure. Two intervals that touch (16:00–18:00 and 18:00–20:00) do not overlap.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate


@dataclass(frozen=True, order=True, slots=True)
class Interval:
    """The time from `start` up to, but not including, `end`; both are aware instants.

    They are kept in UTC: arithmetic on wall-clock times would be an hour off across a clock
    change. Raises ValueError when the interval would be empty or negative, or is naive.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        # Thousands are made for a series, and nearly all of instants that are in UTC already.
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC:
            if self.start.tzinfo is None or self.end.tzinfo is None:
                raise ValueError(f"An interval needs aware instants: {self.start} – {self.end}")
            object.__setattr__(self, "start", self.start.astimezone(UTC))
            object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.start >= self.end:
            raise ValueError(f"An interval ends after it starts: {self.start} – {self.end}")

    @property
    def duration(self) -> timedelta:
        return self.end - self.start

    def overlaps(self, other: "Interval") -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Interval") -> bool:
        return self.start <= other.start and other.end <= self.end

    def intersection(self, other: "Interval") -> "Interval | None":
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Interval(start, end) if start < end else None


def hull(intervals: Iterable[Interval]) -> Interval:
    """Return the time from the first start to the last end; ValueError where there is no interval."""
    intervals = list(intervals)
    return Interval(
        min(interval.start for interval in intervals), max(interval.end for interval in intervals)
    )


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the same time as sorted intervals that neither overlap nor touch."""
    merged: list[Interval] = []
    for interval in sorted(intervals):
        if merged and interval.start <= merged[-1].end:
            if interval.end > merged[-1].end:
                merged[-1] = Interval(merged[-1].start, interval.end)
        else:
            merged.append(interval)
    return merged


def intersect(left: Iterable[Interval], right: Iterable[Interval]) -> list[Interval]:
    """Return the time that lies in both, as a union."""
    left, right = union(left), union(right)
    common: list[Interval] = []
    i = j = 0
    while i < len(left) and j < len(right):
        if part := left[i].intersection(right[j]):
            common.append(part)
        if left[i].end <= right[j].end:
            i += 1
        else:
            j += 1
    return common


def subtract(wholes: Iterable[Interval], holes: Iterable[Interval]) -> list[Interval]:
    """Return the time of `wholes` that lies in none of `holes`, as a union."""
    rest: list[Interval] = []
    holes = union(holes)
    for whole in union(wholes):
        start = whole.start
        for hole in holes:
            if hole.end <= start:
                continue
            if hole.start >= whole.end:
                break
            if hole.start > start:
                rest.append(Interval(start, hole.start))
            start = max(start, hole.end)
        if start < whole.end:
            rest.append(Interval(start, whole.end))
    return rest


def most_at_once(intervals: Iterable[Interval]) -> int:
    """Return how many of them are on at the same time at most; those that touch are not."""
    changes: Counter[datetime] = Counter()
    for interval in intervals:
        changes[interval.start] += 1
        changes[interval.end] -= 1
    return max(accumulate(changes[moment] for moment in sorted(changes)), default=0)


def covers(intervals: Iterable[Interval], wanted: Interval) -> bool:
    """Whether all of `wanted` lies within `intervals`, which may touch one another."""
    return any(interval.contains(wanted) for interval in union(intervals))
