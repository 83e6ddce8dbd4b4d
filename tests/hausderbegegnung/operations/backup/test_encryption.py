"""An encrypted backup is read with its key and the standard format, and with nothing else."""

import io
import os
import threading
from pathlib import Path

import pyrage
import pytest

from hausderbegegnung.operations.backup.encryption import decrypt, encrypted
from hausderbegegnung.operations.backup.errors import BackupError

CONTENT = os.urandom(300_000)


@pytest.fixture
def key():
    return pyrage.x25519.Identity.generate()


@pytest.fixture
def key_file(key, tmp_path):
    """A file as age-keygen writes it."""
    path = tmp_path / "key.txt"
    path.write_text(f"# created: 2027-04-20\n# public key: {key.to_public()}\n{key}\n")
    return path


def encrypt(*keys, content=CONTENT) -> bytes:
    file = io.BytesIO()
    with encrypted(file, [str(key.to_public()) for key in keys]) as plain:
        plain.write(content)
    return file.getvalue()


def decrypted(source: bytes, key_file) -> bytes:
    target = io.BytesIO()
    decrypt(io.BytesIO(source), target, key_file=key_file, name="house.zip")
    return target.getvalue()


def refusal_of(source: bytes, key_file) -> str:
    with pytest.raises(BackupError) as refused:
        decrypted(source, key_file)
    return str(refused.value)


def test_whoever_has_one_of_the_keys_reads_it(key, key_file):
    other = pyrage.x25519.Identity.generate()
    source = encrypt(other, key)
    assert source.startswith(b"age-encryption.org/v1\n")
    assert CONTENT[:100] not in source
    assert decrypted(source, key_file) == CONTENT
    assert pyrage.decrypt(source, [other]) == CONTENT


def test_without_keys_it_stays_as_it_is():
    assert encrypt() == CONTENT


def test_another_key_does_not_open_it(key_file):
    assert refusal_of(encrypt(pyrage.x25519.Identity.generate()), key_file) == (
        f"house.zip cannot be decrypted with the key in {key_file}: No matching keys found."
    )


@pytest.mark.parametrize("length", [150_000, 65_536 + 200, -1])
def test_an_end_that_is_missing_is_told(key, key_file, length):
    assert (
        refusal_of(encrypt(key)[:length], key_file) == "house.zip is damaged: it ends early or was changed."
    )


@pytest.mark.parametrize("text", ["", "age1nosecret", "\x00\xff", None])
def test_a_file_without_a_secret_key_is_told(tmp_path, key, text):
    path = tmp_path / "other.txt"
    if text is not None:
        path.write_bytes(text.encode("latin-1"))
    assert refusal_of(encrypt(key), path).startswith(f"{path} is no file with a secret key of age: ")


def write_endlessly(file, key) -> None:
    with encrypted(file, [str(key.to_public())]) as plain:
        while True:
            plain.write(CONTENT)


def test_a_full_disk_stops_whoever_writes(key):
    threads = threading.active_count()
    with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(OSError, match="No space left"):
        write_endlessly(full, key)
    assert threading.active_count() == threads


def test_an_error_of_whoever_writes_ends_it(key):
    def fail() -> None:
        with encrypted(io.BytesIO(), [str(key.to_public())]):
            raise ZeroDivisionError

    threads = threading.active_count()
    with pytest.raises(ZeroDivisionError):
        fail()
    assert threading.active_count() == threads
