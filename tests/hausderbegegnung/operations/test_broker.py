"""The broker without a server: whole messages, each for one worker, and nothing that ends a worker."""

import json
import logging
import multiprocessing
import resource
import shutil
import signal
from contextlib import contextmanager

import pytest
from kombu import Connection, Queue
from kombu.exceptions import ChannelError

from hausderbegegnung.operations.broker import unreadable_messages

TRANSPORT = "hausderbegegnung.operations.broker:Transport"
LOG = "hausderbegegnung.operations.broker"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "broker"


@contextmanager
def connected(folder):
    options = {"folder": str(folder), "polling_interval": 0.01}
    with Connection(transport=TRANSPORT, transport_options=options) as connection:
        yield connection


@pytest.fixture
def broker(folder):
    with connected(folder) as connection:
        yield connection


def publish(connection, *bodies, queue="work"):
    with connection.Producer(serializer="json") as producer:
        for body in bodies:
            producer.publish(body, routing_key=queue)


def take(channel, queue="work"):
    """Everything that waits in the queue, taken as a worker takes it."""
    bodies = []
    while (message := channel.basic_get(queue)) is not None:
        message.ack()
        bodies.append(message.payload)
    return bodies


def files_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_messages_arrive_in_order_each_in_its_queue_and_leave_nothing_behind(broker, folder):
    publish(broker, *range(5))
    publish(broker, "mail", queue="mail")
    channel = broker.channel()
    assert (channel._size("work"), channel._size("mail")) == (5, 1)
    assert take(channel) == [0, 1, 2, 3, 4]
    publish(broker, 5)
    assert take(channel) == [5]
    assert take(channel, "mail") == ["mail"]
    assert [files_in(folder / name) for name in ["queue", "unwritten", "unreadable"]] == [[], [], []]


def test_a_worker_that_goes_puts_back_what_it_has_not_done(folder, broker):
    with connected(folder) as other:
        publish(other, "first")
        assert other.channel().basic_get("work").payload == "first"
    assert take(broker.channel()) == ["first"]


GARBAGE = {
    "empty": b"",
    "half": b'{"body": "W10=", "properties": {"deliv',
    "binary": bytes(range(256)),
    "list": b"[]",
    "number": b"1",
    "nothing_of_a_message": b"{}",
    "no_body_encoding": b'{"body": 3, "properties": {"delivery_tag": "1", "delivery_info": {}}}',
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("name", GARBAGE)
def test_what_cannot_be_read_is_put_aside_and_said_once(broker, folder, name, caplog, settings):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"folder": str(folder)}
    publish(broker, "before")
    (folder / "queue" / "1_x.work.msg").write_bytes(GARBAGE[name])
    channel = broker.channel()
    with caplog.at_level(logging.INFO, logger=LOG):
        assert take(channel) == ["before"]
        assert take(channel) == []
    aside = folder / "unreadable" / "1_x.work.msg"
    assert [record.getMessage() for record in caplog.records] == [
        f"An unreadable message was put aside: {aside}"
    ]
    assert aside.read_bytes() == GARBAGE[name]
    assert unreadable_messages() == 1


def test_a_message_whose_body_is_spoilt_is_put_aside(broker, folder):
    publish(broker, "good")
    (path,) = (folder / "queue").iterdir()
    message = json.loads(path.read_text())
    for number, spoilt in enumerate([{"body": "bm8ganNvbg=="}, {"headers": None}, {"properties": {}}]):
        (folder / "queue" / f"{number}_x.work.msg").write_text(json.dumps(message | spoilt))
    assert take(broker.channel()) == ["good"]
    assert files_in(folder / "unreadable") == ["0_x.work.msg", "1_x.work.msg", "2_x.work.msg"]


def test_a_folder_among_the_messages_is_put_aside(broker, folder):
    publish(broker, "good")
    (folder / "queue" / "1_x.work.msg" / "inside").mkdir(parents=True)
    assert take(broker.channel()) == ["good"]
    assert files_in(folder / "unreadable") == ["1_x.work.msg"]


