"""Where the system sets the colours, the plan still shows what is free, taken and not available."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from rooms.models import Room
from tests.factories import DAY, berlin, make_booking

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = """(names) => names.map(name => {
  const style = getComputedStyle(document.querySelector(name));
  const border = [style.borderInlineStartWidth, style.borderInlineStartStyle, style.borderInlineStartColor];
  return [style.backgroundColor, style.backgroundImage, ...border].join(" ");
})"""


def test_what_is_free_taken_and_not_available_looks_different(
    new_page: Callable[..., Page], room: Room
) -> None:
    make_booking([room], berlin(DAY, "16:00"), setup_minutes=30, title="Chorprobe")
    make_booking([room], berlin(DAY, "10:00"), visibility="busy")
    page = new_page(forced_colors="active", viewport={"width": 1280, "height": 900})
    page.goto(f"/tag/{DAY}/")
    bars = [".bar--free", ".bar--entry", ".bar--busy", ".bar--buffer", ".timeline__track"]
    keys = [f".legend__swatch--{name}" for name in ("free", "entry", "busy", "buffer", "closed", "out")]
    for names in (bars, keys):
        assert len(set(page.evaluate(LOOKS, names))) == len(names)
