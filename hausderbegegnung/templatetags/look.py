"""Small parts of the look that templates call."""

from functools import lru_cache

from django import template
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, size: int = 20) -> SafeString:
    """Draw a Lucide icon, `size` CSS pixels wide, that screen readers skip: the words beside it speak.

    Kept in memory, because drawing one takes longer than the rest of a list row.
    """
    return lucide(name, size=size, **{"class": "icon", "aria-hidden": "true"})
