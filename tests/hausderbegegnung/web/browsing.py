"""What tests in a browser do by hand."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from hausderbegegnung.models import User

LogIn = Callable[[Page, User], None]


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, and see that the focus can be seen."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
            # A card whose heading is a link draws the focus around itself.
            outlines = page.evaluate(
                "['', '::after'].map(part => getComputedStyle(document.activeElement, part).outlineStyle)"
            )
            assert {*outlines} - {"none"}
            return
    pytest.fail(f"Tab never reached {selector}")


def type_into(page: Page, name: str, text: str) -> None:
    tab_to(page, f"[name={name}]")
    page.keyboard.type(text)
