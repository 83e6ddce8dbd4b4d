"""Encryption to public keys in the format of age (age-encryption.org/v1), which has tools of its own."""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyrage

from hausderbegegnung.operations.backup.errors import BackupError

BEGINNING = b"age-encryption.org/v1\n"


def recipient(key: str) -> pyrage.x25519.Recipient:
    """Return the public key, such as `age1…`. Raises ValueError where it is none."""
    try:
        return pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError as error:
        # It may be the secret one, so it is not repeated.
        raise ValueError(
            "A public key of age starts with age1, as age-keygen prints it; this is none"
        ) from error


@contextmanager
def encrypted(file: IO[bytes], keys: Sequence[str]) -> Iterator[IO[bytes]]:
    """Yield a file to write to; what is written arrives in `file` so that only owners of the keys read it.

    Without keys that is `file` itself. Raises ValueError for a key that is none, and OSError where `file`
    takes no more.
    """
    if not keys:
        yield file
        return
    recipients = [recipient(key) for key in keys]
    failures: list[Exception] = []
    reading, writing = os.pipe()

    def encrypt() -> None:
        # Closed when that ends, so that whoever writes does not wait for ever.
        with os.fdopen(reading, "rb") as plain:
            try:
                pyrage.encrypt_io(plain, file, recipients)
            except Exception as error:  # noqa: BLE001 - raised where it is waited for
                failures.append(error)

    thread = threading.Thread(target=encrypt, name="encryption", daemon=True)
    thread.start()
    try:
        try:
            with os.fdopen(writing, "wb") as plain:
                yield plain
        finally:
            thread.join()
    except BrokenPipeError:
        if not failures:
            raise
    if failures:
        raise OSError(str(failures[0])) from failures[0]


def decrypt(source: IO[bytes], target: IO[bytes], *, key_file: Path, name: str) -> None:
    """Write what `source`, called `name`, holds to `target`. Raises BackupError with what is wrong."""
    try:
        lines = [line.strip() for line in key_file.read_text().splitlines()]
        keys = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
        if not keys:
            raise ValueError("there is none in it")
    except (OSError, ValueError, pyrage.IdentityError) as error:
        raise BackupError(
            f"{key_file} is no file with a secret key of age: {error}. It has a line that starts with "
            "AGE-SECRET-KEY-1."
        ) from error
    try:
        pyrage.decrypt_io(source, target, keys)
    except pyrage.DecryptError as error:
        raise BackupError(f"{name} cannot be decrypted with the key in {key_file}: {error}.") from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise BackupError(f"{name} is damaged: it ends early or was changed.") from error
