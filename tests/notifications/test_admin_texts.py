"""The pages on which staff word mails anew."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from notifications.models import MailText, Message
from notifications.text_editor import find_text
from notifications.wording.catalogue import KINDS
from tests.factories import NOW, make_house, make_staff, make_user
from tests.notifications.scenes import Scene
from tests.rooms.test_admin import KNOWN_AXE_FINDINGS

pytestmark = pytest.mark.django_db
LIST = "/admin/notifications/mailtext/"


@pytest.fixture
def staff_client() -> Client:
    client = Client()
    client.force_login(make_staff(email="verwaltung@example.org"))
    return client


def address(house, kind: str = "approval", language: str = "de") -> str:
    return reverse("admin:mail_text", args=[house.pk, kind, language])


def default(house, kind: str = "approval", language: str = "de") -> dict[str, str]:
    text = find_text(house=house, kind=kind, language=language, now=NOW)
    assert text is not None
    return text.default


def post(client: Client, house, button: str, **words: str):
    return client.post(address(house), {**default(house), **words, button: ""})


def test_only_staff_word_mails_anew():
    house = make_house()
    for person, expected in [(None, 302), (make_user(), 302), (make_staff(), 200)]:
        client = Client()
        if person:
            client.force_login(person)
        assert client.get(LIST).status_code == expected
        assert client.get(address(house)).status_code == expected
        refused = client.post(address(house), {**default(house), "intro": "Hallo!", "save": ""})
        assert refused.status_code == 302
    # The one who may was the last.
    assert MailText.objects.count() == 1


def test_the_list_leads_to_every_text_and_every_text_opens(staff_client):
    house = make_house()
    links = re.findall(rf'href="({LIST}\d+/\w+/\w+/)"', staff_client.get(LIST).content.decode())
    assert links == [address(house, kind, language) for kind in KINDS for language in ["de", "en"]]
    for link in links:
        page = staff_client.get(link)
        assert (page.status_code, page.context["form"].errors) == (200, {}), link
        assert page.context["preview"].text, link


def test_the_list_says_which_texts_are_ours(staff_client):
    house = make_house()
    MailText.objects.create(house=house, kind="receipt", language="de", words={"intro": "{{ gone }}"})
    MailText.objects.create(house=house, kind="receipt", language="en", words={"intro": "Hi."})
    words = " ".join(re.sub(r"<[^>]+>", " ", staff_client.get(LIST).content.decode()).split())
    assert (
        "Eingangsbestätigung Deutsch eigener Text, nicht verwendbar English eigener Text "
        "Eingangsbestätigung einer Änderung Deutsch Standardtext English Standardtext"
    ) in words


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_number_of_queries_however_many_texts_are_own(
    staff_client, django_assert_num_queries, number
):
    house = make_house()
    for kind in list(KINDS)[:number]:
        MailText.objects.create(house=house, kind=kind, language="de", words={})
    with django_assert_num_queries(4):
        staff_client.get(LIST)


@pytest.mark.parametrize("wrong", ["9999/approval/de/", "{house}/postcard/de/", "{house}/approval/fr/"])
def test_what_is_no_text_is_not_found(staff_client, wrong):
    assert staff_client.get(LIST + wrong.format(house=make_house().pk)).status_code == 404


def test_rows_cannot_be_added_or_deleted_past_the_page(staff_client):
    text = MailText.objects.create(house=make_house(), kind="approval", language="de", words={"intro": "Hi."})
    opened = staff_client.get(reverse("admin:notifications_mailtext_change", args=[text.pk]))
    for key in ("x", text.pk + 1):
        unknown = reverse("admin:notifications_mailtext_change", args=[key])
        assert staff_client.get(unknown).status_code == 404
    assert opened["Location"] == address(text.house)
    assert staff_client.post(reverse("admin:notifications_mailtext_add"), {"kind": "x"}).status_code == 403
    delete = reverse("admin:notifications_mailtext_delete", args=[text.pk])
    assert staff_client.post(delete, {"post": "yes"}).status_code == 403
    sent = {"action": "delete_selected", "_selected_action": [text.pk], "post": "yes"}
    staff_client.post(LIST, sent)
    assert MailText.objects.count() == 1


def test_a_text_is_saved_and_used(staff_client):
    scene = Scene()
    answer = post(staff_client, scene.house, "save", closing="Erster\r\nAbsatz.\r\n\r\nZweiter.")
    assert (answer.status_code, answer["Location"]) == (302, address(scene.house))
    assert MailText.objects.get().words == {"closing": "Erster\nAbsatz.\n\nZweiter."}
    page = staff_client.get(address(scene.house))
    assert page.context["form"]["closing"].value() == "Erster\nAbsatz.\n\nZweiter."


@pytest.mark.parametrize("button", ["save", "preview", "test"])
@pytest.mark.parametrize(
    ("field", "words", "sentence"),
    [
        ("subject", "", "Dieses Feld ist zwingend erforderlich."),
        ("subject", "Zusage\r\nBcc: alle@example.org", "Bitte schreiben Sie dies in eine einzige Zeile."),
        ("subject", "x" * 151, "höchstens 150 Zeichen"),
        ("opening", "{{ Vorgangsnumer }}", "Meinen Sie {{ Vorgangsnummer }}?"),
        ("intro", "{% for date in dates %}", "„{% for date in dates %}“ ist nicht möglich"),
        ("closing", "{{ settings.SECRET_KEY }}", "„{{ settings.SECRET_KEY }}“ ist kein Platzhalter"),
    ],
)
def test_what_cannot_be_used_is_refused_where_the_person_looks(staff_client, button, field, words, sentence):
    answer = post(staff_client, make_house(), button, **{field: words})
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert sentence in " ".join(answer.context["form"].errors[field])
    assert answer.context["form"][field].value() == words
    assert (MailText.objects.count(), Message.objects.count()) == (0, 0)


def test_a_text_can_be_looked_at_before_it_is_saved(staff_client):
    scene = Scene()
    booking = scene.request(title="<b>Chor</b>")
    scene.approve(booking)
    answer = post(staff_client, scene.house, "preview", intro="Es geht um {{ Veranstaltung }}.")
    page = answer.content.decode()
    assert "Es geht um <b>Chor</b>." in answer.context["preview"].text
    assert "Es geht um &lt;b&gt;Chor&lt;/b&gt;." in answer.context["preview"].html
    # In the attribute of the frame all of it is escaped once more.
    assert 'srcdoc="&lt;!DOCTYPE html&gt;' in page
    assert "Es geht um &amp;lt;b&amp;gt;Chor" in page
    assert "<b>Chor" not in page
    assert f"der letzten E-Mail dieser Art, zu {booking.reference}" in page
    assert "Noch nicht gespeichert." in page
    assert not MailText.objects.exists()


def test_a_test_mail_goes_to_whoever_asks_for_it(staff_client):
    house = make_house()
    answer = post(staff_client, house, "test", intro="Nur ein Versuch.")
    message = Message.objects.get()
    assert (message.recipient, message.kind, message.booking) == ("verwaltung@example.org", "approval", None)
    assert reverse("message", args=[message.pk]) in answer.content.decode()
    assert answer.context["form"]["intro"].value() == "Nur ein Versuch."
    assert not MailText.objects.exists()


def test_the_default_comes_back_by_a_button(staff_client):
    house = make_house()
    MailText.objects.create(house=house, kind="approval", language="de", words={"intro": "{{ gone }}"})
    assert 'name="restore"' in staff_client.get(address(house)).content.decode()
    assert staff_client.post(address(house), {"restore": ""}).status_code == 302
    assert not MailText.objects.exists()
    assert 'name="restore"' not in staff_client.get(address(house)).content.decode()


def test_a_text_that_cannot_be_used_any_more_says_why_when_it_is_opened(staff_client):
    house = make_house()
    MailText.objects.create(house=house, kind="approval", language="de", words={"intro": "{{ gone }}"})
    page = staff_client.get(address(house))
    assert page.status_code == 200
    assert page.context["form"].errors == {"intro": ["„{{ gone }}“ ist kein Platzhalter dieser E-Mail."]}
    assert "geht der Standardtext hinaus" in page.content.decode()


def test_looking_changes_and_sends_nothing(staff_client):
    house = make_house()
    staff_client.get(address(house), {"save": "", "test": "", "restore": "", "intro": "Hallo!"})
    assert (MailText.objects.count(), Message.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_the_pages_work_in_the_browser_without_a_finding(page, live_server, staff_client, axe_findings):
    """That the policy of content is kept is watched by the fixture."""
    scene = Scene()
    scene.approve(scene.request())
    session = staff_client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])
    for width in [360, 1280]:
        page.set_viewport_size({"width": width, "height": 900})
        for path in [LIST, address(scene.house)]:
            page.goto(path)
            assert {finding.split(":")[0] for finding in axe_findings(page)} <= KNOWN_AXE_FINDINGS
            assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.locator("[name=opening]").fill("wir freuen uns auf {{ Veranstaltung }}.")
    page.locator("[name=preview]").click()
    mail = page.frame_locator("iframe.mail-frame")
    assert mail.locator("h1").inner_text() == "wir freuen uns auf Sprachcafé „Willkommen“."
    assert page.url.endswith("#preview")
    page.locator("[name=save]").click()
    page.get_by_text("Der Text ist gespeichert.").wait_for()
    page.get_by_text("Standardtext wiederherstellen").click()
    page.locator("[name=restore]").click()
    page.get_by_text("Es gilt wieder der Standardtext.").wait_for()
    assert page.locator("[name=opening]").input_value() == "Ihre Anfrage ist genehmigt."
    assert not MailText.objects.exists()
