"""Checks of what the environment says; each refusal is a sentence that says what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import getaddresses
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from hausderbegegnung.operations.backup.encryption import recipient

DATABASE_SCHEMES = {"postgresql", "postgres", "sqlite"}
REDIS_SCHEMES = {"redis", "rediss"}
# scheme: (port if none is given, STARTTLS, TLS from the first byte)
MAIL_SCHEMES = {"smtp": (25, False, False), "smtp+tls": (587, True, False), "smtps": (465, False, True)}
SHORTEST_KEY = 50
SHORTEST_TOKEN = 20


def is_this_machine(host: str | None) -> bool:
    """Whether a host name or address can only be reached from the machine itself."""
    if host is None or host == "localhost" or host.endswith(".localhost"):
        return host is not None
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def split_url(name: str, value: str, *, schemes: set[str], example: str) -> SplitResult:
    """Split an address given by the variable `name`. Raises ImproperlyConfigured with an example."""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in schemes and (parts.port or 0) >= 0
    except ValueError:
        usable = False
    # SQLite's address has a path only.
    if not usable or not (parts.hostname or (parts.scheme == "sqlite" and parts.path.strip("/"))):
        # The value may hold a password, so it is not repeated.
        raise ImproperlyConfigured(f"{name} is not an address this software understands. Example: {example}")
    return parts


def site_url(value: str) -> SplitResult:
    """Check the address of the site, which links in mails start with: no path, no password."""
    example = "https://raeume.example.org"
    parts = split_url("SITE_URL", value, schemes={"http", "https"}, example=example)
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ImproperlyConfigured(
            f"SITE_URL is the bare address of the site, without a path. Example: {example}"
        )
    return parts


def database_url(value: str) -> None:
    """Check the address of the database; empty means SQLite in the data folder."""
    if value:
        example = "postgresql://name:password@host:5432/database"
        parts = split_url("DATABASE_URL", value, schemes=DATABASE_SCHEMES, example=example)
        if not parts.path.strip("/"):
            raise ImproperlyConfigured(f"DATABASE_URL names no database. Example: {example}")


def redis_url(name: str, value: str) -> None:
    """Check the address of a Redis server; empty means that none is used."""
    if value:
        parts = split_url(name, value, schemes=REDIS_SCHEMES, example="redis://host:6379/0")
        number = parts.path.strip("/")
        if number and not (number.isascii() and number.isdigit()):
            raise ImproperlyConfigured(
                f"{name} ends with {number!r}, but the databases of a Redis have numbers. "
                "Example: redis://host:6379/0"
            )


def allowed_hosts(values: list[str]) -> None:
    """Check the further names of the site: with every name allowed, links in mails could be forged."""
    if refused := [value for value in values if "*" in value or "/" in value]:
        raise ImproperlyConfigured(
            f"ALLOWED_HOSTS has {refused[0]!r}; it lists the names people may type beside SITE_URL, "
            "without https:// and without *. Example: raeume.example.org,haus.example.org"
        )


@dataclass(frozen=True)
class MailServer:
    """Where mails are handed over, and how the way there is encrypted."""

    host: str
    port: int
    user: str
    password: str
    starttls: bool
    tls: bool


def mail_server(value: str) -> MailServer:
    """Read an address such as smtp+tls://name:password@host:587."""
    parts = split_url(
        "EMAIL_URL", value, schemes=set(MAIL_SCHEMES), example="smtp+tls://name:password@host:587"
    )
    port, starttls, tls = MAIL_SCHEMES[parts.scheme]
    return MailServer(
        host=str(parts.hostname),
        port=parts.port or port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=starttls,
        tls=tls,
    )


def mailbox(name: str, value: str) -> None:
    """Check a sender such as "Haus der Begegnung <haus@example.org>"."""
    try:
        if "\n" in value or "\r" in value:
            raise ValidationError("line break")
        ((_name, address),) = getaddresses([value])
        validate_email(address)
    except (ValidationError, ValueError) as error:
        raise ImproperlyConfigured(
            f"{name} is {value!r}, which is not one e-mail address. "
            "Example: Haus der Begegnung <haus@example.org>, or haus@example.org alone."
        ) from error


def secret_key(value: str) -> None:
    """Check that the key is long enough not to be guessed."""
    if len(value) < SHORTEST_KEY or len(set(value)) < SHORTEST_KEY // 10:
        raise ImproperlyConfigured(
            f"SECRET_KEY is too easy to guess. Use at least {SHORTEST_KEY} random characters, for example "
            'from: python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
        )


def metrics_token(value: str) -> None:
    """Check that the token can't be guessed; empty means that there are no metrics to read."""
    if value and len(value) < SHORTEST_TOKEN:
        raise ImproperlyConfigured(
            f"METRICS_TOKEN is too easy to guess. Use at least {SHORTEST_TOKEN} random characters, for "
            'example from: python3 -c "import secrets; print(secrets.token_urlsafe(30))"'
        )


def backup_folder(value: str, *, visible: Sequence[Path]) -> None:
    """Make the folder of the nightly backups, outside of those that visitors can see; empty means none."""
    if not value:
        return
    folder = Path(value).absolute()
    if any(folder.is_relative_to(public) for public in visible):
        raise ImproperlyConfigured(
            f"BACKUP_DIR is {value}, where everybody could load the backups. Set it to another folder."
        )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The folder of backups {value} cannot be made: {error.strerror}. Set BACKUP_DIR to one that can."
        ) from error


def backup_keys(keys: Sequence[str]) -> None:
    """Check the public keys that backups are encrypted to."""
    try:
        for key in keys:
            recipient(key)
    except ValueError as error:
        raise ImproperlyConfigured(f"BACKUP_TO cannot be used. {error}.") from error
