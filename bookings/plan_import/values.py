"""Read single values of a plan file; whatever is not as expected is refused with its place."""

import json
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, NoReturn, TypeVar

from django.utils.translation import gettext as _

from rooms.errors import DomainError

T = TypeVar("T")

MAX_BYTES = 10 * 1024 * 1024
FIRST_YEAR, LAST_YEAR = 1990, 2199


class BrokenPlan(DomainError):
    """The file cannot be read as a plan; the sentence says where and why."""

    code = "broken_plan"
    status = 400


def refuse(place: str, problem: str) -> NoReturn:
    raise BrokenPlan(_("%(place)s: %(problem)s") % {"place": place, "problem": problem})


def at(place: str, key: str) -> str:
    """Return the place of a key: `bookings[3].title`, or `booking D04, title` where the id is known."""
    if not place or key.startswith("["):
        return place + key
    return f"{place}, {key}" if " " in place else f"{place}.{key}"


def check_size(raw: bytes) -> None:
    if len(raw) > MAX_BYTES:
        raise BrokenPlan(_("The file is larger than 10 MB. A plan of a house is much smaller."))


def decode(raw: bytes) -> str:
    """Return the text of a file. Raises BrokenPlan where it is not UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BrokenPlan(
            _("The file is not encoded as UTF-8 (byte %(position)d). Please save it as UTF-8.")
            % {"position": error.start}
        ) from error


def parse(raw: bytes) -> Any:
    """Return what the JSON text says. Raises BrokenPlan where it is too large, not UTF-8 or no JSON."""
    check_size(raw)
    text = decode(raw)
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise BrokenPlan(
            _("The file is not valid JSON: line %(line)d, column %(column)d.")
            % {"line": error.lineno, "column": error.colno}
        ) from error
    # Numbers of thousands of digits, and brackets nested by the ten thousand.
    except (ValueError, RecursionError) as error:
        raise BrokenPlan(_("The file is not valid JSON.")) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object; JSON allows a key twice and would silently keep the last."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            refuse(key, _("this key stands twice in the same object."))
        found[key] = value
    return found


def _refuse_constant(name: str) -> NoReturn:
    refuse(name, _("this is not a number that JSON knows."))


# Single values ---------------------------------------------------------------------------------


def read_text(
    entry: dict[str, Any], key: str, place: str, *, longest: int, default: str | None = None
) -> str:
    """Return a text; one that is not given is `default`, or refused where that is None."""
    value = entry.get(key)
    if value is None and default is not None:
        return default
    where = at(place, key)
    if value is None:
        refuse(where, _("this is missing."))
    if not isinstance(value, str):
        refuse(where, _("a text is expected here."))
    value = value.strip()
    if not value and default is None:
        refuse(where, _("this must not be empty."))
    if len(value) > longest:
        refuse(where, _("at most %(count)d characters are possible.") % {"count": longest})
    if any(ord(sign) < 32 and sign not in "\n\t" for sign in value) or not _is_encodable(value):
        refuse(where, _("this holds characters that cannot be stored."))
    return value


def _is_encodable(value: str) -> bool:
    """Whether the text is free of lone surrogates, which JSON can spell and no database stores."""
    return not any("\ud800" <= sign <= "\udfff" for sign in value)


def read_number(
    entry: dict[str, Any], key: str, place: str, *, highest: int, lowest: int = 0, default: int | None = None
) -> int:
    value = entry.get(key)
    if value is None and default is not None:
        return default
    where = at(place, key)
    if value is None:
        refuse(where, _("this is missing."))
    if not isinstance(value, int) or isinstance(value, bool):
        refuse(where, _("a whole number is expected here."))
    if not lowest <= value <= highest:
        refuse(
            where,
            _("a number from %(lowest)d to %(highest)d is expected here.")
            % {"lowest": lowest, "highest": highest},
        )
    return value


def read_flag(entry: dict[str, Any], key: str, place: str) -> bool:
    value = entry.get(key, False)
    if not isinstance(value, bool):
        refuse(at(place, key), _("true or false is expected here."))
    return value


def read_texts(entry: dict[str, Any], key: str, place: str, *, longest: int) -> tuple[str, ...]:
    values = entry.get(key, [])
    where = at(place, key)
    if not isinstance(values, list):
        refuse(where, _("a list is expected here."))
    texts = tuple(
        read_text({f"[{index}]": value}, f"[{index}]", where, longest=longest)
        for index, value in enumerate(values)
    )
    refuse_duplicates(where, texts)
    return texts


def read_choice(
    entry: dict[str, Any], key: str, place: str, choices: dict[str, T], *, fold: Callable[[str], str] = str
) -> T:
    value = fold(read_text(entry, key, place, longest=60))
    if value not in choices:
        refuse(
            at(place, key),
            _("“%(value)s” is unknown. Possible are: %(choices)s.")
            % {"value": value, "choices": ", ".join(choices)},
        )
    return choices[value]


def read_wall_clock(entry: dict[str, Any], key: str, place: str) -> datetime:
    """Return a local date and time, without zone."""
    text = read_text(entry, key, place, longest=30)
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:00)?", text, re.ASCII):
        refuse(at(place, key), _("local date and time are written like 2027-04-20T19:30."))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        refuse(at(place, key), _("this date does not exist."))
    check_year(moment, at(place, key))
    return moment


def read_day(entry: dict[str, Any], key: str, place: str) -> date:
    text = read_text(entry, key, place, longest=30)
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        refuse(at(place, key), _("a date is written like 2027-04-20."))
    try:
        day = date.fromisoformat(text)
    except ValueError:
        refuse(at(place, key), _("this date does not exist."))
    check_year(day, at(place, key))
    return day


def read_days_or_starts(entry: dict[str, Any], key: str, place: str) -> tuple[date | datetime, ...]:
    """Return a list of days, or of local dates and times."""
    texts = read_texts(entry, key, place, longest=30)
    where = at(place, key)
    return tuple(
        read_wall_clock({f"[{index}]": text}, f"[{index}]", where)
        if "T" in text
        else read_day({f"[{index}]": text}, f"[{index}]", where)
        for index, text in enumerate(texts)
    )


def check_year(day: date, place: str) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        refuse(
            place,
            _("the year lies between %(first)d and %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR},
        )


def read_objects(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    entries = document.get(key)
    if entries is None:
        refuse(key, _("this is missing."))
    if not isinstance(entries, list):
        refuse(key, _("a list is expected here."))
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict):
            refuse(f"{key}[{index}]", _("an object is expected here."))
    return entries


def refuse_duplicates(place: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            refuse(place, _("“%(value)s” stands here twice.") % {"value": value})
        seen.add(value)