def test_other_files_are_left_alone(broker, folder):
    publish(broker, "good")
    for name in ["notes.txt", ".work.msg.swp", "1_x.work.msg.part"]:
        (folder / "queue" / name).touch()
    assert take(broker.channel()) == ["good"]
    assert files_in(folder / "queue") == [".work.msg.swp", "1_x.work.msg.part", "notes.txt"]


def test_a_deleted_folder_is_made_again(broker, folder):
    channel = broker.channel()
    publish(broker, "lost")
    assert channel._size("work") == 1
    shutil.rmtree(folder)
    assert take(channel) == []
    assert channel._size("work") == 0
    publish(broker, "kept")
    assert take(channel) == ["kept"]


def test_unreadable_messages_are_put_aside_when_their_folder_was_deleted(broker, folder):
    publish(broker, "good")
    channel = broker.channel()
    (folder / "queue" / "1_x.work.msg").touch()
    shutil.rmtree(folder / "unreadable")
    assert take(channel) == ["good"]
    assert files_in(folder / "unreadable") == ["1_x.work.msg"]


def test_a_folder_that_takes_nothing_is_told_to_whoever_publishes_and_ends_no_worker(broker, folder, caplog):
    """A file in the place of the folder stands for one that may not be written."""
    channel = broker.channel()
    folder.write_text("")
    with pytest.raises(ChannelError, match="takes no message"):
        publish(broker, "lost")
    with pytest.raises(ChannelError, match="cannot be read"):
        channel._size("work")
    with caplog.at_level(logging.INFO, logger=LOG):
        for _poll in range(3):
            assert take(channel) == []
    assert len(caplog.records) == 1
    folder.unlink()
    publish(broker, "kept")
    assert take(channel) == ["kept"]


def test_what_cannot_be_removed_is_not_handed_out(broker, folder, monkeypatch, caplog):
    """Else a worker would do it again and again; two queues do not talk each other's trouble away."""
    publish(broker, "good")
    channel = broker.channel()
    with monkeypatch.context() as patch:

        def refuse(path, *arguments, **options):
            raise PermissionError(30, "Read-only file system")

        patch.setattr("pathlib.Path.unlink", refuse)
        for _poll in range(3):
            assert (take(channel), take(channel, "mail")) == ([], [])
    assert len(caplog.records) == 1
    assert take(channel) == ["good"]


def test_on_a_full_disk_nothing_half_written_is_seen(broker, folder):
    """A limit for the size of files stands for a disk that has room for a part of the message only."""
    publish(broker, "small")
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, usual[1]))
    try:
        with pytest.raises(ChannelError, match="File too large"):
            publish(broker, "large" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        signal.signal(signal.SIGXFSZ, handler)
    assert files_in(folder / "unwritten") == []
    assert take(broker.channel()) == ["small"]


# Several processes -----------------------------------------------------------------------------


def publish_many(folder, name, number):
    with connected(folder) as connection:
        publish(connection, *([name, n] for n in range(number)))


def take_many(folder, stop, taken):
    found = []
    with connected(folder) as connection:
        channel = connection.channel()
        while True:
            is_last = stop.is_set()
            if bodies := take(channel):
                found += bodies
            elif is_last:
                break
    taken.put(found)


def test_of_several_workers_exactly_one_gets_each_message_and_none_is_read_unwritten(folder):
    spawn = multiprocessing.get_context("fork")
    stop, taken = spawn.Event(), spawn.Queue()
    workers = [spawn.Process(target=take_many, args=[folder, stop, taken]) for _n in range(3)]
    writers = [spawn.Process(target=publish_many, args=[folder, n, 400]) for n in range(2)]
    for process in workers + writers:
        process.start()
    for process in writers:
        process.join()
    stop.set()
    found = sorted(body for _worker in workers for body in taken.get(timeout=30))
    for process in workers:
        process.join()
    assert found == [[name, number] for name in range(2) for number in range(400)]
    assert files_in(folder / "unreadable") == []


def test_nothing_stands_in_the_folder_but_what_waits(broker, folder):
    """There is no remote control of workers here, so no table of bindings and no answers that pile up."""
    assert broker.supports_exchange_type("fanout") is False
    queue = Queue("work")(broker.channel())
    queue.declare()
    publish(broker, "good")
    assert files_in(folder) == ["queue", "unreadable", "unwritten"]
