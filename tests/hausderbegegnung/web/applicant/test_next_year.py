"""Going on with a series: as last year, and otherwise from a day on; both through the request form."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from bookings.access import tokens
from bookings.enums import SlotStatus
from bookings.models import Booking
from bookings.services import approve_booking, give_dates_back, move_dates
from bookings.services.moves import Move
from hausderbegegnung.models import User
from rooms.holidays import load_holidays
from rooms.models import House, Room
from tests.factories import NOW, berlin, make_form_values, make_room, make_staff, make_user

URL = "/anfrage/"


@pytest.fixture
def house(house: House) -> House:
    load_holidays(house, 2027, 2028)
    return house


@pytest.fixture
def series(as_applicant: Client, house: House, room: Room) -> Booking:
    """Every Tuesday from 20 April to 1 June, 16:00 to 18:00, not on holidays; approved."""
    values = make_form_values(
        [room], repeats="weekly", until="01.06.2027", skip_public="on", school="ignored"
    )
    assert as_applicant.post(URL, values).status_code == 302
    booking = Booking.objects.get()
    return approve_booking(booking_id=booking.pk, actor=make_staff(), now=NOW)


def slot_on(booking: Booking, day: date):
    return next(slot for slot in booking.slots.all() if slot.starts_at.date() == day)


def standing(booking: Booking) -> list[str]:
    """The local starts of the dates that stand or are asked for."""
    wanted = booking.slots.filter(status__in=[SlotStatus.APPROVED, SlotStatus.REQUESTED])
    return [
        f"{slot.starts_at.astimezone(booking.house.zone):%d.%m. %H:%M}"
        for slot in wanted.order_by("starts_at")
    ]


def initial_of(response) -> dict:
    form = response.context["form"]
    names = ["rooms", "day", "starts", "ends", "repeats", "weekdays", "until", "skipped", "added", "title"]
    return {name: form[name].value() for name in names}


# As last year ------------------------------------------------------------------------------------


def test_a_series_is_asked_for_again_with_the_holidays_of_the_next_year(
    as_applicant: Client, series: Booking, room: Room
) -> None:
    # A date that was moved, and one that was cancelled, belong to their year.
    give_dates_back(booking_id=series.pk, actor=make_staff(), now=NOW, slot_ids=[series.slots.first().pk])
    response = as_applicant.get(f"{URL}?wie={series.reference}")
    assert initial_of(response) == {
        "rooms": [room.slug],
        "day": "18.04.2028",
        "starts": "16:00",
        "ends": "18:00",
        "repeats": "weekly",
        "weekdays": [1],
        "until": "01.06.2028",
        "skipped": "",
        "added": "",
        "title": "Elternabend",
    }
    states = [(f"{row.day:%d.%m.%Y}", row.state.value) for row in response.context["series"].rows]
    assert states == [
        (f"{day:%d.%m.%Y}", "free") for day in (date(2028, 4, 18) + timedelta(weeks=n) for n in range(7))
    ]


def test_what_is_sent_continues_the_series(as_applicant: Client, series: Booking, room: Room) -> None:
    values = make_form_values(
        [room],
        date(2028, 4, 18),
        repeats="weekly",
        until="01.06.2028",
        association=str(series.association_id),
        association_name=None,
        association_kind=None,
    )
    assert as_applicant.post(f"{URL}?wie={series.reference}", values).status_code == 302
    again = Booking.objects.exclude(pk=series.pk).get()
    assert (again.follows, again.association, again.slots.count()) == (series, series.association, 7)


@pytest.mark.parametrize("who", ["stranger", "staff"])
def test_only_the_own_people_and_staff_see_what_was_asked_before(series: Booking, who: str) -> None:
    client = Client()
    client.force_login(make_staff() if who == "staff" else make_user())
    shown = initial_of(client.get(f"{URL}?wie={series.reference}"))["title"]
    assert shown == ("Elternabend" if who == "staff" else None)


def test_an_unknown_reference_opens_the_empty_form(as_applicant: Client, house: House, room: Room) -> None:
    response = as_applicant.get(f"{URL}?wie=HdB-2020-9999")
    assert (response.status_code, initial_of(response)["day"]) == (200, None)


# From a day on -----------------------------------------------------------------------------------


def test_the_day_is_chosen_from_the_dates_to_come(as_applicant: Client, series: Booking) -> None:
    response = as_applicant.get(f"/anfragen/{series.reference}/aendern-ab/")
    assert [f"{day:%d.%m.}" for day in response.context["days"]] == [
        "20.04.", "27.04.", "04.05.", "11.05.", "18.05.", "25.05.", "01.06.",
    ]  # fmt: skip


def test_the_rest_of_the_series_is_replaced_and_what_was_before_stays(
    as_applicant: Client, series: Booking, room: Room
) -> None:
    url = f"/anfragen/{series.reference}/aendern-ab/?ab=2027-05-11"
    shown = initial_of(as_applicant.get(url))
    assert (shown["day"], shown["until"], shown["repeats"]) == ("11.05.2027", "06.06.2027", "weekly")
    values = make_form_values(
        [room],
        date(2027, 5, 11),
        starts="18:00",
        ends="20:00",
        repeats="weekly",
        until="01.06.2027",
        association=None,
    )
    assert as_applicant.post(url, values).status_code == 302
    change = Booking.objects.exclude(pk=series.pk).get()
    assert standing(series) == [
        f"{day} 16:00" for day in ("20.04.", "27.04.", "04.05.", "11.05.", "18.05.", "25.05.", "01.06.")
    ]
    approve_booking(booking_id=change.pk, actor=make_staff(), now=NOW)
    assert standing(series) == ["20.04. 16:00", "27.04. 16:00", "04.05. 16:00"]
    assert standing(change) == ["11.05. 18:00", "18.05. 18:00", "25.05. 18:00", "01.06. 18:00"]
    assert change.replaces == series


def test_on_another_weekday_no_date_is_lost(as_applicant: Client, series: Booking, room: Room) -> None:
    """The last Tuesday is 1 June; the Wednesday after it belongs to the series too."""
    url = f"/anfragen/{series.reference}/aendern-ab/?ab=2027-05-11"
    shown = as_applicant.get(url)
    assert shown.context["given_up"] == 0
    wednesday = make_form_values(
        [room], date(2027, 5, 12), repeats="weekly", until=initial_of(shown)["until"], association=None
    )
    preview = as_applicant.post(url, {**wednesday, "check": "1"})
    assert preview.context["given_up"] == 0
    assert as_applicant.post(url, wednesday).status_code == 302
    change = Booking.objects.exclude(pk=series.pk).get()
    assert standing(change) == ["12.05. 16:00", "19.05. 16:00", "26.05. 16:00", "02.06. 16:00"]


@pytest.mark.parametrize(
    ("until", "shown"),
    [
        # A Tuesday; the Thursday of its week would be a further date.
        ("01.06.2027", "02.06.2027"),
        ("02.06.2027", "02.06.2027"),
        ("03.06.2027", "06.06.2027"),
        # Longer than the week of the last date, which is 10 June.
        ("14.06.2027", "14.06.2027"),
    ],
)
def test_the_series_as_it_is_gets_no_further_date(
    as_applicant: Client, house: House, room: Room, until: str, shown: str
) -> None:
    values = make_form_values([room], repeats="weekly", weekdays=["1", "3"], until=until)
    assert as_applicant.post(URL, values).status_code == 302
    booking = Booking.objects.get()
    approve_booking(booking_id=booking.pk, actor=make_staff(), now=NOW)
    response = as_applicant.get(f"/anfragen/{booking.reference}/aendern-ab/?ab=2027-05-11")
    before = [
        slot.starts_at
        for slot in booking.slots.order_by("starts_at")
        if slot.starts_at.date() >= date(2027, 5, 11)
    ]
    assert initial_of(response)["until"] == shown
    assert [row.net.start for row in response.context["series"].rows] == before


def test_how_many_dates_get_no_new_one_is_told_before_it_is_sent(
    as_applicant: Client, series: Booking, room: Room
) -> None:
    url = f"/anfragen/{series.reference}/aendern-ab/?ab=2027-05-11"
    page = as_applicant.get(url)
    lead = "Ihre 4 genehmigten Termine ab Di., 11.05.2027 bleiben bestehen, bis das Haus über die Änderung"
    assert lead in page.content.decode().replace("\N{NO-BREAK SPACE}", " ")
    values = make_form_values(
        [room], date(2027, 5, 12), repeats="weekly", until="26.05.2027", association=None, check="1"
    )
    shorter = as_applicant.post(url, values)
    one = "1 der Termine, die sich ändern sollen, bekommt keinen neuen."
    assert (shorter.context["given_up"], one in shorter.content.decode()) == (1, True)
    wish = {**values, "replaces": page.context["replaces"]}
    assert one in as_applicant.post("/anfrage/pruefen/", wish).content.decode()


def test_dates_given_up_stay_out_and_moved_ones_stay_moved(
    as_applicant: Client, series: Booking, room: Room
) -> None:
    staff = make_staff()
    give_dates_back(
        booking_id=series.pk, actor=staff, now=NOW, slot_ids=[slot_on(series, date(2027, 5, 18)).pk]
    )
    moved = slot_on(series, date(2027, 5, 25))
    thursday = date(2027, 5, 26)
    move_dates(
        booking_id=series.pk,
        actor=staff,
        now=NOW,
        moves=[Move(moved.pk, berlin(thursday, "17:00"), berlin(thursday, "19:00"), (room.pk,))],
    )
    url = f"/anfragen/{series.reference}/aendern-ab/?ab=2027-05-11"
    shown = as_applicant.get(url)
    assert initial_of(shown)["skipped"] == "18.05.2027, 25.05.2027"
    assert initial_of(shown)["added"] == "26.05.2027 17:00"
    rows = [(f"{row.day:%d.%m.}", row.state.value) for row in shown.context["series"].rows]
    assert rows == [
        ("11.05.", "free"),
        ("18.05.", "skipped"),
        ("25.05.", "skipped"),
        ("26.05.", "free"),
        ("01.06.", "free"),
    ]


def test_the_link_in_the_mail_is_enough_to_change_a_series(client: Client, series: Booking) -> None:
    response = client.get(f"{tokens.status_path(series)}aendern-ab/")
    assert (response.status_code, len(response.context["days"])) == (200, 7)


def test_strangers_change_no_series(series: Booking) -> None:
    client = Client()
    client.force_login(make_user())
    assert client.get(f"/anfragen/{series.reference}/aendern-ab/").status_code == 404


def test_the_status_page_leads_to_both(client: Client, series: Booking, applicant: User) -> None:
    """To the next year only when it is time to think of it: not before the series has begun."""

    def offered(now: datetime) -> tuple[bool, bool]:
        with time_machine.travel(now, tick=False):
            client.force_login(applicant)
            page = client.get(f"/anfragen/{series.reference}/").content.decode()
        return (
            f"/anfragen/{series.reference}/aendern-ab/" in page,
            f"/anfrage/?wie={series.reference}" in page,
        )

    def on(day: date) -> datetime:
        return berlin(day, "12:00")

    # From 20 April to 1 June; at first the house thinks of the end two weeks before it.
    House.objects.update(series_end_weeks=2)
    assert [offered(on(day)) for day in (date(2027, 4, 19), date(2027, 4, 21))] == [(True, False)] * 2
    assert offered(on(date(2027, 5, 18))) == (True, True)
    assert offered(on(date(2027, 6, 2))) == (False, True)
    # Without a notice of its own it is offered when most dates are over.
    House.objects.update(series_end_weeks=None)
    assert [offered(on(day)) for day in (date(2027, 5, 11), date(2027, 5, 12))] == [
        (True, False),
        (True, True),
    ]
    # And before it has begun, however short it is.
    House.objects.update(series_end_weeks=52)
    assert [offered(on(day)) for day in (date(2027, 4, 19), date(2027, 4, 21))] == [
        (True, False),
        (True, True),
    ]


def test_another_room_of_one_date_is_not_asked_for_again(
    as_applicant: Client, series: Booking, room: Room
) -> None:
    other = make_room(room.house, "Saal B")
    first = series.slots.order_by("starts_at")[0]
    move_dates(
        booking_id=series.pk,
        actor=make_staff(),
        now=NOW,
        moves=[Move(first.pk, first.starts_at, first.ends_at, (other.pk,))],
    )
    assert initial_of(as_applicant.get(f"{URL}?wie={series.reference}"))["rooms"] == [room.slug]
