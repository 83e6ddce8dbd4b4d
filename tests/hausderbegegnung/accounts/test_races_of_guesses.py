"""Guesses and orders for codes sent at once: first as allauth counts them, then as the house does."""

import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
import time_machine
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.test import Client

from hausderbegegnung.accounts.limits import GUESSES_OF_VISITOR, Attempt, TooOften
from hausderbegegnung.models import PendingCode
from notifications.models import Message
from tests.factories import NOW, make_user

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ADDRESS = "/konto/anmelden/"
CODE = "/konto/anmelden/code/"
THREADS = 12
Logged = pytest.LogCaptureFixture


def at_once(send: Callable[[threading.Barrier], Any]) -> list[Any]:
    """Return what `send` answers in each of the threads, which meet at a barrier of theirs."""
    barrier, answers = threading.Barrier(THREADS), []

    def run() -> None:
        try:
            answers.append(send(barrier))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture
def visitor() -> Client:
    """Somebody who has asked for a code to another person's address."""
    client = Client()
    with time_machine.travel(NOW, tick=False):
        client.post(ADDRESS, {"email": make_user("maria@example.org").email})
    return client


def with_session_of(client: Client) -> Client:
    other = Client()
    other.cookies.update(client.cookies)
    return other


def test_without_the_guard_guesses_sent_at_once_count_as_one() -> None:
    """The control: allauth's own process, on the session that all requests have read."""
    engine = import_module(settings.SESSION_ENGINE)
    user, session = make_user(), engine.SessionStore()
    request = HttpRequest()
    request.session = session
    login = Login(user=user, email=user.email)
    login.state["stages"] = {"current": LoginByCodeStage.key}
    stage = LoginByCodeStage(LoginStageController(request, login), request, login)
    stage.state.update(LoginCodeVerificationProcess.initial_state(user=user, email=user.email))
    LoginCodeVerificationProcess(stage).persist()
    session.save()

    def send(barrier: threading.Barrier) -> bool:
        request = HttpRequest()
        request.session = engine.SessionStore(session.session_key)
        process = LoginCodeVerificationProcess(LoginStageController.enter(request, LoginByCodeStage.key))
        barrier.wait()
        has_attempts_left = process.record_invalid_attempt()
        request.session.save()
        return has_attempts_left

    assert at_once(send) == [True] * THREADS


def test_of_guesses_sent_at_once_five_are_compared(visitor: Client, caplog: Logged) -> None:
    right = Message.objects.get().facts["code"]
    wrong = "000000" if right != "000000" else "111111"

    def send(barrier: threading.Barrier) -> None:
        client = with_session_of(visitor)
        barrier.wait()
        client.post(CODE, {"code": wrong})

    with time_machine.travel(NOW, tick=False):
        at_once(send)
        events = [record.getMessage().split()[0] for record in caplog.records if record.name == "security"]
        assert events.count("login_code_wrong") == PendingCode.objects.get().guesses == 5
        last = with_session_of(visitor)
        last.post(CODE, {"code": right})
        assert "_auth_user_id" not in last.session


def test_of_codes_ordered_again_at_once_two_are_sent_in_a_minute(visitor: Client) -> None:
    """Three in all: the first one, and what a minute has left."""

    def send(barrier: threading.Barrier) -> None:
        client = with_session_of(visitor)
        barrier.wait()
        client.post(CODE, {"action": "resend"})

    with time_machine.travel(NOW, tick=False):
        at_once(send)
    assert (Message.objects.count(), PendingCode.objects.get().resends) == (3, 2)


def test_what_a_visitor_may_try_is_counted_once_for_each_try() -> None:
    def send(barrier: threading.Barrier) -> int:
        attempt, tried = Attempt("place", "maria@example.org", is_known=False), 0
        barrier.wait()
        for _time in range(4):
            try:
                attempt.count_guess(now=NOW)
            except TooOften:
                continue
            tried += 1
        return tried

    assert sum(at_once(send)) == GUESSES_OF_VISITOR.most
