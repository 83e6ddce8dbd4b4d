import email
import email.policy
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import connection

from bookings.access.tokens import status_path, status_token
from notifications.models import Fault, Message
from notifications.outbox import delivery
from notifications.outbox.delivery import MOST_TAKEOVERS, deliver, free_stuck, retry_delay
from notifications.outbox.mail_server import MailServerAwayError
from notifications.wording.rendering import HIDDEN
from tests.factories import NOW
from tests.mail_server import Postbox
from tests.notifications.scenes import Scene, make_login_code, make_notice, message_about

pytestmark = pytest.mark.django_db


def delivered(message: Message, *, now=NOW) -> Message:
    """Deliver the message and return what the database says of it."""
    deliver(message_id=message.pk, now=now)
    message.refresh_from_db()
    return message


def mail_in(postbox: Postbox) -> EmailMessage:
    """The only mail the server took, as a mail program reads it."""
    (envelope,) = postbox.envelopes
    return email.message_from_bytes(envelope.content, policy=email.policy.default)


# What the mail server gets ----------------------------------------------------------------------


def test_an_approval_is_a_mail_with_both_texts_and_a_calendar_file(smtp_server, settings):
    settings.DEFAULT_FROM_EMAIL = "Haus der Begegnung <haus@example.org>"
    scene = Scene(name="Haus am Park, Kaster")
    booking = scene.request()
    scene.approve(booking)

    message = delivered(message_about(booking, "approval"), now=NOW + timedelta(hours=2))

    mail = mail_in(smtp_server)
    assert (message.state, message.attempts, message.last_error) == ("sent", 1, "")
    assert message.sent_at == NOW + timedelta(hours=2)
    assert smtp_server.envelopes[0].rcpt_tos == ["maria@example.org"]
    assert mail["From"] == "Haus der Begegnung <haus@example.org>"
    assert mail["To"] == "maria@example.org"
    assert mail["Reply-To"] == '"Haus am Park, Kaster" <haus@example.org>'
    assert mail["Message-ID"] == message.message_id
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Subject"] == message.subject
    text, html, calendar = [part for part in mail.walk() if not part.is_multipart()]
    assert text.get_content_type() == "text/plain"
    token = status_token(booking)
    assert token in text.get_content()
    assert text.get_content().replace("\r\n", "\n").replace(token, HIDDEN) == message.body
    assert html.get_content_type() == "text/html"
    assert html.get_content().replace("\r\n", "\n").replace(token, HIDDEN) == message.html
    assert (calendar.get_content_type(), calendar.get_param("method")) == ("text/calendar", "REQUEST")
    assert calendar.get_filename() == "HdB-2027-0001.ics"
    assert calendar.get_content().startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")


def test_a_receipt_carries_no_attachment(smtp_server):
    booking = Scene().request()
    delivered(message_about(booking, "receipt"))
    parts = [part.get_content_type() for part in mail_in(smtp_server).walk()]
    assert parts == ["multipart/alternative", "text/plain", "text/html"]


def test_an_address_with_umlauts_in_its_domain_is_sent_to(smtp_server):
    assert delivered(make_notice(recipient="maria@bücher.example")).state == "sent"
    assert smtp_server.envelopes[0].rcpt_tos == ["maria@xn--bcher-kva.example"]


def test_line_breaks_in_what_people_entered_forge_no_header(smtp_server):
    booking = Scene().request(title="Kaffee\r\nBcc: alle@example.org")
    assert delivered(message_about(booking, "staff_new_request")).state == "sent"
    assert mail_in(smtp_server)["Bcc"] is None


# Secrets ---------------------------------------------------------------------------------------


def test_a_login_code_is_in_the_mail_and_nowhere_afterwards(smtp_server):
    message = delivered(make_login_code(code="K7P-4QX"))
    assert "K7P-4QX" in mail_in(smtp_server).get_body(("plain",)).get_content()
    kept = f"{message.facts}{message.subject}{message.body}{message.html}"
    assert message.state == "sent"
    assert "K7P-4QX" not in kept
    assert "••••••" in message.body


def test_a_login_code_that_comes_too_late_is_not_sent(smtp_server):
    message = delivered(make_login_code(), now=NOW + timedelta(minutes=16))
    assert (message.state, message.facts["code"], smtp_server.envelopes) == ("failed", "", [])


