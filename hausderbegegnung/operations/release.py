"""Which version of the software runs, as far as anything shown by another one must not stand."""

import hashlib
from pathlib import Path

PACKAGES = ("hausderbegegnung", "rooms", "bookings", "notifications")
SUFFIXES = {".py", ".html", ".txt", ".po", ".css", ".js"}


def fingerprint(root: Path) -> str:
    """Return a short text that changes with the code, the templates and the texts below `root`.

    It is part of ETags and of the display: after an update nothing that the former version made is
    left standing.
    """
    digest = hashlib.blake2b(digest_size=8)
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*")):
            if path.suffix in SUFFIXES:
                content = path.read_bytes()
                digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
                digest.update(content)
    return digest.hexdigest()
