"""Plan files for tests: a hall of two parts and a kitchen, and bookings of them; and what they must give."""

import json
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

from django.core.management import CommandError, call_command

from hausderbegegnung.demo.loading import PLAN_FILE
from tests.factories import BERLIN

NOW = "2027-01-01T08:00"

DEMO = json.loads(Path(PLAN_FILE).read_text())

ROOMS = [
    {"id": "saal-a", "name": "Saal A", "parts": [], "capacity": {"reihen": 45, "tische": 30}},
    {"id": "saal-b", "name": "Saal B", "parts": [], "capacity": {"reihen": 35, "tische": 26}},
    {"id": "saal", "name": "Saal", "parts": ["saal-a", "saal-b"], "capacity": {"reihen": 80, "tische": 56}},
    {"id": "kueche", "name": "Küche", "parts": [], "capacity": {"stehend": 6}},
]

PARTS = {"saal-a": {"saal-a"}, "saal-b": {"saal-b"}, "saal": {"saal-a", "saal-b"}, "kueche": {"kueche"}}


def booking(booking_id, rooms, starts, ends, *, status="approved", setup=0, teardown=0, persons=10, **more):
    return {
        "id": booking_id,
        "title": f"Title of {booking_id}",
        "display": f"Display of {booking_id}",
        "org": f"Group of {booking_id}",
        "rooms": rooms,
        "dtstart": starts,
        "dtend": ends,
        "setup": setup,
        "teardown": teardown,
        "persons": persons,
        "status": status,
        **more,
    }


def series(booking_id="S", starts="2027-04-20T10:00", ends="2027-04-20T12:00", rooms=("saal",), **more):
    return booking(booking_id, list(rooms), starts, ends, **{"rrule": "FREQ=WEEKLY", **more})


CAFE = booking(
    "D04",
    ["saal-a", "kueche"],
    "2027-04-22T14:30",
    "2027-04-22T17:00",
    setup=45,
    teardown=45,
    layout="tische",
)

COMMITTEE = booking(
    "D10", ["saal"], "2027-04-22T18:00", "2027-04-22T21:00", setup=60, teardown=30, status="requested"
)


def plan_of(*bookings, **more):
    return {
        "timezone": "Europe/Berlin",
        "house_max_persons": 150,
        "default_buffer_min": 15,
        "opening_hours": {"Mo-Fr": "08:00-22:00", "Sa": "09:00-22:00", "So": "10:00-20:00"},
        "rooms": ROOMS,
        "bookings": list(bookings),
        **more,
    }


def story(booking_id, **changes):
    """The demo file with one of its bookings alone."""
    (entry,) = (entry for entry in DEMO["bookings"] if entry["id"] == booking_id)
    return {**DEMO, "bookings": [{**entry, **changes}]}


def run_import(folder, plan, *options, now=NOW):
    """Run the command on a plan: what it printed (for --json an object), and the sentence of a refusal."""
    path = folder / "mein_haus.json"
    path.write_bytes(plan if isinstance(plan, bytes) else json.dumps(plan).encode())
    out, refusal = StringIO(), ""
    try:
        call_command("import_plan", str(path), *options, "--now", now, stdout=out, skip_checks=True)
    except CommandError as error:
        refusal = f"{error} ({error.returncode})" if error.returncode != 1 else str(error)
    text = out.getvalue()
    return (json.loads(text) if "--json" in options and text else text), refusal


def figures(report):
    """How many dates there are, and how many of them stand."""
    return report["slots"] + len(report["skipped_dates"]), report["slots"]


def clashes_by_minutes(plan, parts_of=PARTS):
    """Find the clashes anew, knowing nothing but minutes and rooms; dates of one booking do not count."""

    def minute(text):
        return int(datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()) // 60

    def end_of(entry):
        """What would be over before it starts, in the hour that the clocks never show, is as long."""
        start, end = minute(entry["dtstart"]), minute(entry["dtend"])
        first, last = (datetime.fromisoformat(entry[name]) for name in ("dtstart", "dtend"))
        return end if start < end else start + (last - first) // timedelta(minutes=1)

    taken = []
    for entry in plan["bookings"]:
        if entry["status"] == "rejected":
            continue
        start, end = minute(entry["dtstart"]), end_of(entry)
        net = set(range(start, end))
        gross = set(range(start - entry["setup"], end + entry["teardown"]))
        parts = set().union(*(parts_of[room] for room in entry["rooms"]))
        taken.append((entry["id"], entry["status"], start, net, gross, parts))
    found = {}
    for number, (first, first_status, first_start, first_net, first_gross, first_parts) in enumerate(taken):
        for other, other_status, other_start, other_net, other_gross, other_parts in taken[number + 1 :]:
            if first == other or not (first_parts & other_parts and first_gross & other_gross):
                continue
            if first_status == other_status == "requested":
                kind = "rival"
            else:
                kind = "hard" if first_net & other_net else "buffer"
            day = datetime.fromtimestamp(max(first_start, other_start) * 60, BERLIN).date().isoformat()
            key = (day, sorted([first, other]))
            if kind != "buffer" or str(key) not in found:
                found[str(key)] = {
                    "kind": kind,
                    "date": day,
                    "bookings": key[1],
                    "rooms": sorted(first_parts & other_parts),
                }
    return sorted(found.values(), key=lambda clash: (clash["date"], clash["bookings"]))
