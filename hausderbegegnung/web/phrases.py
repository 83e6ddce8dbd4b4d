"""Sentences of packages that reach our pages and API, and whose own German says "du": here they are ours.

Texts of an app win over those of a package, so it is enough that they stand in our catalogue.
"""

from django.utils.translation import gettext_noop

PHRASES = (
    gettext_noop("Enter a valid email address."),
    gettext_noop("Enter a valid URL."),
    gettext_noop("Ensure this field has at least {min_length} characters."),
    gettext_noop("Ensure this field has no more than {max_length} characters."),
    gettext_noop("Ensure this value is greater than or equal to {min_value}."),
    gettext_noop("Ensure this value is less than or equal to {max_value}."),
)
