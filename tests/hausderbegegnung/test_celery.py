"""How tasks are carried and done: their queues, their limits, and planned work once in its time."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from celery import current_app
from celery.signals import after_task_publish
from django.conf import settings

from hausderbegegnung import celery
from hausderbegegnung.models import PlannedWork
from hausderbegegnung.operations.heartbeat import BEAT, WORKER, last_beat

NOW = datetime(2027, 4, 20, 14, 0, tzinfo=UTC)


@pytest.fixture
def planned_task():
    """A planned task of its own that counts how often it does its work."""
    done = []

    @celery.app.task(name="tests.planned", once_in=timedelta(hours=1), shared=False)
    def work(result="done"):
        done.append(result)
        if result == "failed":
            raise RuntimeError
        return result

    yield work, done
    celery.app.tasks.pop("tests.planned")


def ask(task, *arguments, minutes=0):
    """Have a worker do the task so many minutes after NOW."""
    with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
        return task.apply(args=arguments)


@pytest.mark.django_db
def test_a_worker_that_does_what_beat_asked_for_lives(planned_task):
    task, _done = planned_task
    assert last_beat(WORKER, now=NOW) is None
    for minutes in [0, 1]:
        ask(task, minutes=minutes)
        assert last_beat(WORKER, now=NOW + timedelta(minutes=minutes)) == NOW + timedelta(minutes=minutes)


@pytest.mark.django_db
def test_planned_work_is_done_once_however_many_beats_ask(planned_task):
    task, done = planned_task
    for minutes in [0, 1, 59, 60]:
        ask(task, minutes, minutes=minutes)
    assert done == [0, 60]


@pytest.mark.django_db
def test_planned_work_that_failed_is_done_when_asked_again(planned_task):
    task, done = planned_task
    assert ask(task, "failed").failed()
    assert ask(task, "again", minutes=1).successful()
    assert done == ["failed", "again"]


@pytest.mark.django_db
def test_a_dead_worker_keeps_planned_work_no_longer_than_a_task_may_take(planned_task):
    task, done = planned_task
    PlannedWork.objects.create(name=task.name, claimed_at=NOW)
    limit = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT)
    for minutes in [1, limit / timedelta(minutes=1)]:
        ask(task, minutes, minutes=minutes)
    assert done == [5.5]


def test_a_task_that_is_called_directly_works_without_asking(planned_task):
    task, done = planned_task
    task()
    task()
    assert done == ["done", "done"]


@pytest.mark.django_db
def test_beat_lives_as_long_as_it_hands_something_over():
    later = NOW + timedelta(seconds=30)
    try:
        with time_machine.travel(NOW, tick=False):
            celery.watch_beat()
        assert last_beat(BEAT, now=NOW) == NOW
        with time_machine.travel(later, tick=False):
            after_task_publish.send(sender="notifications.sweep_outbox")
        assert last_beat(BEAT, now=later) == later
    finally:
        after_task_publish.disconnect(dispatch_uid="hausderbegegnung.note_beat")


def test_mails_have_a_queue_of_their_own():
    def queue_of(name):
        return current_app.amqp.router.route({}, name)["queue"].name

    current_app.loader.import_default_modules()
    queues = {name: queue_of(name) for name in current_app.tasks if not name.startswith("celery.")}
    assert {name for name, queue in queues.items() if queue == "mail"} == {
        "notifications.send_message",
        "notifications.send_waiting",
    }
    assert set(queues.values()) == set(settings.CELERY_TASK_QUEUES) == {"work", "mail"}


@pytest.mark.parametrize("name", ["notifications.send_message", "notifications.send_waiting"])
def test_no_task_outlives_the_claim_of_its_message(name):
    current_app.loader.import_default_modules()
    task = current_app.tasks[name]
    assert task.soft_time_limit < task.time_limit < settings.MAIL_STUCK_AFTER.total_seconds()
    # A connection that hangs gives up by itself before the worker loses patience.
    assert task.soft_time_limit > settings.EMAIL_TIMEOUT * 3
