"""The real processes of the Procfile, embedded and in production, from start to end."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

import psycopg
import pytest
import redis
import yaml

from tests import services
from tests.services import missing

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
ALL_OK = (200, dict.fromkeys(["database", "broker", "cache", "beat", "worker", "mail"], "ok"))


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def environment(tmp_path, port):
    """What a process of this test sees; a name of its own tells what is left running."""
    environment = {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "ENV_FILE": "",
        "DATA_DIR": str(tmp_path / "var"),
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
    }
    yield environment
    leftovers = processes_of(tmp_path)
    for pid in leftovers:
        os.kill(pid, signal.SIGKILL)
    assert leftovers == {}


def processes_of(folder):
    """Return the processes whose data lies in the folder, as pid: name."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"DATA_DIR={folder}".encode() in (process / "environ").read_bytes():
                found[int(process.name)] = (process / "comm").read_text().strip()
        except OSError:
            continue
    return found


def ask(port, path, timeout=5):
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def health(port):
    """The status of /healthz and what it says of each part."""
    status, answer = ask(port, "/healthz")
    return status, json.loads(answer or "{}").get("parts")


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.2)
    return False


# Embedded --------------------------------------------------------------------------------------


@pytest.fixture
def start(environment, tmp_path):
    """`manage.py start` of the demo as a terminal would run it; what it says goes to a file."""

    processes = []

    def run(**settings):
        log = tmp_path / "output.txt"
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "start"],
                cwd=ROOT,
                env=environment | {"DEMO": "1"} | settings,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        processes.append(process)
        return process, log

    yield run
    for process in processes:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=30)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_start_serves_the_demo_and_ends_with_nothing_left_running(start, port, ending, tmp_path):
    process, log = start()
    assert wait_for(lambda: f"The house is open:  http://localhost:{port}/" in log.read_text()), (
        log.read_text()
    )
    assert wait_for(lambda: health(port) == ALL_OK)
    assert ask(port, "/")[0] == 200
    in_all, largest = memory_of(processes_of(tmp_path))
    assert in_all < 2 * largest

    # A terminal signals the whole group in the foreground.
    os.killpg(process.pid, ending)
    status = process.wait(timeout=30)

    assert status == (0 if ending == signal.SIGINT else 128 + signal.SIGTERM)
    assert processes_of(tmp_path) == {}
    assert "SIGKILL" not in log.read_text()
    assert "Traceback" not in log.read_text()


def test_the_house_closes_in_time_although_somebody_never_finishes_a_request(start, port):
    process, log = start()
    assert wait_for(lambda: "The house is open" in log.read_text()), log.read_text()
    with socket.create_connection(("127.0.0.1", port)) as visitor:
        visitor.send(b"GET / HTTP/1.1\r\n")
        time.sleep(0.5)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=30) == 0
    assert "SIGKILL" not in log.read_text()


def test_start_says_that_the_port_is_taken_before_it_does_anything(start, port, tmp_path):
    with socket.create_server(("127.0.0.1", port)):
        process, log = start()
        assert process.wait(timeout=30) == 1
    advice = f"Stop what uses it, or choose another: PORT={port + 1} make run"
    assert log.read_text() == f"CommandError: Port {port} is taken. {advice}\n"
    assert not (tmp_path / "var/hausderbegegnung.sqlite3").exists()


def memory_of(pids):
    """The memory that these processes hold, shared parts counted once, and that of the largest alone."""
    maps = [(Path("/proc") / str(pid) / "smaps_rollup").read_text() for pid in pids]
    held, resident = (
        [int(re.search(rf"^{name}: +(\d+)", text, re.MULTILINE)[1]) for text in maps]
        for name in ["Pss", "Rss"]
    )
    return sum(held), max(resident)


def pid_of(tmp_path, name):
    """The process id under which a process of the Procfile runs, None while it does not."""
    return min((pid for pid, known in processes_of(tmp_path).items() if known == name), default=None)