def test_a_copy_of_the_database_opens_no_booking(smtp_server):
    booking = Scene().request()
    message = delivered(message_about(booking, "receipt"))
    token = status_token(booking)
    assert token in mail_in(smtp_server).get_body(("plain",)).get_content()
    assert token not in f"{message.facts}{message.body}{message.html}"


# Refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["451 Try again later", "421 Too many connections"])
def test_a_transient_answer_puts_the_message_back_for_later(smtp_server, answer):
    smtp_server.answer = answer
    message = delivered(make_notice())
    assert (message.state, message.attempts, message.last_error) == ("pending", 1, answer)
    assert (message.fault, message.takeovers) == ("busy", 0)
    assert timedelta(seconds=48) <= message.not_before - NOW <= timedelta(seconds=72)

    smtp_server.answer = "250 OK"
    assert delivered(message).state == "pending"
    message = delivered(message, now=NOW + timedelta(minutes=2))
    assert (message.state, message.attempts, message.last_error, message.fault) == ("sent", 2, "", "")


def test_a_permanent_answer_is_kept_for_staff(smtp_server):
    smtp_server.answer = "554 Spam"
    message = delivered(make_notice())
    assert (message.state, message.fault, message.last_error) == ("failed", "refused", "554 Spam")


@pytest.mark.parametrize("code", [451, 554])
def test_a_link_that_the_server_quotes_is_not_kept(smtp_server, code):
    booking = Scene().request()
    smtp_server.answer = (
        f"{code} Listed link: {settings.SITE_URL}{status_path(booking)} {status_token(booking)}"
    )
    message = delivered(message_about(booking, "receipt"))
    assert message.last_error == f"{code} Listed link: {settings.SITE_URL}/… …"


def refuse_at(command: str, answer: str, postbox: Postbox) -> None:
    """Let the server answer one command of SMTP so."""

    async def refuse(*arguments: object) -> str:
        return answer

    setattr(postbox, f"handle_{command}", refuse)


@pytest.mark.parametrize(
    ("answer", "state", "fault"),
    [("550 No such person", "failed", "address"), ("450 Mailbox is full", "pending", "busy")],
)
def test_a_refused_recipient_is_final_or_not_as_the_server_says(smtp_server, answer, state, fault):
    refuse_at("RCPT", answer, smtp_server)
    message = delivered(make_notice())
    assert (message.state, message.fault, message.last_error) == (state, fault, answer)


def test_a_server_that_wants_no_mail_of_this_house_only_delays(smtp_server):
    refuse_at("MAIL", "550 Not from you", smtp_server)
    message = delivered(make_notice())
    assert (message.state, message.fault, message.last_error) == ("pending", "away", "550 Not from you")


def test_a_server_that_refuses_every_greeting_only_delays(settings):
    def refuse_everything() -> None:
        caller = listener.accept()[0]
        with caller, caller.makefile("rw") as lines:
            for answer in ["220 Hello", "550 No", "550 No", "221 Bye"]:
                lines.write(f"{answer}\r\n")
                lines.flush()
                lines.readline()

    settings.EMAIL_BACKEND = "notifications.outbox.mail_server.EmailBackend"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.EMAIL_HOST, settings.EMAIL_PORT = listener.getsockname()
        thread = threading.Thread(target=refuse_everything)
        thread.start()
        message = delivered(make_notice())
        thread.join()
    assert (message.state, message.fault, message.last_error) == ("pending", "away", "550 No")


def test_what_the_server_says_of_a_recipient_stays_out_of_the_log(smtp_server, caplog):
    for answer in ["450 <maria@example.org> is full", "550 <maria@example.org> is unknown"]:
        refuse_at("RCPT", answer, smtp_server)
        assert delivered(make_notice()).last_error == answer
    assert [record.getMessage()[-10:] for record in caplog.records] == ["er (busy).", "(address)."]
    assert "maria" not in caplog.text


