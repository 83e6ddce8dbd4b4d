"""Planned work is done once in its time, whoever asks, and again if nobody finished it."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from hausderbegegnung.models import PlannedWork
from hausderbegegnung.operations.task_claims import claimed
from tests.factories import NOW

HOUR, LEASE = timedelta(hours=1), timedelta(minutes=5)


def is_done(minutes=0, **options):
    """Ask for the work so many minutes after NOW; return whether it was done."""
    with claimed("digest", once_in=HOUR, lease=LEASE, now=NOW + timedelta(minutes=minutes)) as is_mine:
        return is_mine


@pytest.mark.django_db
def test_work_is_done_once_in_its_time():
    assert [is_done(minutes) for minutes in [0, 0, 1, 59, 60, 61]] == [True, False, False, False, True, False]
    assert PlannedWork.objects.get().done_at == NOW + timedelta(hours=1)


@pytest.mark.django_db
def test_works_of_other_names_do_not_wait_for_each_other():
    assert is_done()
    with claimed("sweep", once_in=HOUR, lease=LEASE, now=NOW) as is_mine:
        assert is_mine


@pytest.mark.django_db
def test_work_that_failed_may_be_tried_at_once():
    with pytest.raises(RuntimeError), claimed("digest", once_in=HOUR, lease=LEASE, now=NOW):
        raise RuntimeError
    assert is_done(1)


@pytest.mark.django_db
def test_work_whose_worker_died_is_free_after_the_lease():
    PlannedWork.objects.create(name="digest", claimed_at=NOW)
    assert [is_done(minutes) for minutes in [4, 5]] == [False, True]


@pytest.mark.django_db
def test_a_worker_that_was_taken_for_dead_does_not_end_the_claim_of_another():
    with claimed("digest", once_in=HOUR, lease=LEASE, now=NOW):
        PlannedWork.objects.update(claimed_at=NOW + LEASE)
    work = PlannedWork.objects.get()
    assert (work.claimed_at, work.done_at) == (NOW + LEASE, None)


@pytest.mark.django_db
def test_a_clock_that_was_wrong_stops_nothing_for_ever():
    PlannedWork.objects.create(name="digest", done_at=NOW + timedelta(days=400))
    assert is_done()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_workers_that_ask_at_the_same_moment_one_does_the_work():
    barrier, won = threading.Barrier(6), []

    def ask():
        barrier.wait()
        try:
            with claimed("digest", once_in=HOUR, lease=LEASE, now=NOW) as is_mine:
                won.append(is_mine)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 5 + [True]
