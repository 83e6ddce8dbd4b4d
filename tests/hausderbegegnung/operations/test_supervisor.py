"""A process that ends is started again, the others go on; the house ends when it is asked or cannot run."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]

# Real processes, but small: shell commands in the place of the Procfile, and shorter waits.
HOUSE = """
import json, os, sys
from hausderbegegnung.operations import supervisor
waits, commands = json.loads(sys.argv[1])
for name, value in waits.items():
    assert hasattr(supervisor, name)
    setattr(supervisor, name, value)
os.chdir(os.environ["DATA_DIR"])
house = supervisor.Supervisor(commands)
sys.exit(house.run())
"""
ROOT = Path(__file__).parents[3]
GO_ON = "exec sleep 60"


class House(subprocess.Popen):
    def __init__(self, folder, commands, waits):
        self.folder, self.log = folder, folder / "log"
        commands = {name: f"sh -c 'echo $$ >> {name}.pids; {script}'" for name, script in commands.items()}
        environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder), "DEMO": "1", "ENV_FILE": ""}
        environment |= {"DJANGO_SETTINGS_MODULE": "hausderbegegnung.settings"}
        with self.log.open("w") as output:
            super().__init__(
                [sys.executable, "-c", HOUSE, json.dumps([waits, commands])],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def pids(self, name):
        """The process ids under which the process ran, one after the other."""
        with suppress(FileNotFoundError):
            return [int(line) for line in (self.folder / f"{name}.pids").read_text().split()]
        return []

    def said(self):
        """What the house itself said, without the times."""
        lines = [line.split(" ", 1)[1] for line in self.log.read_text().splitlines()]
        return [line.removeprefix("system | ") for line in lines if line.startswith("system | ")]


@pytest.fixture
def house(tmp_path):
    """Start a house of these commands."""
    houses = []

    def start(waits=None, **commands):
        houses.append(House(tmp_path, commands, waits or {}))
        return houses[-1]

    yield start
    for started in houses:
        if started.poll() is None:
            started.terminate()
            started.wait(timeout=20)


def wait_for(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.05)


def lives(pid):
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    return False


def test_a_process_that_ends_is_started_again_with_growing_pauses_and_the_others_go_on(house):
    running = house(web=GO_ON, worker="echo hello; exit 3")
    wait_for(lambda: len(running.said()) == 4)
    assert running.said() == [
        f"worker ended with status 3; it starts again in {pause} s." for pause in [1, 2, 4, 8]
    ]
    assert running.log.read_text().count("worker | hello") >= 3
    assert len(running.pids("web")) == 1
    assert len((running.folder / "restarts").read_text().splitlines()) == len(running.pids("worker")) == 4


def test_pauses_begin_anew_after_a_process_has_run_well(house):
    running = house({"SECONDS_UNTIL_WELL": 1, "LONGEST_PAUSE": 1}, worker="sleep 1.2; exit 1")
    wait_for(lambda: len(running.pids("worker")) == 7)
    assert running.poll() is None
    assert set(running.said()) == {"worker ended with status 1; it starts again in 1 s."}


def test_the_house_closes_when_a_process_ends_at_once_at_every_start(house):
    running = house({"LONGEST_PAUSE": 0}, web=GO_ON, worker="echo Error: no key; exit 1")
    assert running.wait(timeout=30) == 1
    *restarts, why, last = running.said()
    assert restarts == ["worker ended with status 1; it starts again in 0 s."] * 4
    assert why == (
        "worker ended with status 1, 5 times in a row right after its start, so the house closes. "
        'The lines of "worker" above say why; correct that and start again.'
    )
    assert last == "The house closes."
    assert not lives(running.pids("web")[0])


def test_what_has_run_well_is_tried_for_longer(house):
    once = "[ -e ran ] && exit 1; touch ran; sleep 1.2; exit 1"
    running = house(
        {"SECONDS_UNTIL_WELL": 1, "LONGEST_PAUSE": 0, "MOST_FAILED_RESTARTS": 9}, web=GO_ON, worker=once
    )
    assert running.wait(timeout=30) == 1
    assert len(running.pids("worker")) == 9


def test_a_process_that_somebody_kills_never_closes_the_house(house):
    running = house({"LONGEST_PAUSE": 0}, worker="kill -9 $$")
    wait_for(lambda: len(running.pids("worker")) >= 8)
    assert running.poll() is None
    assert set(running.said()) == {"worker ended by SIGKILL; it starts again in 0 s."}


def test_a_command_that_does_not_exist_closes_the_house(house):
    running = house({"LONGEST_PAUSE": 0}, web="exec /nowhere")
    assert running.wait(timeout=30) == 1
    assert running.said()[0] == "web ended with status 127; it starts again in 0 s."


def test_what_a_killed_process_left_behind_is_ended_before_it_starts_again(house):
    running = house(worker="sleep 60 & echo $! >> child.pids; wait")
    wait_for(lambda: running.pids("child") != [])
    (child,) = running.pids("child")
    os.kill(running.pids("worker")[0], signal.SIGKILL)
    wait_for(lambda: len(running.pids("worker")) == 2)
    assert not lives(child)


def test_a_house_that_is_killed_leaves_nobody_behind(house):
    running = house(web=GO_ON, worker=GO_ON)
    wait_for(lambda: running.pids("web") and running.pids("worker"))
    pids = [*running.pids("web"), *running.pids("worker")]
    running.kill()
    wait_for(lambda: not any(lives(pid) for pid in pids), seconds=5)


@pytest.mark.parametrize(
    ("ending", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 143)]
)
def test_a_signal_closes_the_house_even_in_a_pause(house, ending, status):
    running = house(web=GO_ON, worker="exit 1")
    wait_for(lambda: len(running.said()) == 2)
    running.send_signal(ending)
    assert running.wait(timeout=10) == status
    assert not lives(running.pids("web")[0])
    assert running.said()[-1] == "The house closes."


def test_what_does_not_want_to_end_is_killed(house):
    stubborn = 'trap "" TERM; while :; do sleep 1; done'
    running = house({"SECONDS_TO_STOP": 1}, web=GO_ON, worker=stubborn)
    wait_for(lambda: running.pids("worker") != [])
    running.terminate()
    assert running.wait(timeout=10) == 143
    assert not lives(running.pids("worker")[0])
    assert running.said() == ["The house closes.", "worker does not end, so it gets SIGKILL."]


def test_a_data_folder_that_takes_nothing_stops_no_restart(house, tmp_path):
    (tmp_path / "restarts").mkdir()
    running = house(worker="exit 1")
    wait_for(lambda: len(running.pids("worker")) == 2)
    assert running.said()[0].startswith("The data folder cannot be written: ")
