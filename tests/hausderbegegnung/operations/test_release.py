from pathlib import Path

import pytest

from hausderbegegnung.operations.release import fingerprint


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    folder = tmp_path / "bookings" / "templates"
    folder.mkdir(parents=True)
    (folder / "day.html").write_text("Heute")
    (folder.parent / "plan.py").write_text("ROOMS = 8")
    return tmp_path


def test_the_same_software_is_the_same_release(installed: Path) -> None:
    before = fingerprint(installed)
    (installed / "var").mkdir()
    (installed / "var" / "day.html").write_text("Data of the house")
    (installed / "bookings" / "plan.pyc").write_bytes(b"compiled")
    assert fingerprint(installed) == before


@pytest.mark.parametrize(
    "changed", ["bookings/availability/snapshot.py", "bookings/templates/day.html", "rooms/new.po"]
)
def test_other_code_templates_and_texts_are_another_release(installed: Path, changed: str) -> None:
    before = fingerprint(installed)
    (installed / changed).parent.mkdir(exist_ok=True)
    (installed / changed).write_text("Other")
    assert fingerprint(installed) != before
