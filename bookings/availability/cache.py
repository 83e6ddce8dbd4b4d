"""What is computed from the plan and kept while the plan stays the same: a memory that cannot lie."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from django.utils.translation import get_language

from rooms.memory import Memory
from rooms.models import House

# Weeks of a full house, of 230 kB, are the largest of what is kept: so many take less than 30 MiB.
MOST_VALUES = 120

T = TypeVar("T")

_of_plan: Memory[Any] = Memory(MOST_VALUES)
_of_facts: Memory[Any] = Memory(MOST_VALUES)


def kept_with_plan(house: House, name: str, *facets: Hashable, moment: str = "", make: Callable[[], T]) -> T:
    """Return what `make` returned for the same plan version, facets and language, or make and keep it.

    The version rises in the transaction of every change; `facets` are everything else the value depends
    on, such as the day, and `moment` is how far time has gone: what was kept for another one is replaced.
    A value made while a change commits is newer than its version says, never older. Each process keeps
    its own.
    """
    key = (house.pk, get_language(), name, *facets)
    return cast(T, _of_plan.kept(key, (house.plan_version, moment), make))


def kept_with_facts(house: House, name: str, *facets: Hashable, make: Callable[[], T]) -> T:
    """Do the same for what depends on no booking: house, rooms, hours, closures, holidays."""
    key = (house.pk, get_language(), name, *facets)
    return cast(T, _of_facts.kept(key, house.facts_version, make))


def forget_what_was_kept() -> None:
    """Empty the memory: the database is another one now, as between two tests."""
    _of_plan.forget()
    _of_facts.forget()
