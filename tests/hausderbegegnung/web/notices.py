"""What a page says about what was just done."""

from typing import Any

from django.contrib.messages import get_messages


def notices(response: Any) -> list[str]:
    """The notices of the page, or, where it leads on, those that the next page will show."""
    return [str(message) for message in get_messages(response.wsgi_request)]
