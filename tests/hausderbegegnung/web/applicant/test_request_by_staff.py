"""Staff enter a request for somebody else, with the same form."""

from datetime import datetime

from django.test import Client
from django.urls import reverse

from bookings.models import Booking
from rooms.models import Room
from tests.factories import BERLIN, DAY, berlin, make_association, make_booking, make_form_values
from tests.hausderbegegnung.web.applicant.requests import URL, errors_of


def test_staff_read_that_they_enter_it_for_somebody(as_staff: Client, room: Room) -> None:
    page = as_staff.get(URL).content.decode()
    assert ("Anfrage eintragen" in page, "Das Haus antwortet per E-Mail" in page) == (True, False)


def test_staff_enter_a_request_for_somebody_without_email(as_staff: Client, room: Room) -> None:
    known = make_association(name="Nachbarschaftshilfe")
    response = as_staff.post(
        URL,
        make_form_values([room], association=None, association_name="nachbarschaftshilfe", contact_email=""),
    )
    booking = Booking.objects.get()
    assert response["Location"] == reverse("decide", args=[booking.reference])
    assert (booking.association, booking.applicant, booking.contact_email) == (known, None, "")
    assert booking.entered_by is not None


def test_staff_type_the_name_of_a_private_person_once(as_staff: Client, room: Room) -> None:
    private = {"association": None, "association_kind": "private_person", "contact_name": ""}
    as_staff.post(URL, make_form_values([room], association_name="Erika Beispiel", **private))
    assert Booking.objects.get().contact_name == "Erika Beispiel"


def test_staff_name_a_contact_of_a_group(as_staff: Client, room: Room) -> None:
    response = as_staff.post(URL, make_form_values([room], association=None, contact_name=""))
    assert errors_of(response) == {"contact_name": ["required"]}


def test_staff_tell_namesakes_apart(as_staff: Client, room: Room) -> None:
    first, second = make_association(name="Chor"), make_association(name="Chor")
    form = as_staff.get(URL).context["form"]
    assert list(form.known) == [f"Chor (Nr. {first.pk})", f"Chor (Nr. {second.pk})"]
    either = as_staff.post(URL, make_form_values([room], association_name="chor"))
    assert errors_of(either) == {"association_name": ["ambiguous_association"]}
    as_staff.post(URL, make_form_values([room], association_name=f"Chor (Nr. {second.pk})"))
    assert Booking.objects.get().association == second


def test_staff_may_override_what_staff_may_override(as_staff: Client, room: Room) -> None:
    values = make_form_values([room], starts="21:00", ends="23:00", association=None)
    refused = as_staff.post(URL, values)
    assert errors_of(refused) == {"starts": ["outside_hours"]}
    assert "override" in refused.context["form"].fields
    as_staff.post(URL, {**values, "override": "on", "override_reason": "Absprache"})
    assert Booking.objects.get().slots.get().ends_at == datetime(2027, 4, 20, 23, tzinfo=BERLIN)


def test_nobody_is_offered_to_override_a_clash(as_staff: Client, room: Room) -> None:
    make_booking([room], berlin(DAY, "16:00"))
    response = as_staff.post(URL, make_form_values([room], association=None))
    assert "override" not in response.context["form"].fields
