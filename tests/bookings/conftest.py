"""What tests of bookings share: the events that are announced, and a plan that is imported."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from bookings.events import Event, bookings_changed
from tests.bookings.plan_import.plans import run_import


@pytest.fixture
def heard() -> Iterator[list[Event]]:
    """The events that are announced, but for the quiet ones of imports, such as those of the factory."""
    events: list[Event] = []

    def hear(event: Event, **kwargs: Any) -> None:
        if not event.is_quiet:
            events.append(event)

    bookings_changed.connect(hear, weak=False)
    yield events
    bookings_changed.disconnect(hear)


@pytest.fixture
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def run(tmp_path: Path, db: None) -> Callable[..., Any]:
    """Import a plan by the command, as `run_import` says."""
    return partial(run_import, tmp_path)
