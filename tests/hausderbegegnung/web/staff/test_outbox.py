import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import override

from bookings.access.tokens import status_path
from hausderbegegnung.models import User
from hausderbegegnung.web.staff import outbox
from notifications.models import Fault, Message, MessageState
from notifications.outbox.delivery import deliver
from notifications.outbox.failing_addresses import note_failure
from notifications.outbox.retention import erase_old_mails
from notifications.wording.catalogue import KINDS
from tests.factories import NOW, berlin, make_house, make_staff, make_user
from tests.notifications.scenes import Scene, make_login_code, make_notice, message_about

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff_client() -> Client:
    make_house()
    client = Client()
    client.force_login(make_staff())
    return client


def failed(message: Message) -> Message:
    Message.objects.filter(pk=message.pk).update(state="failed", last_error="550 No such person")
    message.refresh_from_db()
    return message


@pytest.mark.parametrize("name", ["outbox", "message", "message_html", "resend_message"])
def test_only_staff_see_the_outbox(name):
    scene = Scene()
    message = failed(message_about(scene.request(), "receipt"))
    address = reverse(name, args=[] if name == "outbox" else [message.pk])

    def answer(person: User | None) -> int:
        client = Client()
        if person:
            client.force_login(person)
        return (client.post if name == "resend_message" else client.get)(address).status_code

    stranger, applicant = make_user(), scene.person
    assert (answer(None), answer(stranger), answer(applicant)) == (302, 403, 403)
    assert answer(scene.staff) in {200, 400}


def listed(client: Client, query: str = "") -> list[int]:
    """The messages the page lists, by id."""
    return listed_at(client.get(reverse("outbox") + query).content.decode())


def listed_at(page: str) -> list[int]:
    """The messages a page leads to, by id."""
    return [int(pk) for pk in re.findall(r'href="/postausgang/(\d+)/"', page)]


def test_the_list_is_newest_first_and_filters_by_words_result_kind_and_day(staff_client):
    scene = Scene()
    receipt = message_about(booking := scene.request(), "receipt")
    to_staff = message_about(booking, "staff_new_request")
    bounced = failed(make_notice(now=NOW + timedelta(hours=1), recipient="ruth@example.org"))
    all_of_them = [bounced.pk, to_staff.pk, receipt.pk]

    assert listed(staff_client) == all_of_them
    assert listed(staff_client, "?status=failed") == [bounced.pk]
    assert listed(staff_client, "?kind=receipt") == [receipt.pk]
    assert listed(staff_client, f"?q={booking.reference}") == [to_staff.pk, receipt.pk]
    assert listed(staff_client, "?q=ruth") == [bounced.pk]
    assert listed(staff_client, "?day=01.03.2027") == all_of_them
    assert listed(staff_client, "?day=2.3.27") == []
    assert listed(staff_client, f"?q={booking.reference}&kind=staff_new_request&day=1.3.2027") == [
        to_staff.pk
    ]
    assert listed(staff_client, "?seite=99") == all_of_them


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_kinds_to_choose_from_are_named_in_the_language_of_the_reader(staff_client, language):
    staff_client.cookies["django_language"] = language
    page = staff_client.get("/postausgang/").content.decode()
    with override(language):
        labels = [capfirst(kind.label) for kind in KINDS.values()]
    choices = re.search(r'<select name="kind".*?</select>', page, re.DOTALL)
    assert choices is not None
    assert [unescape(text) for text in re.findall(r"<option[^>]*>([^<]*)<", choices[0])][1:] == labels


def test_a_day_is_the_day_of_the_house_from_midnight_to_midnight(staff_client):
    midnight = berlin(date(2027, 3, 29), "00:00")
    first, last = make_notice(now=midnight), make_notice(now=midnight + timedelta(hours=24, seconds=-1))
    make_notice(now=midnight - timedelta(seconds=1))
    make_notice(now=midnight + timedelta(hours=24))
    assert listed(staff_client, "?day=29.03.2027") == [last.pk, first.pk]


