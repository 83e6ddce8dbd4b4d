"""A name means one association or none; namesakes are listed with what tells them apart. No database."""

import pytest
from django.utils import translation

from bookings.access.associations import find_association, labelled
from bookings.errors import AmbiguousAssociation
from bookings.models import Association

CHOIR = Association(pk=1, name="Chor Ährenweg", kind="initiative")
READERS = Association(pk=2, name="Lesekreis", kind="initiative", address="Marktstraße 5")
SAME_NAME = Association(pk=3, name="LESEKREIS", kind="other")
PERSON = Association(pk=4, name="Chor Ährenweg", kind="private_person")


@pytest.fixture(autouse=True)
def german():
    with translation.override("de"):
        yield


def test_only_namesakes_carry_address_and_number():
    assert labelled([CHOIR, READERS, SAME_NAME]) == {
        "Chor Ährenweg": CHOIR,
        "Lesekreis, Marktstraße 5 (Nr. 2)": READERS,
        "LESEKREIS (Nr. 3)": SAME_NAME,
    }


@pytest.mark.parametrize("spelling", ["Chor Ährenweg", "  chor  ÄHRENWEG "])
def test_a_name_is_found_whatever_its_capitals_and_spaces(spelling):
    assert find_association(spelling, [CHOIR, READERS]) is CHOIR


def test_a_new_name_is_nobodys():
    assert find_association("Chor", [CHOIR, READERS]) is None


def test_namesakes_are_listed_and_found_by_what_is_listed():
    known = [CHOIR, READERS, SAME_NAME]
    with pytest.raises(AmbiguousAssociation) as refused:
        find_association("Lesekreis", known)
    assert str(refused.value) == (
        "Mehrere Vereine oder Gruppen heißen so: Lesekreis, Marktstraße 5 (Nr. 2); LESEKREIS (Nr. 3). "
        "Bitte sagen Sie, welche gemeint ist."
    )
    assert find_association("lesekreis (Nr. 3)", known) is SAME_NAME
    assert find_association("Lesekreis, Marktstraße 5 (Nr. 2)", known) is READERS


@pytest.mark.parametrize(("kind", "found"), [("private_person", PERSON), ("school", CHOIR)])
def test_a_private_person_is_no_group_of_that_name(kind, found):
    assert find_association("Chor Ährenweg", [CHOIR, PERSON], kind=kind) is found
    assert find_association("Lesekreis", [READERS], kind="private_person") is None
