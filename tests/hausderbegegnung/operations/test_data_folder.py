"""Nobody else on the machine reads the data of the house."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hausderbegegnung.operations.data_folder import close_to_others, write_privately


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.lstat().st_mode & 0o777 for path in [folder, *folder.rglob("*")]}


def make_data(folder: Path) -> Path:
    folder.mkdir()
    (folder / "mails").mkdir()
    (folder / "mails" / "first.eml").write_text("Guten Tag")
    return folder


def test_what_is_written_from_now_on_is_private(tmp_path: Path) -> None:
    write_privately()
    assert modes(make_data(tmp_path / "var")) == {"var": 0o700, "mails": 0o700, "first.eml": 0o600}


def test_what_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    data = make_data(tmp_path / "var")
    outside = tmp_path / "outside"
    outside.write_text("")
    (data / "link").symlink_to(outside)
    assert modes(data)["first.eml"] == 0o644
    close_to_others(data)
    assert {name: mode for name, mode in modes(data).items() if name != "link"} == {
        "var": 0o700,
        "mails": 0o700,
        "first.eml": 0o600,
    }
    assert outside.stat().st_mode & 0o777 == 0o644