@pytest.mark.parametrize("wrong", ["status=nonsense", "kind=nonsense", "day=30.02.2027", "day=1.1.0001"])
def test_what_is_entered_wrongly_is_told_at_its_field_and_does_not_filter(staff_client, wrong):
    message = make_notice(recipient="ruth@example.org")
    make_notice()
    page = staff_client.get(reverse("outbox") + f"?q=ruth&{wrong}").content.decode()
    assert 'aria-invalid="true"' in page
    assert listed(staff_client, f"?q=ruth&{wrong}") == [message.pk]


def test_pages_of_the_list_keep_the_filter(staff_client, monkeypatch):
    monkeypatch.setattr(outbox, "PAGE_SIZE", 2)
    messages = [make_notice(recipient="ruth@example.org") for _n in range(3)]
    make_notice()
    assert listed(staff_client, "?q=ruth&seite=2") == [messages[0].pk]
    page = staff_client.get(reverse("outbox") + "?q=ruth&seite=2").content.decode()
    assert 'href="?q=ruth&amp;seite=1"' in page


def test_the_list_says_how_many_mails_wait_for_somebody_to_mend_them(staff_client):
    sentence = "2 E-Mails konnten nicht gesendet werden."
    failed(make_notice(recipient="ruth@example.org"))
    failed(make_notice())
    failed(make_login_code())
    page = staff_client.get(reverse("outbox")).content.decode()
    assert sentence in page
    assert "550 No such person" in page
    assert sentence not in staff_client.get(reverse("outbox") + "?status=failed").content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_needs_the_same_queries_however_long(staff_client, number, django_assert_num_queries):
    scene = Scene()
    for _n in range(number):
        failed(message_about(scene.request(), "receipt"))
    staff_client.get(reverse("outbox"))
    with django_assert_num_queries(6):
        staff_client.get(reverse("outbox"))


@pytest.mark.parametrize("folder", ["/srv/mails", None])
def test_staff_are_told_where_mails_are_when_none_is_sent(staff_client, settings, folder):
    settings.EMAIL_FILE_PATH = folder
    page = staff_client.get(reverse("outbox")).content.decode()
    assert ("/srv/mails" in page) is (folder is not None)


def test_a_sent_message_is_shown_as_it_was_sent(staff_client, smtp_server):
    booking = Scene().request()
    message = message_about(booking, "receipt")
    deliver(message_id=message.pk, now=NOW)
    Message.objects.filter(pk=message.pk).update(
        body="Was gesendet wurde.", html="<p>Was gesendet wurde.</p>"
    )

    assert "Was gesendet wurde." in staff_client.get(reverse("message", args=[message.pk])).content.decode()
    frame = staff_client.get(reverse("message_html", args=[message.pk]))
    assert frame.content == b"<p>Was gesendet wurde.</p>"


def test_the_frame_may_style_and_nothing_else(staff_client):
    message = message_about(Scene().request(), "receipt")
    frame = staff_client.get(reverse("message_html", args=[message.pk]))
    page = staff_client.get(reverse("message", args=[message.pk]))
    assert frame["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
    )
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert "unsafe" not in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"


def test_a_waiting_message_is_shown_as_it_will_be_without_its_secret(staff_client):
    message = make_login_code(code="K7P-4QX")
    page = staff_client.get(reverse("message", args=[message.pk])).content.decode()
    frame = staff_client.get(reverse("message_html", args=[message.pk])).content.decode()
    assert "••••••" in page
    assert "K7P-4QX" not in page + frame


def test_a_message_that_cannot_be_rendered_is_told_and_not_an_error(staff_client):
    message = failed(make_notice(kind="approval", facts={"reference": ""}))
    page = staff_client.get(reverse("message", args=[message.pk]))
    assert (page.status_code, b"550 No such person" in page.content) == (200, True)
    assert staff_client.get(reverse("message_html", args=[message.pk])).content == b""


