"""A page is kept as a whole for those of whom nothing is known, and for nobody else."""

import gzip
import re
from datetime import datetime

import pytest
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpResponse
from django.test import Client, RequestFactory

from bookings.enums import Visibility
from hausderbegegnung.models import User
from rooms.models import House, Room
from tests.factories import DAY, berlin, make_booking

pytestmark = pytest.mark.django_db
PAGES = ["/", f"/tag/{DAY}/", "/woche/2027-W16/", "/raeume/saal-a/"]


@pytest.fixture(autouse=True)
def booked(house: House, now: datetime) -> Room:
    room = Room.objects.create(house=house, name="Saal A", slug="saal-a")
    make_booking([room], berlin(DAY, "16:00"), title="Chorprobe", visibility=Visibility.PUBLIC)
    return room


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=True)


@pytest.mark.parametrize("page", PAGES)
def test_the_same_is_sent_plain_and_compressed(client: Client, page: str) -> None:
    plain = client.get(page)
    packed = [client.get(page, headers={"Accept-Encoding": "gzip, br"}) for _visitor in range(2)]
    assert {answer["Content-Encoding"] for answer in packed} == {"gzip"}
    assert [gzip.decompress(answer.content) for answer in packed] == [plain.content] * 2
    assert {answer["Vary"] for answer in (plain, *packed)} == {"Cookie, Accept-Encoding"}
    assert packed[0].content == packed[1].content


@pytest.mark.parametrize("page", PAGES)
def test_nothing_secret_is_in_what_is_kept(client: Client, page: str) -> None:
    answer = client.get(page)
    assert "csrfmiddlewaretoken" not in answer.content.decode()
    assert answer.cookies == {}


@pytest.mark.parametrize("page", PAGES)
def test_who_is_logged_in_has_a_page_of_their_own(client: Client, applicant: User, page: str) -> None:
    stranger = client.get(page).content.decode()
    client.force_login(applicant)
    own = client.get(page).content.decode()
    assert ("/anmelden/" in stranger, "csrfmiddlewaretoken" in own) == (True, True)
    client.logout()
    assert client.get(page).content.decode() == stranger


def test_a_message_is_told_to_whom_it_is_for(client: Client) -> None:
    request, response = RequestFactory().get("/"), HttpResponse()
    storage = CookieStorage(request)
    storage.add(messages.INFO, "Gespeichert, Frau Beispiel.")
    storage.update(response)
    client.cookies[CookieStorage.cookie_name] = response.cookies[CookieStorage.cookie_name].value
    told = "Gespeichert, Frau Beispiel."
    assert told in client.get("/").content.decode()
    assert told not in Client().get("/").content.decode()


def test_each_language_has_its_page(client: Client) -> None:
    german = client.get("/").content.decode()
    client.cookies["django_language"] = "en"
    english = client.get("/").content.decode()
    assert ('<html lang="de">' in german, '<html lang="en">' in english) == (True, True)


@pytest.mark.parametrize("page", [f"/tag/{DAY}/", "/woche/2027-W16/", "/raeume/saal-a/?woche=2027-W16"])
def test_each_symbol_that_is_used_stands_once_on_the_page(client: Client, page: str) -> None:
    html = client.get(page).content.decode()
    used, drawn = set(re.findall(r'<use href="#([\w-]+)"', html)), re.findall(r'<symbol id="([\w-]+)"', html)
    assert {"icon-map-pin"} <= used <= set(drawn)
    assert len(drawn) == len(set(drawn))
