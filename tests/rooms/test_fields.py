"""A text in one line is stored without what turns a line around or cannot be seen."""

import pytest
from django.core.exceptions import ValidationError

from rooms.models import House
from rooms.validators import single_line
from tests.factories import make_house, make_room

RIGHT_TO_LEFT, POP, ISOLATE, END = "\N{RIGHT-TO-LEFT OVERRIDE}", "\u202c", "\u2067", "\u2069"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  Elternabend ", "Elternabend"),
        (f"Chor{RIGHT_TO_LEFT}abor{POP}probe", "Choraborprobe"),
        (f"{ISOLATE}Chor{END}\u200e\u200f\u061c", "Chor"),
        ("Chor\u200b\u2060\ufeff\u00adprobe", "Chorprobe"),
        ("Chor\r\nBcc: alle@example.org\x00", "Chor  Bcc: alle@example.org"),
        ("Chor\u2028probe\u2029", "Chor probe"),
        ("\u3164\u115f\u1160\uffa0", ""),
        ("\u200b \u202e", ""),
        ("\u200d", ""),
        ("حلقة نقاش", "حلقة نقاش"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🌾 Garten", "👩\u200d🌾 Garten"),
        ("Yoga\N{NO-BREAK SPACE}I", "Yoga\N{NO-BREAK SPACE}I"),
    ],
)
def test_a_line_holds_what_can_be_seen(text: str, line: str) -> None:
    assert single_line(text) == line
    assert single_line(line) == line


@pytest.mark.django_db
def test_it_is_stored_like_that_whoever_stores_it() -> None:
    house = make_house(name=f"Haus{RIGHT_TO_LEFT} am Ring")
    assert (house.name, House.objects.get().name) == ("Haus am Ring", "Haus am Ring")
    room = make_room(house)
    room.name = f"{RIGHT_TO_LEFT}\u200b"
    with pytest.raises(ValidationError) as refused:
        room.full_clean()
    assert list(refused.value.message_dict) == ["name"]