def test_a_failed_message_is_sent_again_to_the_mended_address(staff_client):
    message = failed(make_notice(recipient="marai@example.org"))
    answer = staff_client.post(
        reverse("resend_message", args=[message.pk]), {"recipient": "maria@example.org"}
    )
    message.refresh_from_db()
    assert answer.url == reverse("message", args=[message.pk])
    assert (message.state, message.recipient) == ("pending", "maria@example.org")


def test_staff_read_in_words_why_a_mail_failed_and_that_others_did_too(staff_client):
    message = failed(make_notice())
    Message.objects.filter(pk=message.pk).update(fault=Fault.ADDRESS, takeovers=1)
    for _number in range(2):
        note_failure(message.recipient, fault=Fault.ADDRESS, error="550", now=NOW)
    page = staff_client.get(reverse("message", args=[message.pk])).content.decode()
    for sentence in [
        "Der Mailserver nimmt diese Adresse nicht an.",
        "550 No such person",
        "deshalb kann die E-Mail mehrfach angekommen sein.",
        "Die letzten E-Mails an diese Adresse kamen nicht durch.",
    ]:
        assert sentence in page


def test_a_bundled_message_leads_to_the_mail_that_told_it(staff_client):
    told_in, message = make_notice(), make_notice()
    Message.objects.filter(pk=message.pk).update(state="bundled", bundled_into=told_in)
    page = staff_client.get(reverse("message", args=[message.pk])).content.decode()
    assert f'href="{reverse("message", args=[told_in.pk])}"' in page
    assert "in anderer E-Mail enthalten" in page
    assert "noch nicht gesendet" not in page


@pytest.mark.parametrize("address", ["", "kein-at", "maria@example.org\nBcc: alle@example.org"])
def test_an_address_that_is_none_is_refused_in_the_form(staff_client, address):
    message = failed(make_notice(recipient="marai@example.org"))
    answer = staff_client.post(reverse("resend_message", args=[message.pk]), {"recipient": address})
    message.refresh_from_db()
    assert (answer.status_code, message.state, message.recipient) == (400, "failed", "marai@example.org")


@pytest.mark.parametrize("make", [make_notice, lambda: failed(make_login_code())])
def test_what_waits_or_was_secret_is_not_sent_again(staff_client, make):
    message = make()
    state = message.state
    staff_client.post(reverse("resend_message", args=[message.pk]), {"recipient": "maria@example.org"})
    message.refresh_from_db()
    assert (message.state, Message.objects.count()) == (state, 1)


def test_an_erased_message_says_why_there_is_no_text_and_no_sending_again(
    staff_client, smtp_server, settings
):
    settings.MAIL_RETENTION_DAYS = 30
    message = message_about(Scene().request(), "receipt")
    deliver(message_id=message.pk, now=NOW)
    erase_old_mails(now=NOW + timedelta(days=31))

    page = staff_client.get(reverse("message", args=[message.pk])).content.decode()
    assert "Der Text wurde am Do.,\xa001.04.2027 gelöscht" in page
    assert "30 Tage" in page
    assert "erneut-senden" not in page
    assert "iframe" not in page
    assert staff_client.get(reverse("message_html", args=[message.pk])).content == b""
    refused = staff_client.post(
        reverse("resend_message", args=[message.pk]), {"recipient": "maria@example.org"}, follow=True
    )
    assert "Diese E-Mail kann nicht erneut gesendet werden." in refused.content.decode()
    assert Message.objects.filter(kind="receipt").count() == 1


def test_a_recipient_who_is_erased_is_told_as_that(staff_client):
    message = failed(make_notice(recipient="ruth@example.org"))
    erase_old_mails(now=NOW + timedelta(days=91))
    for address in [reverse("outbox"), reverse("message", args=[message.pk])]:
        page = staff_client.get(address).content.decode()
        assert "gelöscht" in page
        assert "ruth" not in page


