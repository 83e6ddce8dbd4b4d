"""Moved to rooms.formats."""

from rooms.formats import *  # noqa: F403
