"""Which new date of a change takes the place of which old one."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rooms.clock import day_of
from rooms.intervals import Interval

Pair = tuple[int, int]


def pair_dates(old: Sequence[Interval], new: Sequence[Interval], zone: ZoneInfo) -> list[Pair]:
    """Return which old and new dates belong together, by their numbers; each is in one pair at most.

    First those of the same local day, then those of the same week, then whatever is left; each time
    in their order, and so that as little time as possible lies between them.
    """

    def day(moment: datetime) -> Hashable:
        return day_of(moment, zone)

    def week(moment: datetime) -> Hashable:
        return day_of(moment, zone).isocalendar()[:2]

    def any_time(moment: datetime) -> Hashable:
        return None

    pairs: list[Pair] = []
    left_old, left_new = list(range(len(old))), list(range(len(new)))
    for group_of in (day, week, any_time):
        groups_of_old = _grouped(old, left_old, group_of)
        groups_of_new = _grouped(new, left_new, group_of)
        for group, numbers in groups_of_old.items():
            pairs += _in_order(old, numbers, new, groups_of_new[group])
        left_old = [number for number in left_old if number not in {pair[0] for pair in pairs}]
        left_new = [number for number in left_new if number not in {pair[1] for pair in pairs}]
    return sorted(pairs)


def _grouped(
    dates: Sequence[Interval], numbers: Sequence[int], group_of: Callable[[datetime], Hashable]
) -> dict[Hashable, list[int]]:
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for number in sorted(numbers, key=lambda number: dates[number]):
        groups[group_of(dates[number].start)].append(number)
    return groups


def _in_order(
    old: Sequence[Interval], olds: Sequence[int], new: Sequence[Interval], news: Sequence[int]
) -> list[Pair]:
    """Pair all of the fewer dates, crossing nowhere; of two ways that are equally near the earlier one."""
    if len(olds) > len(news):
        return [(old_number, new_number) for new_number, old_number in _in_order(new, news, old, olds)]
    # costs[i][j]: how much time lies between the first i of the fewer and their partners among the first j.
    costs = [[0.0] * (len(news) + 1)]
    for i, number in enumerate(olds):
        row = [float("inf")] * (len(news) + 1)
        for j in range(i, len(news)):
            between = abs((old[number].start - new[news[j]].start).total_seconds())
            row[j + 1] = min(row[j], costs[i][j] + between)
        costs.append(row)
    pairs, i, j = [], len(olds), len(news)
    while i:
        if costs[i][j] == costs[i][j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((olds[i], news[j]))
    return pairs
