"""A drawn floor plan for rooms without a picture: as many seats as fit, in the room's largest layout."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, cos, pi, sin, sqrt

from rooms.enums import Layout
from rooms.facts import RoomFacts

WIDTH, HEIGHT = 320, 180
# The part of the drawing inside the walls.
LEFT, TOP, RIGHT, BOTTOM = 34, 40, 286, 158
MOST_SEATS = 84
TONES = 5


@dataclass(frozen=True, slots=True)
class RoomDrawing:
    """Positions in a drawing of 320 by 180: seats (x, y), tables (x, y, width, height), tone 1 to 5."""

    tone: int
    seats: tuple[tuple[int, int], ...]
    tables: tuple[tuple[int, int, int, int], ...]


@lru_cache(maxsize=256)
def draw_room(number: int, layout: str, capacity: int) -> RoomDrawing:
    """Return the drawing of the room with this number; the same room always looks the same."""
    seats: list[tuple[float, float]] = []
    tables: list[tuple[float, float, float, float]] = []
    wanted = min(capacity, MOST_SEATS)
    if wanted and layout == Layout.TABLES:
        for x, y in _grid(ceil(wanted / 6)):
            tables.append((x - 15, y - 8, 30, 16))
            seats += [(x + dx, y + dy) for dx in (-9, 0, 9) for dy in (-14, 14)]
    elif wanted and layout in {Layout.CIRCLE, Layout.U_SHAPE}:
        turn = 2 * pi if layout == Layout.CIRCLE else 1.25 * pi
        middle_x, middle_y = (LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2
        for index in range(wanted):
            angle = turn * index / wanted - (0 if layout == Layout.CIRCLE else 0.125 * pi)
            seats.append((middle_x + 84 * cos(angle), middle_y + 48 * sin(angle)))
    elif wanted and layout == Layout.CLASSROOM:
        for x, y in _grid(ceil(wanted / 2)):
            tables.append((x - 11, y - 9, 22, 8))
            seats += [(x - 6, y + 5), (x + 6, y + 5)]
    elif wanted:
        seats += list(_grid(wanted))
    return RoomDrawing(
        tone=number % TONES + 1,
        seats=tuple((round(x), round(y)) for x, y in seats[:wanted]),
        tables=tuple((round(x), round(y), round(w), round(h)) for x, y, w, h in tables),
    )


def drawing_of(room: RoomFacts) -> RoomDrawing:
    """Return the drawing of a room in its largest layout."""
    layout = min(room.layouts, key=lambda kind: (-room.layouts[kind], kind), default="")
    return draw_room(room.id, layout, room.capacity())


def _grid(number: int) -> Iterator[tuple[float, float]]:
    """Yield `number` places, evenly spread in rows."""
    columns = max(1, ceil(sqrt(number * (RIGHT - LEFT) / (BOTTOM - TOP))))
    rows = ceil(number / columns)
    for index in range(number):
        row, column = divmod(index, columns)
        yield LEFT + (column + 0.5) * (RIGHT - LEFT) / columns, TOP + (row + 0.5) * (BOTTOM - TOP) / rows
