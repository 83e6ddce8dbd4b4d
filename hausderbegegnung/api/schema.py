"""The description of the API: its introduction, and the problems every call may answer."""

from typing import Any

API_DESCRIPTION = """
The API of the house. What the pages do is done here by the same services and refused
for the same reasons.

**Access.** Public: the house, its rooms, their availability and the schedule of a day. Everything
else needs a login: a session (with the CSRF token), or a token in the header `Authorization: Token hdb_…`.
Staff see all bookings, everybody else the own ones and those of associations they act for; other bookings
do not exist for them (404).

**Tokens.** You make and end tokens in your account under *Programs*, each with a name, scopes and an end; the
operator may print one with `manage.py create_token EMAIL --scope read`. A token is shown once and lives a
year at the most. With it a program can do what you can and its scopes allow:

| Scope | What it allows |
|---|---|
| `read` | read bookings, and hear of others who have asked for a time |
| `request` | ask for rooms for you; add dates to your bookings and give dates back |
| `decide` | approve and reject, also with exceptions from the rules |
| `manage` | move and revoke dates, renew links; what `request` allows for others, or against the rules |

Each operation names its scope. Without it the answer is 403 `scope_missing`, with the `scope`. A token that
nobody has is 401 `token_unknown`, one whose time is over 401 `token_expired`.

**Time.** Instants are ISO 8601 with an offset, such as `2027-04-20T19:30:00+02:00`; one without an
offset is refused. In addresses `+` is written `%2B`. Intervals are half-open: 16:00–18:00 and
18:00–20:00 do not clash.

**Names.** Houses and rooms are known by their `slug`, bookings by their `reference`, dates of a
booking by their `uid`. The only house need not be named. An association is known by its name, whatever
its capitals; of several with one name send the `association_number` (else 400 `ambiguous_association`).

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
        "scope": {"type": "string", "description": "With `scope_missing`: what the token lacks."},
        "plan": {
            "allOf": [{"$ref": "#/components/schemas/SeriesPlan"}],
            "description": "With `dates_undecided`: the plan of the series, to choose from.",
        },
    },
}
_PROBLEMS = {
    "400": "What was sent is not valid, or the wished date breaks rules.",
    "401": "Needs a login.",
    "403": "Not allowed, or the token lacks the scope.",
    "404": "Unknown, or not for you.",
    "406": "Answers are JSON; the header `Accept` asks for something else.",
    "409": "What is stored stands against it.",
    "415": "What is sent is JSON, with `Content-Type: application/json`.",
    "429": "Too many calls; try again after `Retry-After` seconds.",
    "503": "The house cannot answer right now; try again after `Retry-After` seconds.",
}
_ALWAYS = {"406", "429", "503"}


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
            for parameter in operation.get("parameters", ()):
                if parameter["schema"].get("type") == "array":
                    # One text with commas between.
                    parameter["explode"] = False
    _drop_empty_defaults(result)
    return result


def _drop_empty_defaults(node: Any) -> None:
    """Take away defaults that only say that nothing was sent, and that could not be sent themselves."""
    if isinstance(node, dict):
        if node.get("default") == "":
            del node["default"]
        for inner in node.values():
            _drop_empty_defaults(inner)
    elif isinstance(node, list):
        for inner in node:
            _drop_empty_defaults(inner)


def _statuses(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    statuses = set(_ALWAYS)
    if operation.get("parameters") or operation.get("requestBody"):
        statuses.add("400")
    if "requestBody" in operation:
        statuses.add("415")
    if "x-required-scope" in operation:
        # Also where everybody may ask: a token that is sent has to be one.
        statuses |= {"401", "403"}
    if operation["operationId"] != "request_booking":
        # The house, the booking or the page of a list may be unknown.
        statuses.add("404")
    if method == "post" and "/bookings/" in path:
        statuses.add("409")
    return sorted(statuses)