def test_a_mail_server_that_is_away_only_delays(settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = probe.getsockname()
    settings.EMAIL_BACKEND = "notifications.outbox.mail_server.EmailBackend"
    message = delivered(make_notice())
    assert (message.state, message.fault, message.takeovers) == ("pending", "away", 0)
    assert message.last_error.startswith("ConnectionRefusedError")


def test_a_mail_server_that_hangs_only_delays(settings):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_BACKEND = "notifications.outbox.mail_server.EmailBackend"
        settings.EMAIL_TIMEOUT = 0.3
        message = delivered(make_notice())
    assert (message.state, message.last_error) == (
        "pending",
        "SMTPServerDisconnected: Connection unexpectedly closed: timed out",
    )


def test_a_refused_login_to_the_mail_server_only_delays(smtp_server, settings):
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = "wrong"
    assert delivered(make_notice()).state == "pending"


def test_after_three_days_of_trying_the_message_is_given_up(smtp_server):
    smtp_server.answer = "451 Try again later"
    message, now = make_notice(), NOW
    while message.state == "pending":
        message = delivered(message, now=now)
        now = max(now, message.not_before)
    assert (message.state, message.fault) == ("failed", "busy")
    assert message.last_error == f"Given up after {message.attempts} attempts: 451 Try again later"
    assert timedelta(days=3) <= now - NOW < timedelta(days=3, hours=2)


def test_a_mail_server_that_is_away_for_a_day_loses_nothing(smtp_server):
    refuse_at("MAIL", "550 Not from you", smtp_server)
    message, now = make_notice(), NOW
    while now < NOW + timedelta(days=1):
        message = delivered(message, now=now)
        now = message.not_before
    assert (message.state, message.failing_since) == ("pending", NOW)
    del smtp_server.handle_MAIL
    message = delivered(message, now=now)
    assert (message.state, message.failing_since, len(smtp_server.envelopes)) == ("sent", None, 1)
    assert now < NOW + timedelta(days=1, minutes=6)


@pytest.mark.parametrize(
    ("attempts", "fault", "minutes"),
    [(1, "busy", 1), (3, "busy", 4), (50, "busy", 60), (1, "away", 1), (3, "away", 4), (50, "away", 5)],
)
def test_the_delays_double_up_to_an_hour_or_a_few_minutes(attempts, fault, minutes):
    delay = retry_delay(Message(attempts=attempts), MailServerAwayError("", Fault(fault)))
    assert timedelta(minutes=minutes) * 0.8 <= delay <= timedelta(minutes=minutes) * 1.2


@pytest.mark.parametrize(
    ("fields", "fault", "reason"),
    [
        ({"kind": "unheard_of"}, "text", "There is no kind of mail called 'unheard_of'."),
        ({"recipient": ""}, "address", "There is no address."),
        (
            {"kind": "approval", "facts": {"reference": "HdB-1"}},
            "text",
            "The text could not be made: KeyError: 'dates'",
        ),
    ],
)
def test_what_can_never_be_sent_is_kept_with_the_reason(smtp_server, fields, fault, reason):
    message = delivered(make_notice(**fields))
    assert (message.state, message.fault, message.last_error) == ("failed", fault, reason)
    assert smtp_server.envelopes == []


def test_a_recipient_with_a_line_break_is_refused(smtp_server):
    message = delivered(make_notice(recipient="maria@example.org\nBcc: alle@example.org"))
    assert message.state == "failed"
    assert smtp_server.envelopes == []


# In doubt --------------------------------------------------------------------------------------


def break_off_after_the_text(postbox: Postbox) -> None:
    """Let the server take every mail and hang up without a word."""

    async def hang_up(server: SMTP, session: Session, envelope: Envelope) -> str:
        postbox.envelopes.append(envelope)
        server.transport.close()
        return "250 OK"

    postbox.handle_DATA = hang_up


def test_a_line_that_breaks_after_the_text_is_counted_and_the_mail_keeps_its_message_id(smtp_server):
    taken = smtp_server.handle_DATA
    break_off_after_the_text(smtp_server)
    message = delivered(make_notice())
    assert (message.state, message.fault, message.takeovers) == ("pending", "away", 1)

    smtp_server.handle_DATA = taken
    message = delivered(message, now=NOW + timedelta(minutes=2))
    assert (message.state, message.takeovers) == ("sent", 1)
    ids = {email.message_from_bytes(envelope.content)["Message-ID"] for envelope in smtp_server.envelopes}
    assert (len(smtp_server.envelopes), ids) == (2, {message.message_id})


def test_a_server_that_always_breaks_off_gets_few_copies_and_more_than_a_day(smtp_server):
    break_off_after_the_text(smtp_server)
    message, now = make_notice(), NOW
    while message.state == "pending":
        message = delivered(message, now=now)
        now = max(now, message.not_before)
    assert (message.state, message.fault) == ("failed", "crash")
    assert len(smtp_server.envelopes) == MOST_TAKEOVERS + 1
    assert timedelta(days=1) < now - NOW < timedelta(days=2)


# At most one worker, at least one mail ----------------------------------------------------------


def test_a_message_that_is_not_due_or_is_out_is_left_alone(smtp_server):
    later = make_notice(not_before=NOW + timedelta(hours=1))
    assert delivered(later).state == "pending"
    sent = delivered(make_notice())
    deliver(message_id=sent.pk, now=NOW)
    deliver(message_id=987654321, now=NOW)
    assert len(smtp_server.envelopes) == 1


def at_once(work: Callable[[], None], times: int) -> None:
    """Run `work` in that many threads that start together, each with its own connection."""
    barrier = threading.Barrier(times)

    def run() -> None:
        barrier.wait()
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _n in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_workers_that_race_for_one_message_send_it_once(smtp_server):
    message = make_notice()
    at_once(lambda: deliver(message_id=message.pk, now=NOW), times=8)
    message.refresh_from_db()
    assert (message.state, message.attempts, len(smtp_server.envelopes)) == ("sent", 1, 1)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_the_claim_they_would_send_it_many_times(smtp_server, monkeypatch):
    """The control: looking before sending is not enough."""
    message = make_notice()
    all_have_looked = threading.Barrier(4)

    def look_only(*, message_id, now):
        found = Message.objects.filter(pk=message_id, state="pending").first()
        all_have_looked.wait()
        return found

    monkeypatch.setattr(delivery, "claim", look_only)
    at_once(lambda: deliver(message_id=message.pk, now=NOW), times=4)
    assert len(smtp_server.envelopes) == 4


def test_a_message_whose_worker_died_is_sent_again_under_its_message_id_and_counted(smtp_server):
    message = make_notice()
    delivery.claim(message_id=message.pk, now=NOW)

    assert free_stuck(now=NOW + settings.MAIL_STUCK_AFTER) == 0
    later = NOW + settings.MAIL_STUCK_AFTER + timedelta(seconds=1)
    assert free_stuck(now=later) == 1

    again = delivered(message, now=later)
    assert (again.state, again.attempts, again.takeovers) == ("sent", 2, 1)
    assert mail_in(smtp_server)["Message-ID"] == message.message_id


def test_a_message_that_kills_workers_again_and_again_is_given_up():
    message = make_notice()
    delivery.claim(message_id=message.pk, now=NOW)
    Message.objects.filter(pk=message.pk).update(takeovers=MOST_TAKEOVERS)
    assert free_stuck(now=NOW + timedelta(hours=1)) == 0
    message.refresh_from_db()
    assert (message.state, message.fault) == ("failed", "crash")
    assert message.last_error == "Workers died again and again while sending it."


def test_a_code_whose_mail_is_given_up_does_not_stay():
    message = make_login_code(code="K7P-4QX")
    delivery.claim(message_id=message.pk, now=NOW)
    Message.objects.filter(pk=message.pk).update(takeovers=MOST_TAKEOVERS)
    free_stuck(now=NOW + timedelta(hours=1))
    message.refresh_from_db()
    assert (message.state, message.facts["code"]) == ("failed", "")


def test_a_worker_that_was_taken_for_dead_does_not_overwrite_the_result(smtp_server):
    message = make_notice()
    slow = delivery.claim(message_id=message.pk, now=NOW)
    later = NOW + timedelta(hours=1)
    free_stuck(now=later)
    delivered(message, now=later)

    delivery._put_back(slow, MailServerAwayError("too slow"), now=later)

    message.refresh_from_db()
    assert (message.state, message.last_error) == ("sent", "")
