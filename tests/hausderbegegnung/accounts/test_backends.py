"""What Django's own question about permissions is answered with; the administration asks nothing else."""

import pytest
from django.test import Client

from tests.factories import make_house, make_staff, make_user

pytestmark = pytest.mark.django_db

PERMISSIONS = [
    "rooms.view_house",
    "rooms.add_room",
    "bookings.change_association",
    "notifications.delete_mailtext",
]


def test_staff_may_all_in_the_administration_and_nobody_else_anything():
    people = {
        "staff": make_staff(),
        "owner": make_user(),
        "caretaker": make_user(is_caretaker=True),
        "who left": make_staff(is_active=False),
    }
    assert {
        name: {person.has_perm(permission) for permission in PERMISSIONS} | {person.has_module_perms("rooms")}
        for name, person in people.items()
    } == {"staff": {True}, "owner": {False}, "caretaker": {False}, "who left": {False}}


@pytest.mark.parametrize("address", ["/admin/", "/admin/rooms/house/", "/admin/hausderbegegnung/user/add/"])
def test_the_administration_opens_for_staff_alone(address):
    make_house()
    seen = {}
    for name, person in {"staff": make_staff(), "owner": make_user()}.items():
        client = Client()
        client.force_login(person)
        seen[name] = client.get(address, follow=True).status_code
    assert seen == {"staff": 200, "owner": 403}
    redirects = Client().get(address, follow=True).redirect_chain
    assert redirects[-1] == (f"/konto/anmelden/?next={address}", 302)
