"""A page loads one style sheet, which holds all parts that it is written in."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import get_finders
from django.test import Client

from hausderbegegnung.web.style_sheets import CompressedStyleSheets, JoinedStyleSheets
from rooms.models import House

SHEETS = Path(__file__).parents[3] / "hausderbegegnung/web/static/css"
PARTS = re.findall(r'@import url\("(\w+\.css)"\)', (SHEETS / "site.css").read_text())
LINK = re.compile(r'<link rel="stylesheet" href="([^"]+)">')


@pytest.fixture(params=[JoinedStyleSheets, CompressedStyleSheets])
def collected(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The folder of our own static files, collected."""
    storage = request.param(location=tmp_path, base_url="/static/")
    paths = {
        name: (source, name)
        for finder in get_finders()
        for name, source in finder.list(ignore_patterns=[])
        if name.startswith(("css/", "img/"))
    }
    for name, (source, path) in paths.items():
        with source.open(path) as file:
            storage.save(name, file)
    failures = [
        name for name, _, processed in storage.post_process(paths) if isinstance(processed, Exception)
    ]
    assert failures == []
    return tmp_path / "css"


def test_a_collected_sheet_holds_the_ones_it_imports_in_their_order(collected: Path) -> None:
    (served,) = collected.glob("site.*.css")
    text = served.read_text()
    assert "@import" not in text
    beginnings = [text.index((SHEETS / part).read_text().splitlines()[0]) for part in PARTS]
    assert beginnings == sorted(beginnings)
    assert "@media print {\n/* On paper" in text
    assert text.count("{") == text.count("}")
    (roofs,) = (collected.parent / "img").glob("roofs.*.svg")
    assert f'url("../img/{roofs.name}")' in text


def test_the_sheet_of_the_display_holds_the_values_of_all(collected: Path) -> None:
    (served,) = collected.glob("display.*.css")
    assert "@import" not in served.read_text()
    assert "--accent:" in served.read_text()


def test_no_sheet_is_forgotten() -> None:
    others = {"site.css", "display.css", "api_docs.css", "mail_texts.css"}
    assert {path.name for path in SHEETS.glob("*.css")} - others == set(PARTS)


@pytest.mark.parametrize(
    ("address", "sheet"),
    [
        ("/", "site.css"),
        ("/woche/", "site.css"),
        ("/anfrage/?raum=saal", "site.css"),
        ("/konto/anmelden/", "site.css"),
        ("/nirgends/", "site.css"),
        ("/display/", "display.css"),
    ],
)
def test_a_page_loads_one_sheet(client: Client, house: House, address: str, sheet: str) -> None:
    page = client.get(address, follow=True).content.decode()
    assert LINK.findall(page) == [f"/static/css/{sheet}"]