def test_staff_see_at_the_booking_what_was_sent_about_it(staff_client, smtp_server):
    scene = Scene()
    booking = scene.request()
    to_staff = message_about(booking, "staff_new_request")
    deliver(message_id=to_staff.pk, now=NOW)
    scene.request()
    page = staff_client.get(reverse("decide", args=[booking.reference])).content.decode()
    assert listed_at(page) == [to_staff.pk, message_about(booking, "receipt").pk]
    assert "badge--sent" in page
    assert "konnte nicht gesendet werden" not in page


def test_a_mail_that_could_not_be_sent_stands_on_top_of_the_booking(staff_client):
    booking = Scene().request()
    receipt = failed(message_about(booking, "receipt"))
    page = staff_client.get(reverse("decide", args=[booking.reference])).content.decode()
    notice = page.index("Die E-Mail „Eingangsbestätigung“ an maria@example.org konnte nicht gesendet werden.")
    assert notice < page.index("E-Mails zu dieser Buchung")
    assert listed_at(page) == [receipt.pk, receipt.pk, message_about(booking, "staff_new_request").pk]

    erase_old_mails(now=NOW + timedelta(days=91))
    page = staff_client.get(reverse("decide", args=[booking.reference])).content.decode()
    assert "konnte nicht gesendet werden" not in page


def test_applicants_do_not_see_mails_to_others(client):
    scene = Scene()
    booking = scene.request()
    client.force_login(scene.person)
    page = client.get(reverse("booking_status", args=[booking.reference])).content.decode()
    assert "postausgang" not in page
    assert "haus@example.org" not in page.split("<footer")[0]


def test_looking_sends_nothing(staff_client):
    message = failed(make_notice())
    opened = staff_client.get(reverse("resend_message", args=[message.pk]))
    assert (opened.status_code, opened["Location"]) == (302, reverse("message", args=[message.pk]))
    message.refresh_from_db()
    assert message.state == MessageState.FAILED


def test_pages_look_right_to_axe_and_to_the_policy(new_page, axe_findings, settings, smtp_server):
    """Chromium opens the pages at 360 px and wide, without a finding; and it shows the mail in its frame."""
    scene = Scene()
    erased, message = (message_about(scene.request(), "receipt") for _n in range(2))
    for one in [erased, message]:
        deliver(message_id=one.pk, now=NOW)
    Message.objects.filter(pk=erased.pk).update(erased_at=NOW, recipient="", body="", html="")
    failed(message_about(erased.booking, "staff_new_request"))
    scene.approve(message.booking)
    client = Client()
    client.force_login(scene.staff)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    for width in [360, 1200]:
        page = new_page(viewport={"width": width, "height": 900})
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "domain": "localhost", "path": "/"}]
        )
        for address in [
            reverse("outbox"),
            reverse("outbox") + "?status=nonsense&day=99",
            reverse("message", args=[erased.pk]),
            reverse("decide", args=[erased.booking.reference]),
            status_path(message.booking),
            reverse("message", args=[message.pk]),
        ]:
            page.goto(address)
            assert axe_findings(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.frame_locator("iframe").locator("h1").inner_text() != ""


def test_kinds_of_mail_begin_with_a_capital(staff_client):
    scene = Scene()
    booking = scene.approve(scene.request())
    scene.add(booking, 27)
    page = staff_client.get(reverse("outbox")).content.decode()
    offered = re.findall(r'<option value="([a-z_]+)"[^>]*>([^<]+)', page)
    named = re.findall(r'href="/postausgang/\d+/">([^<]+)', page)
    assert "Weitere Termine angefragt" in named
    labels = [*named, *(label for kind, label in offered if kind in KINDS)]
    assert [label for label in labels if not label[0].isupper()] == []
