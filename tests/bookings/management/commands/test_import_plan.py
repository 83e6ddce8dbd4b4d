"""import_plan says in sentences and as an object what it found, and refuses what is broken."""

import pytest
from django.core.management import CommandError, call_command

from bookings.models import Association, Booking
from rooms.models import House, Room
from tests.bookings.plan_import.plans import CAFE, COMMITTEE, booking, plan_of

pytestmark = pytest.mark.usefixtures("english")


# Storing ---------------------------------------------------------------------------------------


def test_the_summary_for_people_names_clashes_problems_and_what_was_stored(run):
    birthday = booking("E15", ["saal"], "2027-06-12T18:00", "2027-06-12T21:00", persons=90, status="rejected")
    text, refusal = run(plan_of(CAFE, COMMITTEE, birthday, name="Haus der Begegnung"))
    assert text.splitlines() == [
        "House: Haus der Begegnung",
        "Rooms: 4, bookings: 3, dates that would stand: 2.",
        "Clashes:",
        "  Thu 22 Apr 2027, set-up or tear-down: D04 – D10 (saal-a)",
        "Broken rules and notes:",
        "  E15: There is room for 80 persons here, not for 90.",
        "3 bookings were stored.",
    ]
    assert refusal == ""


# Broken input ----------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [[], ["--dry-run"], ["--json"], ["--dry-run", "--json"]])
@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (b"Raum;Von;Bis", "The file is not valid JSON: line 1, column 1."),
        (b" " * (10 * 1024 * 1024 + 1), "The file is larger than 10 MB. A plan of a house is much smaller."),
        (
            plan_of(CAFE, {**COMMITTEE, "dtend": "2027-04-22T17:00"}),
            "booking D10, dtend: the end does not lie after the start.",
        ),
    ],
)
def test_a_broken_file_is_refused_and_nothing_is_stored(run, plan, sentence, options):
    """A program that reads the object learns the same from it, and finds all it looks for."""
    report = {
        **dict.fromkeys(["rooms", "bookings", "slots", "stored"], 0),
        **{name: [] for name in ["clashes", "stored_clashes", "skipped_dates", "skipped", "changes"]},
        "compared": {},
        "problems": [{"booking": "", "code": "broken_plan", "message": sentence}],
    }
    assert run(plan, *options) == (report if "--json" in options else "", sentence)
    assert [model.objects.count() for model in (House, Room, Association, Booking)] == [0, 0, 0, 0]


def test_a_file_that_is_not_there_is_said(db, tmp_path):
    with pytest.raises(CommandError, match=r"The file .*nowhere\.json cannot be read\."):
        call_command("import_plan", str(tmp_path / "nowhere.json"), skip_checks=True)


def test_a_broken_file_gives_the_keys_of_a_sound_one(run):
    assert list(run(b"{", "--json")[0]) == list(run(plan_of(CAFE), "--json")[0])


@pytest.mark.parametrize("now", ["morgen", "0001-01-01", "9999-12-31"])
def test_an_instant_that_cannot_count_as_now_is_refused(run, now):
    assert run(plan_of(CAFE), now=now) == ("", f"--now: “{now}” is no instant such as 2027-01-01T08:00.")
