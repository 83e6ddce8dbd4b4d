"""Choices somebody makes in the plan of a series."""

from bookings.series.request import Choices, SeriesPlan, date_key, token_of


def as_proposed(plan: SeriesPlan) -> Choices:
    """For each open date what the plan proposes itself."""
    return Choices(
        {
            date_key(plan_date, plan.facts.zone): token_of(plan_date.chosen, plan.facts)
            for plan_date in plan.open
        }
    )
