"""Lists of dates in mails."""

from collections.abc import Sequence

from django import template

from notifications import date_lists

register = template.Library()


@register.filter
def in_groups(dates: Sequence[date_lists.Lines]) -> list[date_lists.Lines]:
    """List a few dates one by one, and many by what they share."""
    return date_lists.in_groups(dates)
