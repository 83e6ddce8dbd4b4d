"""Pictures of rooms: drawn anew in a few widths, small enough for the way, without what a camera noted.

A picture is stored as WebP under a name nobody guesses that ends with its width; narrower versions lie
beside it. So what a name stands for never changes.
"""

import re
import secrets
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, default_storage
from django.db import models
from django.db.models.fields.files import ImageFieldFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

FOLDER = "rooms/"
WIDTHS = (480, 960, 1600)
QUALITY = 80
MOST_BYTES = 15 * 1024 * 1024
# What the cameras of telephones make; the pixels are counted before they take room in memory.
MOST_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# A picture whose room is being stored right now is nobody's for a moment.
SAFE_FOR = timedelta(hours=1)

_NAME = re.compile(r"(?P<stem>.+)-(?P<width>\d+)\.webp")


def opened(file: Any) -> Image.Image:
    """Return the picture of an upload, read whole. Raises ValidationError with what is wrong with it."""
    if file.size > MOST_BYTES:
        raise ValidationError(
            _("The picture has %(size)d MB. Please choose one of at most %(most)d MB."),
            code="too_large",
            params={"size": -(-file.size // 1024**2), "most": MOST_BYTES // 1024**2},
        )
    file.seek(0)
    try:
        picture = Image.open(file, formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise Image.DecompressionBombError
        # JPEG is read at the size that is needed.
        picture.draft("RGB", (2 * WIDTHS[-1], 2 * WIDTHS[-1]))
        picture.load()
    except Image.DecompressionBombError as error:
        raise ValidationError(
            _("The picture has too many pixels. Please make it smaller."), code="too_many_pixels"
        ) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise ValidationError(
            _("This file cannot be read as a picture. Please choose a JPEG, PNG, WebP or GIF file."),
            code="unreadable",
        ) from error
    finally:
        file.seek(0)
    return picture


def versions_of(picture: Image.Image) -> dict[int, bytes]:
    """Return the picture as WebP by width, the widest last; upright, and with its pixels alone."""
    upright = ImageOps.exif_transpose(picture)
    plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    widest = min(plain.width, WIDTHS[-1])
    versions = {}
    for width in [*[width for width in WIDTHS if width < widest], widest]:
        height = max(round(plain.height * width / plain.width), 1)
        drawn = BytesIO()
        plain.resize((width, height), Image.Resampling.LANCZOS).save(drawn, "WEBP", quality=QUALITY)
        versions[width] = drawn.getvalue()
    return versions


def names_of(name: str) -> list[str]:
    """Return the names of all files of the picture that is stored under `name`, the widest last."""
    found = _NAME.fullmatch(name)
    if found is None:
        return [name]
    narrower = [width for width in WIDTHS if width < int(found["width"])]
    return [*[f"{found['stem']}-{width}.webp" for width in narrower], name]


class PictureFile(ImageFieldFile):
    """The picture of a room as a page shows it."""

    def save(self, name: str, content: File, save: bool = True) -> None:  # noqa: FBT001, FBT002 - Django's own
        """Store the versions of the picture in `content`. Raises ValidationError where it is none."""
        versions = versions_of(opened(content))
        stem, widest = secrets.token_hex(8), max(versions)
        for width, drawn in versions.items():
            if width != widest:
                self.storage.save(f"{FOLDER}{stem}-{width}.webp", ContentFile(drawn))
        super().save(f"{stem}-{widest}.webp", ContentFile(versions[widest]), save=save)

    @property
    def srcset(self) -> str:
        """The addresses of all versions with their widths, for a browser to choose from; may be empty."""
        names = names_of(self.name or "")
        if len(names) == 1:
            return ""
        widths = [found["width"] for found in map(_NAME.fullmatch, names) if found]
        return ", ".join(
            f"{self.storage.url(name)} {width}w" for name, width in zip(names, widths, strict=True)
        )


class PictureFormField(forms.ImageField):
    """An upload of a picture; what is too large is refused before it is read."""

    def to_python(self, data: Any) -> Any:
        if data:
            opened(data)
        return super().to_python(data)


class PictureField(models.ImageField):
    """A picture that is drawn anew when it is stored. Migrations know it as an ImageField."""

    attr_class = PictureFile

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.ImageField", list(arguments), options

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**{"form_class": PictureFormField, **options})


def remove_unused(rooms: models.Manager[Any], *, now: datetime, storage: Storage = default_storage) -> int:
    """Delete the files of pictures that none of all `rooms` has any more; return how many there were.

    What replaced, cleared and deleted leaves behind, and what was uploaded and never stored.
    """
    if not storage.exists(FOLDER):
        return 0
    named = rooms.exclude(picture="").values_list("picture", flat=True)
    used = {file for name in named for file in names_of(name)}
    _folders, files = storage.listdir(FOLDER)
    unused = [
        name
        for name in (f"{FOLDER}{file}" for file in files)
        if name not in used and now - storage.get_modified_time(name) > SAFE_FOR
    ]
    for name in unused:
        storage.delete(name)
    return len(unused)
