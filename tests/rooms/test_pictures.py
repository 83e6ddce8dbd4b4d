"""Pictures of rooms: refused before they take room, drawn anew without what a camera noted, and let go."""

import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from rooms import pictures
from rooms.models import Room
from tests.factories import NOW

# Where the camera stood, and that it lay on its side.
GPS, ORIENTATION, LYING = 0x8825, 0x0112, 6


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def upload(width: int, height: int, form: str = "JPEG", mode: str = "RGB") -> SimpleUploadedFile:
    drawn, picture = BytesIO(), Image.new(mode, (width, height), "#00808080")
    exif = picture.getexif()
    exif[ORIENTATION] = LYING
    exif.get_ifd(GPS)[1] = "N"
    picture.save(drawn, form, exif=exif)
    return SimpleUploadedFile(f"saal.{form.lower()}", drawn.getvalue(), f"image/{form.lower()}")


def stored(room: Room, file: SimpleUploadedFile) -> Room:
    room.picture.save(file.name, file)
    return Room.objects.get(pk=room.pk)


def opened(path: Path) -> Image.Image:
    return Image.open(BytesIO(path.read_bytes()))


def files_in(media: Path) -> list[str]:
    return sorted(path.relative_to(media).as_posix() for path in media.rglob("*.webp"))


@pytest.mark.parametrize(
    ("size", "widths"),
    [((4000, 3000), [480, 960, 1600]), ((2000, 800), [480, 800]), ((960, 400), [400]), ((2, 1), [1])],
)
def test_a_picture_is_kept_upright_in_as_many_widths_as_it_has(
    size: tuple[int, int], widths: list[int], room: Room, media: Path
) -> None:
    room = stored(room, upload(*size))
    names = pictures.names_of(room.picture.name)
    assert sorted(names) == files_in(media)
    found = [opened(media / name) for name in names]
    assert [picture.width for picture in found] == [width if width in widths else 0 for width in widths]
    assert (room.picture.width, found[-1].height > found[-1].width) == (widths[-1], True)


def test_nothing_that_the_camera_noted_is_kept(room: Room, media: Path) -> None:
    file = upload(400, 300)
    assert dict(Image.open(file).getexif()) != {}
    file.seek(0)
    picture = opened(media / stored(room, file).picture.name)
    assert (dict(picture.getexif()), set(picture.info) & {"exif", "xmp", "icc_profile"}) == ({}, set())


def test_what_is_transparent_stays_so(room: Room, media: Path) -> None:
    room = stored(room, upload(30, 20, "PNG", "RGBA"))
    assert opened(media / room.picture.name).mode == "RGBA"


def code_of(file: SimpleUploadedFile) -> str:
    with pytest.raises(ValidationError) as refused:
        pictures.PictureFormField().clean(file)
    return str(refused.value.error_list[0].code)


def test_what_is_no_picture_of_a_room_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EOF\n"
    whole = upload(100, 100).read()
    assert code_of(SimpleUploadedFile("saal.eps", eps)) == "unreadable"
    assert code_of(SimpleUploadedFile("saal.jpg", b"no picture")) == "unreadable"
    assert code_of(SimpleUploadedFile("saal.jpg", whole[: len(whole) // 2])) == "unreadable"
    assert (
        code_of(SimpleUploadedFile("saal.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")) == "unreadable"
    )
    monkeypatch.setattr(pictures, "MOST_BYTES", len(whole) - 1)
    assert code_of(SimpleUploadedFile("saal.jpg", whole)) == "too_large"


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_very_many_pixels_are_refused_before_they_are_read() -> None:
    """A file of some kilobytes that would take half a gigabyte of memory."""
    row = Image.new("1", (13_000, 13_000))
    drawn = BytesIO()
    row.save(drawn, "PNG")
    assert code_of(SimpleUploadedFile("saal.png", drawn.getvalue())) == "too_many_pixels"


def test_a_browser_chooses_among_the_widths(room: Room, client: Client) -> None:
    assert room.picture.srcset == ""
    room = stored(room, upload(1200, 1000))
    stem = room.picture.url.removesuffix("-1000.webp")
    assert room.picture.srcset == f"{stem}-480.webp 480w, {stem}-960.webp 960w, {stem}-1000.webp 1000w"
    page = client.get(f"/raeume/{room.slug}/").content.decode()
    assert f'srcset="{room.picture.srcset}"' in page


def test_a_picture_may_be_kept_for_ever_and_is_nothing_else(room: Room, client: Client) -> None:
    room = stored(room, upload(100, 100))
    answer = client.get(room.picture.url)
    answer.close()
    assert [answer[name] for name in ("Content-Type", "Cache-Control", "X-Content-Type-Options")] == [
        "image/webp",
        "public, max-age=31536000, immutable",
        "nosniff",
    ]


def test_files_that_no_room_names_are_let_go_once_they_are_old(room: Room, media: Path) -> None:
    first = stored(room, upload(1200, 1000))
    of_first = pictures.names_of(first.picture.name)
    second = stored(room, upload(1200, 1000))
    of_second = pictures.names_of(second.picture.name)
    for name in [*of_first, *of_second]:
        os.utime(media / name, (NOW.timestamp(), NOW.timestamp()))
    assert pictures.remove_unused(Room.objects, now=NOW + timedelta(minutes=59)) == 0
    assert pictures.remove_unused(Room.objects, now=NOW + timedelta(minutes=61)) == 3
    assert files_in(media) == sorted(of_second)