def replaced_by_file(folder):
    """Try to put a file in the place of a folder that others may make again at any moment."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.touch()
    return folder.is_file()


def test_a_house_goes_on_whatever_happens_to_its_worker_its_beat_and_its_broker(start, port, tmp_path):
    process, log = start()
    assert wait_for(lambda: "The house is open" in log.read_text()), log.read_text()
    assert wait_for(lambda: health(port) == ALL_OK)
    broker = tmp_path / "var/broker"

    # An empty message, as it stood there for an instant, and garbage.
    (broker / "queue/1_x.work.msg").touch()
    (broker / "queue/2_x.mail.msg").write_bytes(b"\0garbage")
    assert wait_for(lambda: len(list((broker / "unreadable").iterdir())) == 2)
    shutil.rmtree(broker)
    assert wait_for((broker / "queue").is_dir)
    # A file in the place of the folder stands for a disk that takes nothing.
    assert wait_for(lambda: replaced_by_file(broker))
    assert wait_for(lambda: health(port)[1]["broker"] == "down")
    assert ask(port, "/")[0] == 200
    broker.unlink()
    assert wait_for(lambda: health(port) == ALL_OK)
    assert "it starts again" not in log.read_text()

    for name in ["worker", "beat"]:
        killed = pid_of(tmp_path, name)
        os.kill(killed, signal.SIGKILL)
        assert wait_for(lambda name=name: health(port)[1] == ALL_OK[1] | {name: "down"})
        assert ask(port, "/")[0] == 200
        assert wait_for(lambda: health(port) == ALL_OK)
        assert pid_of(tmp_path, name) not in {None, killed}
        assert f"{name} ended by SIGKILL; it starts again in 1 s." in log.read_text()
    assert json.loads(ask(port, "/healthz")[1])["restarts"] == {"worker": 1, "beat": 1}

    # The web server leaves its port to the next one.
    os.kill(pid_of(tmp_path, "web"), signal.SIGKILL)
    assert wait_for(lambda: ask(port, "/")[0] == 0)
    assert wait_for(lambda: ask(port, "/")[0] == 200)
    assert process.poll() is None


def test_a_second_house_on_the_same_data_says_so_and_leaves_the_first_alone(start, environment, port):
    first, log = start()
    assert wait_for(lambda: "The house is open" in log.read_text()), log.read_text()
    second = subprocess.run(
        [sys.executable, "manage.py", "start"],
        cwd=ROOT,
        env=environment | {"DEMO": "1", "PORT": str(port + 1)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr == (
        f"CommandError: A house already runs on the data in {environment['DATA_DIR']} "
        f"(process {first.pid}). End that one first, or give this one data and a port of its own: "
        "DATA_DIR=… PORT=… make run\n"
    )
    assert ask(port, "/")[0] == 200


def test_a_data_folder_that_cannot_be_used_is_a_sentence_and_the_end(start, tmp_path):
    (tmp_path / "var/lock").mkdir(parents=True)
    process, log = start()
    assert process.wait(timeout=60) == 1
    assert log.read_text() == (
        f"CommandError: The house cannot be prepared: [Errno 21] Is a directory: '{tmp_path}/var/lock'. "
        f"Look whether the disk is full and whether {tmp_path}/var may be written.\n"
    )


def test_a_wrong_setting_is_a_sentence_and_the_end(start):
    process, log = start(WORKER_THREADS="many")
    assert process.wait(timeout=60) == 1
    assert log.read_text() == (
        'Error: Environment variable "WORKER_THREADS" invalid: Not a valid integer. '
        "Correct it in the environment or in .env; .env.example explains every setting.\n"
    )


def test_a_redis_that_refuses_is_a_sentence_and_the_end(start):
    if not services.redis_answers():
        missing("Redis")
    process, log = start(CACHE_URL=services.redis_url().rsplit("/", 1)[0] + "/99999")
    assert process.wait(timeout=60) == 1
    assert log.read_text().splitlines()[-1] == (
        "CommandError: The Redis of CACHE_URL refuses: DB index is out of range. "
        "Look at the number and the password in its address."
    )


# Make ------------------------------------------------------------------------------------------


def make(folder, *arguments, **settings):
    """Run make as from a shell, not from within the make that runs the tests."""
    command = ["make", "--no-print-directory", "run", *arguments]
    environment = {"PATH": os.environ["PATH"], **settings}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_make_says_that_python_is_too_old(tmp_path):
    done = make(ROOT, "PYTHON=", f"VENV={tmp_path}/venv")
    assert done.returncode == 2
    assert done.stdout.startswith("Python 3.11 or newer is needed, and no python3 here is that new.")


@pytest.mark.parametrize(
    ("files", "settings", "demo"),
    [
        ({}, {}, "1"),
        ({}, {"DEMO": "0"}, "0"),
        ({}, {"SECRET_KEY": "something"}, ""),
        ({}, {"SECRET_KEY_FILE": "/run/secrets/key"}, ""),
        ({".env": "SECRET_KEY=something"}, {}, ""),
    ],
)
def test_make_run_shows_the_demo_unless_there_is_a_house(tmp_path, files, settings, demo):
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/production.txt").write_text("")
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$@ DEMO=$DEMO"\n')
    python.chmod(0o755)
    (tmp_path / ".venv/installed-production").touch()
    done = make(tmp_path, **settings)
    assert done.stdout == f"manage.py start DEMO={demo}\n"


def test_lock_files_name_no_index():
    for lock in (ROOT / "requirements").glob("*.txt"):
        assert re.findall(r"^-.*|https?://.*|file:.*", lock.read_text(), re.MULTILINE) == []


# Production ------------------------------------------------------------------------------------


@pytest.fixture
def own_database():
    """An empty database of its own on the PostgreSQL server of the tests."""
    if not services.postgresql_answers():
        missing("PostgreSQL")
    name = f"hausderbegegnung_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(services.database_url(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield urlunsplit(urlsplit(services.database_url())._replace(path=f"/{name}"))
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def own_redis():
    """The Redis database of the tests, without what Celery has left there."""
    if not services.redis_answers():
        missing("Redis")
    client = redis.Redis.from_url(services.redis_url())
    client.delete("work", "mail", "unacked", "unacked_index", "unacked_mutex")
    yield services.redis_url()
    client.delete("work", "mail", "unacked", "unacked_index", "unacked_mutex")
    client.close()


@pytest.fixture
def production(environment, own_database, own_redis, smtp_server, settings, tmp_path):
    """The environment of the compose file, secrets as files, against the servers of this machine."""
    secrets = {
        "SECRET_KEY": "a-secret-for-the-process-test-0123456789-abcdefghijklmnopqrstuvwxyz",
        "DATABASE_URL": own_database,
        "EMAIL_URL": f"smtp://{settings.EMAIL_HOST}:{settings.EMAIL_PORT}",
    }
    for name, value in secrets.items():
        (tmp_path / name).write_text(f"{value}\n")
    return environment | {
        "DEFAULT_FROM_EMAIL": "Haus der Begegnung <haus@example.org>",
        "BROKER_URL": own_redis,
        "CACHE_URL": own_redis,
        "TRUST_PROXY": "1",
        **{f"{name}_FILE": str(tmp_path / name) for name in secrets},
    }


def manage(environment, *arguments):
    subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True, timeout=120
    )


def test_production_processes_live_on_postgresql_and_redis_and_end_cleanly(
    production, own_database, port, tmp_path
):
    manage(production, "migrate", "--noinput", "-v0")
    processes = {}
    log = (tmp_path / "output.txt").open("w")
    for name, command in PROCFILE.items():
        processes[name] = subprocess.Popen(
            shlex.split(command), cwd=ROOT, env=production, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        assert wait_for(lambda: health(port) == ALL_OK), (tmp_path / "output.txt").read_text()

        # A task that is handed over reaches the worker, which says so in the database.
        with psycopg.connect(own_database, autocommit=True) as connection:
            asked_at = connection.execute("SELECT now()").fetchone()[0]
            subprocess.run(
                shlex.split("celery --quiet --app hausderbegegnung call notifications.sweep_outbox"),
                cwd=ROOT,
                env=production,
                check=True,
                timeout=60,
                stdout=log,
            )
            # It may have swept just now; then beat asks again within half a minute.
            sign_of_life = "SELECT at FROM hausderbegegnung_heartbeat WHERE name = 'worker'"
            assert wait_for(lambda: connection.execute(sign_of_life).fetchone()[0] > asked_at)

        # A page waits for the database as long as people do, and then says so.
        with psycopg.connect(own_database) as connection:
            connection.execute("LOCK TABLE rooms_house")
            status, answer = ask(port, "/api/v1/rooms/", timeout=30)
        assert (status, json.loads(answer or "{}").get("code")) == (503, "unavailable")

        # The container's own question to the worker.
        ping = (
            f"celery --quiet --app hausderbegegnung inspect ping --destination celery@{socket.gethostname()}"
        )
        subprocess.run(shlex.split(ping), cwd=ROOT, env=production, check=True, timeout=60, stdout=log)
    finally:
        for process in processes.values():
            process.terminate()
        statuses = {name: process.wait(timeout=30) for name, process in processes.items()}
        log.close()
    assert statuses == {"web": 0, "worker": 0, "beat": 0}, (tmp_path / "output.txt").read_text()


@pytest.mark.parametrize("name", ["web", "worker"])
def test_process_refuses_a_database_without_the_guard(environment, name):
    environment |= {"DEMO": "1"}
    manage(environment, "migrate", "--noinput", "-v0")
    with sqlite3.connect(Path(environment["DATA_DIR"]) / "hausderbegegnung.sqlite3") as database:
        database.execute("DROP TRIGGER occupancy_no_overlap_insert")
    database.close()
    done = subprocess.run(
        shlex.split(PROCFILE[name]),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "The database lacks the guard against double booking." in done.stdout + done.stderr


# The compose file ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_compose_file_fits_its_schema():
    command = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout == (
        "ok -- validation done\n"
    )


def test_compose_runs_the_commands_of_the_procfile(compose):
    assert {name: compose["services"][name]["command"] for name in PROCFILE} == PROCFILE


def test_compose_watches_every_service(compose):
    assert {
        name for name, service in compose["services"].items() if "test" not in service["healthcheck"]
    } == {
        "migrate"  # ends by itself
    }


def test_compose_hands_secrets_over_as_files_only(compose):
    environment = compose["services"]["web"]["environment"]
    secrets = {name for name in environment if name.endswith("_FILE")}
    assert secrets == {"SECRET_KEY_FILE", "DATABASE_URL_FILE", "EMAIL_URL_FILE", "METRICS_TOKEN_FILE"}
    assert {environment[name].removeprefix("/run/secrets/") for name in secrets} == set(
        compose["services"]["web"]["secrets"]
    )
    assert set(compose["secrets"]) == {
        "secret_key",
        "database_url",
        "email_url",
        "metrics_token",
        "postgres_password",
    }
    assert all(secret["file"].startswith("./secrets/") for secret in compose["secrets"].values())


def test_compose_knows_only_settings_that_exist(compose):
    explained = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    used = {name.removesuffix("_FILE") for name in compose["services"]["web"]["environment"]}
    assert used - set(explained) == set()


def test_image_runs_the_web_process_by_default():
    dockerfile = (ROOT / "Dockerfile").read_text()
    command = re.search(r"^CMD (\[.*\])$", dockerfile, re.MULTILINE)[1]
    assert " ".join(yaml.safe_load(command)) == PROCFILE["web"]
