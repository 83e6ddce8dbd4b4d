"""What is checked about mails at every start, before the first one fails."""

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from notifications.wording.catalogue import KINDS
from notifications.wording.rendering import template_names


@register
def check_texts(**kwargs: Any) -> list[CheckMessage]:
    """Every kind of mail has its subject, text and HTML."""
    missing = []
    for kind in KINDS.values():
        for name in template_names(kind.name):
            try:
                get_template(name)
            except TemplateDoesNotExist:
                missing.append(name)
    return [
        Error(
            f"The text {name} of a mail is missing.",
            hint="Write it beside the others in notifications/templates/notifications/.",
            id="notifications.E001",
        )
        for name in missing
    ]
