"""Choices somebody makes in the plan of a series."""

from bookings.series.request import Choices, SeriesPlan, key_of, token_of


def as_proposed(plan: SeriesPlan) -> Choices:
    """For each open date what the plan proposes itself."""
    return Choices({key_of(one, plan.facts.zone): token_of(one.chosen, plan.facts) for one in plan.open})
