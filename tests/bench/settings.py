"""Settings of the measured server: the real ones, an address for the empty page, and no limit of requests."""

from hausderbegegnung.settings import *  # noqa: F403 - the environment is made by tests.bench.databases
from hausderbegegnung.settings import CACHES, CELERY_BROKER_TRANSPORT_OPTIONS, REST_FRAMEWORK, env

ROOT_URLCONF = "tests.bench.urls"
# The limits are looked up as always, but let everything through.
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"anon": "100000/second", "user": "100000/second"}
# What the run leaves in Redis carries its name, so that it can be removed.
if prefix := env.str("BENCH_PREFIX", default=""):
    for name, cache in CACHES.items():
        cache["KEY_PREFIX"] = f"{prefix}{name}"
    CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = prefix
