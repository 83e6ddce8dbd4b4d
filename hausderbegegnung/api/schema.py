"""The description of the API: its introduction, and the problems every call may answer."""

from typing import Any

API_DESCRIPTION = """
The API of the house. What the pages do is done here by the same services and refused
for the same reasons.

**Access.** Public: the house, its rooms, their availability and the schedule of a day. Everything
else needs a login: a session (with the CSRF token) or `Authorization: Token …`; staff print a
token with `manage.py create_token EMAIL`. Staff see all bookings, everybody else the own ones and
those of associations they act for; other bookings do not exist for them (404).

**Time.** Instants are ISO 8601 with an offset, such as `2027-04-20T19:30:00+02:00`; one without an
offset is refused. In addresses `+` is written `%2B`. Intervals are half-open: 16:00–18:00 and
18:00–20:00 do not clash.

**Names.** Houses and rooms are known by their `slug`, bookings by their `reference`, dates of a
booking by their `uid`. The only house need not be named.

**Errors** are problem details (RFC 9457, `application/problem+json`) with a stable `code`, a
sentence in the language of `Accept-Language`, and `reasons`: everything that is wrong, with
`overridable_by` (`nobody`, `staff`, or `anyone` for a warning that stops nothing), the `field`, and the
`nearest` free time where there is one. 409 says that what is stored stands against it: `clash`,
`buffer_clash`, `house_full`, `stale` (somebody else changed the booking; send its `version`),
`transition_not_allowed`, `key_reused` (another request was sent with this key).

**Series.** `POST /api/v1/series/check/` answers the complete plan of a series: how every date stands, and
for those that cannot stand what could be changed. A request with `series` stores it: `accept_plan` takes
the plan as it is, `choices` and `skipped` decide single dates by their `key`. Where nothing valid is
chosen for a date the answer is 409 `dates_undecided`, with the plan as it is now. A series goes by the
clocks of the house, so its times are sent without an offset: `2027-04-20T16:00`.

**Sending twice.** The same request with the same `Idempotency-Key` (or `submission_key`) makes one booking.
Another request with a known key is not stored: 409 `key_reused`.
""".strip()

_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Problem details, RFC 9457.",
    "required": ["type", "title", "status", "detail", "code", "reasons"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for people."},
        "code": {"type": "string", "description": "Stable, for programs."},
        "reasons": {"type": "array", "items": {"$ref": "#/components/schemas/Reason"}},
        "plan": {
            "allOf": [{"$ref": "#/components/schemas/SeriesPlan"}],
            "description": "With `dates_undecided`: the plan of the series, to choose from.",
        },
    },
}
_PROBLEMS = {
    "400": "What was sent is not valid, or the wished date breaks rules.",
    "401": "Needs a login.",
    "403": "Not allowed.",
    "404": "Unknown, or not for you.",
    "409": "What is stored stands against it.",
    "429": "Too many calls; try again after `Retry-After` seconds.",
    "503": "The house cannot answer right now; try again after `Retry-After` seconds.",
}
_ALWAYS = {"429", "503"}


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: Any) -> dict[str, Any]:
    """Give every operation a summary and the problems it may answer; a hook of drf-spectacular."""
    result["components"]["schemas"]["Problem"] = _PROBLEM_SCHEMA
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            operation.setdefault("summary", operation["description"].split("\n\n")[0].replace("\n", " "))
            for status in _statuses(path, method, operation):
                operation["responses"].setdefault(
                    status,
                    {
                        "description": _PROBLEMS[status],
                        "content": {
                            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                        },
                    },
                )
    return result


def _statuses(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    statuses = set(_ALWAYS)
    if operation.get("parameters") or operation.get("requestBody"):
        statuses.add("400")
    if {} not in operation.get("security", [{}]):
        statuses.add("401")
    if "{" in path:
        statuses.add("404")
    if method == "post" and "/bookings/" in path:
        statuses |= {"403", "409"}
    return sorted(statuses)
