"""Lists of dates in mails."""

from collections.abc import Sequence

from django import template

from bookings.enums import SlotStatus
from notifications.wording import date_lists

register = template.Library()


@register.filter
def in_groups(dates: Sequence[date_lists.Lines]) -> list[date_lists.Lines]:
    """List a few dates one by one, and many by what they share."""
    return date_lists.in_groups(dates)


@register.filter
def standing(dates: Sequence[date_lists.Lines]) -> list[date_lists.Lines]:
    """Keep the dates that take place, or may yet."""
    return [date for date in dates or [] if date["status"] in SlotStatus.STANDING]


@register.filter
def not_standing(dates: Sequence[date_lists.Lines]) -> list[date_lists.Lines]:
    """Keep the dates that do not take place, whatever became of them."""
    return [date for date in dates or [] if date["status"] not in SlotStatus.STANDING]
