"""How many examples the generated tests (`@given`) draw, and which.

    quick     a tenth, for working
    full      as many as each test names; `make test` and CI
    explore   twenty times as many, other ones each time: `make explore`

In quick and full they are always the same ones: whether a change is good does not depend on chance, and no
engine replays what another one stored. What `explore` finds is kept as an `@example` of its test.
"""

from collections.abc import Collection

from hypothesis import HealthCheck, settings

USUAL = 100
SHARE = {"quick": 0.1, "full": 1, "explore": 20}


def register_profiles() -> None:
    """Make the profiles known to Hypothesis; pytest's `--hypothesis-profile` chooses another than full."""
    for name, share in SHARE.items():
        settings.register_profile(
            name,
            # What its author knows; nothing of the profile for CI that Hypothesis loads by itself.
            settings.get_profile("default"),
            max_examples=round(USUAL * share),
            deadline=None,
            database=None,
            derandomize=name != "explore",
            print_blob=True,
            # Tests of the database clear away or roll back what an example stored.
            suppress_health_check=[HealthCheck.function_scoped_fixture],
        )
    settings.load_profile("full")


def examples(number: int, *, slow: Collection[HealthCheck] = ()) -> settings:
    """Let a generated test draw `number` examples in a full run; more or fewer where another is asked for."""
    share = SHARE.get(settings.get_current_profile_name(), 1)
    return settings(
        max_examples=max(1, round(number * share)),
        suppress_health_check=[HealthCheck.function_scoped_fixture, *slow],
    )
