"""A wrong setting stops the start with one sentence that says what to do."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).parents[2]
KEY = "a-long-key-for-this-test-0123456789-abcdefghijklmnopqrstuvwxyz"
PRODUCTION = {
    "SECRET_KEY": KEY,
    "SITE_URL": "https://raeume.example.org",
    "DATABASE_URL": "postgresql://haus:secret@db.invalid/haus",
    "BROKER_URL": "redis://redis.invalid:6379/0",
    "CACHE_URL": "redis://redis.invalid:6379/1",
    "EMAIL_URL": "smtp+tls://haus:secret@mail.invalid",
    "DEFAULT_FROM_EMAIL": "Haus der Begegnung <haus@example.org>",
}


@pytest.fixture
def environment_of(tmp_path):
    """Make an environment with these settings and nothing else."""
    return lambda settings: {
        "PATH": os.environ["PATH"],
        "ENV_FILE": "",
        "DATA_DIR": str(tmp_path / "var"),
        **settings,
    }


@pytest.fixture
def read(environment_of):
    """Read the settings anew in such an environment, as a starting process does."""

    def run(settings):
        with mock.patch.dict(os.environ, environment_of(settings), clear=True):
            return SimpleNamespace(**runpy.run_path(str(ROOT / "hausderbegegnung/settings.py")))

    return run


@pytest.fixture
def refusal_of(read):
    """The sentence of the error that stops the start in such an environment."""

    def run(settings):
        with pytest.raises(ImproperlyConfigured) as refused:
            read(settings)
        return str(refused.value)

    return run


def test_demo_needs_no_other_setting(read):
    assert read({"DEMO": "1"}).DEMO is True


def test_production_starts_with_its_settings(read):
    assert read(PRODUCTION).DEMO is False


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing. Set it (or SECRET_KEY_FILE) to a long random text"),
        ({"SECRET_KEY": "secret"}, "SECRET_KEY is too easy to guess. Use at least 50 random characters"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY is too easy to guess. Use at least 50 random characters"),
        ({"DEMO": "1"}, "DEMO lets everybody log in with one click, so it never runs with a SECRET_KEY."),
        (
            {"DEMO": "1", "SECRET_KEY": ""},
            "DEMO lets everybody log in with one click, so it only runs for this machine.",
        ),
        ({"DEMO": "perhaps"}, 'Environment variable "DEMO" invalid: Not a valid boolean.'),
        ({"DEBUG": "1"}, "DEBUG shows secrets to every visitor."),
        ({"SITE_URL": "raeume.example.org"}, "SITE_URL is not an address this software understands."),
        ({"SITE_URL": "ftp://raeume.example.org"}, "SITE_URL is not an address this software understands."),
        ({"SITE_URL": "https://"}, "SITE_URL is not an address this software understands."),
        (
            {"SITE_URL": "https://example.org/raeume"},
            "SITE_URL is the bare address of the site, without a path.",
        ),
        ({"DATABASE_URL": "db"}, "DATABASE_URL is not an address this software understands."),
        (
            {"DATABASE_URL": "mysql://haus@db/haus"},
            "DATABASE_URL is not an address this software understands.",
        ),
        ({"DATABASE_URL": "postgresql://haus@db:many/haus"}, "DATABASE_URL is not an address this software"),
        ({"DATABASE_URL": "postgresql://haus@db"}, "DATABASE_URL names no database."),
        ({"BROKER_URL": "localhost:6379"}, "BROKER_URL is not an address this software understands."),
        ({"CACHE_URL": "memcached://cache"}, "CACHE_URL is not an address this software understands."),
        ({"EMAIL_URL": ""}, "EMAIL_URL is missing, so no mail would reach anybody."),
        ({"EMAIL_URL": "mail.example.org"}, "EMAIL_URL is not an address this software understands."),
        ({"EMAIL_URL": "imap://mail.example.org"}, "EMAIL_URL is not an address this software understands."),
        ({"DEFAULT_FROM_EMAIL": ""}, "DEFAULT_FROM_EMAIL is missing. Set it to the sender of all mails"),
        (
            {"DEFAULT_FROM_EMAIL": "the house"},
            "DEFAULT_FROM_EMAIL is 'the house', which is not one e-mail address.",
        ),
        ({"REPLY_TO_EMAIL": "haus@"}, "REPLY_TO_EMAIL is 'haus@', which is not one e-mail address."),
        (
            {"DEFAULT_FROM_EMAIL": "haus@example.org, rathaus@example.org"},
            "DEFAULT_FROM_EMAIL is 'haus@example.org, rathaus@example.org', which is not one e-mail address.",
        ),
        (
            {"CACHE_URL": "redis://redis:6379/plans"},
            "CACHE_URL ends with 'plans', but the databases of a Redis",
        ),
        ({"BROKER_URL": "redis://redis:6379/-1"}, "BROKER_URL ends with '-1', but the databases of a Redis"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS has '*'; it lists the names people may type"),
        ({"ALLOWED_HOSTS": "haus.example.org,*.example.org"}, "ALLOWED_HOSTS has '*.example.org'; it lists"),
        ({"PORT": "80000"}, 'Environment variable "PORT" invalid'),
        ({"BUNDLE_SECONDS": "-1"}, 'Environment variable "BUNDLE_SECONDS" invalid'),
        (
            {"METRICS_TOKEN": "secret@"},
            "METRICS_TOKEN is too easy to guess. Use at least 20 random characters",
        ),
        ({"BACKUP_DIR": "/dev/null/b"}, "The folder of backups /dev/null/b cannot be made: Not a directory."),
        ({"BACKUP_KEEP": "0"}, 'Environment variable "BACKUP_KEEP" invalid'),
        (
            {"BACKUP_TO": "AGE-SECRET-KEY-secret@"},
            "BACKUP_TO cannot be used. A public key of age starts with age1, as age-keygen prints it;",
        ),
        ({"LOG_LEVEL": "LOUD"}, 'Environment variable "LOG_LEVEL" invalid'),
        ({"SECRET_KEY_FILE": "/nowhere"}, "The value of SECRET_KEY_FILE must be a readable file path."),
        ({"DATA_DIR": "/dev/null/var"}, "The data folder /dev/null/var cannot be made"),
    ],
)
def test_wrong_setting_is_refused_with_a_sentence(refusal_of, setting, sentence):
    said = refusal_of(PRODUCTION | setting)
    assert said.startswith(sentence), said
    assert "\n" not in said
    assert "secret@" not in said


@pytest.mark.parametrize("name", ["media", "media/backups", "static"])
def test_backups_do_not_lie_where_everybody_can_load_them(refusal_of, tmp_path, name):
    folder = tmp_path / "var" / name
    assert refusal_of(PRODUCTION | {"BACKUP_DIR": str(folder)}) == (
        f"BACKUP_DIR is {folder}, where everybody could load the backups. Set it to another folder."
    )
    assert not folder.exists()


def test_the_folder_of_backups_is_made_for_its_owner_alone(read, tmp_path):
    read(PRODUCTION | {"BACKUP_DIR": str(tmp_path / "backups")})
    assert (tmp_path / "backups").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("host", ["192.168.1.20", "0.0.0.0", "haus.example.org"])
def test_demo_is_not_served_to_other_machines(refusal_of, host):
    sentence = "DEMO lets everybody log in with one click, so it only runs for this machine."
    assert refusal_of({"DEMO": "1", "HOST": host}).startswith(sentence)
    assert refusal_of({"DEMO": "1", "SITE_URL": f"http://{host}"}).startswith(sentence)


def test_secret_comes_from_a_file_without_its_line_break(read, tmp_path):
    (tmp_path / "secret_key").write_text(f"{KEY}\n")
    environment = PRODUCTION | {"SECRET_KEY": "", "SECRET_KEY_FILE": str(tmp_path / "secret_key")}
    assert read(environment).SECRET_KEY == KEY


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.org", ["mail.example.org", 25, "", "", False, False]),
        ("smtp+tls://haus:p%40ss@mail.example.org", ["mail.example.org", 587, "haus", "p@ss", True, False]),
        ("smtps://haus:pass@mail.example.org:4465", ["mail.example.org", 4465, "haus", "pass", False, True]),
    ],
)
def test_mail_server_is_read_from_its_address(read, url, expected):
    names = ["HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "USE_SSL"]
    settings = read(PRODUCTION | {"EMAIL_URL": url})
    assert [getattr(settings, f"EMAIL_{name}") for name in names] == expected


def test_https_site_keeps_cookies_and_pages_to_https(read):
    names = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "DEBUG", "DEMO"]
    settings = read(PRODUCTION)
    assert [getattr(settings, name) for name in names] == [True, True, True, False, False]


@pytest.mark.processes
@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "migrate"],
        ["-m", "gunicorn", "--config", "python:hausderbegegnung.server", "hausderbegegnung.wsgi"],
    ],
)
def test_commands_tell_the_sentence_and_nothing_else(environment_of, command):
    environment = environment_of(PRODUCTION | {"DEFAULT_FROM_EMAIL": "the house"})
    sentence = (
        "Error: DEFAULT_FROM_EMAIL is 'the house', which is not one e-mail address. "
        "Example: Haus der Begegnung <haus@example.org>, or haus@example.org alone."
    )
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, (done.stdout + done.stderr).strip()) == (1, sentence)


def test_every_setting_is_explained_in_the_example_file():
    read = re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "hausderbegegnung/settings.py").read_text())
    explained = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(set(read)) == sorted(explained)
