"""What makes sending twice one request: a key, and a digest of what was sent under it."""

import hashlib
import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from django.utils.translation import gettext as _

from bookings.access.actors import Actor
from bookings.access.permissions import can_enter_for_others
from bookings.availability.wishes import WantedDate
from bookings.errors import InvalidRequest, KeyReused
from bookings.models import Booking
from bookings.services._entries import RequestData

# The key stands beside the digest; what a plan had found says nothing of what was asked for.
NOT_SENT = frozenset({"submission_key", "checked"})


def submission_digest(data: RequestData) -> str:
    """Return what a request says as 64 hexadecimal digits, equal for equal requests however they are written.

    The order of rooms, equipment and dates makes no difference, nor do the zone of an instant and the
    amount of white space. Of a series count its pattern and what was chosen, not the dates these gave in
    the plan of that moment. SHA-256 (FIPS 180-4) over JSON.
    """
    sent = {field.name: getattr(data, field.name) for field in fields(data) if field.name not in NOT_SENT}
    if data.new_association_name.strip():
        # By the second time the new association is a known one.
        del sent["association_id"]
    sent["dates"] = [] if data.sent_series else [_as_sent(wanted) for wanted in data.dates]
    return hashlib.sha256(_json(_plain(sent)).encode()).hexdigest()


def keyed_by_content(data: RequestData) -> RequestData:
    """Return the request with a key of its own for what it says, drawn from the key of its form.

    So a form that is sent twice is one request, and one that was changed in between another one.
    """
    return replace(data, submission_key=uuid.uuid5(data.submission_key, submission_digest(data)))


def find_submission(
    data: RequestData,
    *,
    actor: Actor,
    replaced: Booking | None = None,
    replaced_ids: Collection[int] | None = None,
) -> Booking | None:
    """Return the booking that was stored for this very request before; None where it is new.

    `replaced` is the booking that the request is to change, and `replaced_ids` its dates; whether the
    actor may change it is asked before. Raises InvalidRequest where the key is somebody else's, and
    KeyReused where another request was sent with it.
    """
    # Nearly all are new, and to ask for a whole row takes many times as long.
    if not Booking.objects.filter(submission_key=data.submission_key).exists():
        return None
    return get_submission(data, actor=actor, replaced=replaced, replaced_ids=replaced_ids)


def get_submission(
    data: RequestData,
    *,
    actor: Actor,
    replaced: Booking | None = None,
    replaced_ids: Collection[int] | None = None,
) -> Booking:
    """Return the booking of whose key it is known that it is stored; raises what `find_submission` raises."""
    earlier = Booking.objects.get(submission_key=data.submission_key)
    is_own = (
        replaced is not None or earlier.applicant_id == actor.pk or can_enter_for_others(actor, earlier.house)
    )
    if not is_own or earlier.replaces_id != (replaced.pk if replaced else None):
        raise InvalidRequest(_("Please open the form again before you send it."))
    if earlier.submission_digest != submission_digest(data):
        raise KeyReused
    if replaced_ids is not None and set(replaced_ids) != {slot.pk for slot in earlier.replaced_slots.all()}:
        raise KeyReused
    earlier.is_sent_again = True
    return earlier


def _as_sent(wanted: WantedDate) -> dict[str, Any]:
    """Return a date without what the plan of that moment said of it: why it is skipped, or elsewhere."""
    names = {field.name for field in fields(wanted)} - {"instead_of"}
    values = {name: getattr(wanted, name) for name in sorted(names)}
    return values | {"skipped": bool(wanted.skipped)}


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it, in the one form that all ways of writing it have in common."""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Collection):
        return sorted(map(_plain, value), key=_json)
    return value


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
