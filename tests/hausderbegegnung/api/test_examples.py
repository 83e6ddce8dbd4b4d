"""The examples of docs/api.md, run one after the other against a house that serves."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.factories import make_house, make_room, make_staff, make_token, make_user

GUIDE = Path(__file__).parents[3] / "docs" / "api.md"


@pytest.mark.django_db(transaction=True)
def test_the_examples_of_the_guide_do_what_it_says(live_server):
    make_room(make_house(slug="hdb"), "Saal A", slug="saal-a")
    known: dict[str, Any] = {
        "HOUSE": live_server.url,
        "TOKEN": make_token(make_user(), "read", "request"),
        "STAFF_TOKEN": make_token(make_staff(), "decide"),
    }
    for example in re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL):
        exec(compile(example, str(GUIDE), "exec"), known)
    assert known["free"] == [
        {"starts_at": "2027-04-20T08:00:00+02:00", "ends_at": "2027-04-20T22:00:00+02:00"}
    ]
    assert (known["first"], known["again"], known["same"]) == (201, 200, known["booking"])
    assert known["references"] == [known["booking"]["reference"]]
    assert (known["approved"]["status"], known["late"], known["problem"]["code"]) == (
        "approved",
        409,
        "stale",
    )
