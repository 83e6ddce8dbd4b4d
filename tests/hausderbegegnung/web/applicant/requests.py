"""What tests of the request form share: where it is, and what it found wrong."""

from typing import Any

from django.utils.html import escape

URL = "/anfrage/"


def errors_of(response: Any) -> dict[str, list[str]]:
    """The codes of the form's errors by field; each sentence stands on the page."""
    form = response.context["form"]
    page = response.content.decode()
    for sentences in form.errors.values():
        assert all(escape(sentence) in page for sentence in sentences)
    return {name: [error.code for error in errors] for name, errors in form.errors.as_data().items()}
