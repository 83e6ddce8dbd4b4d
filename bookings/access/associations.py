"""Which association a name means, for whoever asks; namesakes are told apart by address and number."""

from collections import Counter
from collections.abc import Iterable

from django.utils.translation import gettext as _

from bookings.access.actors import Actor
from bookings.access.permissions import can_enter_for_others
from bookings.enums import AssociationKind
from bookings.errors import AmbiguousAssociation
from bookings.models import Association
from rooms.models import House


def associations_for(actor: Actor, house: House) -> list[Association]:
    """Return the associations the actor may ask for: the own ones, staff of the house all; by name."""
    known = Association.objects.order_by("name", "pk")
    if not can_enter_for_others(actor, house):
        known = known.filter(memberships__user_id=actor.pk)
    return list(known)


def find_association(name: str, known: Iterable[Association], *, kind: str = "") -> Association | None:
    """Return the one of `known` with this name or label, whatever its capitals; None for a new one.

    A `kind` keeps private persons and groups of one name apart, for only groups are named on the wall.
    Raises AmbiguousAssociation, which lists the labels of the namesakes.
    """
    wanted = folded_name(name)
    namesakes: dict[str, Association] = {}
    for label, association in labelled(known).items():
        if folded_name(label) == wanted and _fits(association, kind):
            return association
        if folded_name(association.name) == wanted and _fits(association, kind):
            namesakes[label] = association
    if len(namesakes) > 1:
        sentence = _("Several associations have this name: %(names)s. Please say which one you mean.")
        raise AmbiguousAssociation(sentence % {"names": "; ".join(namesakes)}, field="association")
    return next(iter(namesakes.values()), None)


def labelled(associations: Iterable[Association]) -> dict[str, Association]:
    """Return the associations by their names, of namesakes with address and number."""
    associations = list(associations)
    names = Counter(folded_name(association.name) for association in associations)
    return {
        association.name if names[folded_name(association.name)] == 1 else _label(association): association
        for association in associations
    }


def _label(association: Association) -> str:
    place = ", ".join(part for part in (association.name, association.address) if part)
    return _("%(name)s (no. %(number)d)") % {"name": place, "number": association.pk}


def folded_name(text: str) -> str:
    """Return what all ways of writing a name have in common: capitals and white space make no difference."""
    return " ".join(text.split()).casefold()


def _fits(association: Association, kind: str) -> bool:
    person = AssociationKind.PRIVATE_PERSON
    return not kind or (association.kind == person) == (kind == person)
