"""Settings of the test run: the real ones, on throw-away data, for one of the two database engines.

TEST_ENGINE=postgresql runs the same suite on TEST_DATABASE_URL with the cache in TEST_REDIS_URL.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests.services import database_url, redis_answers, redis_url

ON_POSTGRESQL = os.environ.get("TEST_ENGINE") == "postgresql"
DATA_DIR = Path(tempfile.mkdtemp(prefix="hausderbegegnung-test-"))
atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)

# Whatever is set on the machine or in .env is not part of a test.
for _name in (Path(__file__).parent.parent / ".env.example").read_text().splitlines():
    os.environ.pop(_name.lstrip("# ").split("=")[0], None)
os.environ |= {
    "ENV_FILE": "",
    "DATA_DIR": str(DATA_DIR),
    "SECRET_KEY": "a-key-for-tests-only-0123456789-0123456789-0123456789",
    "SITE_URL": "http://testserver",
    "EMAIL_URL": "smtp://localhost:1",
    "DEFAULT_FROM_EMAIL": "Haus der Begegnung <haus@example.org>",
    "LOG_LEVEL": "WARNING",
}
if ON_POSTGRESQL:
    os.environ["DATABASE_URL"] = database_url()
    if redis_answers():
        os.environ["CACHE_URL"] = redis_url()

from hausderbegegnung.settings import *  # noqa: E402, F403 - needs the environment above
from hausderbegegnung.settings import CACHES, DATABASES  # noqa: E402

STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir()
# A file, never memory: threads that race for a room need a database that several connections share.
if ON_POSTGRESQL:
    # What a test wrote need not outlast a power cut.
    DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"
else:
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
DATABASES["default"]["CONN_MAX_AGE"] = 0
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
for _cache in CACHES.values():
    _cache["KEY_FUNCTION"] = "tests.services.cache_key"
