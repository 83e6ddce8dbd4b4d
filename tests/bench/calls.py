"""A request that is measured, and that of the page that does nothing."""

from dataclasses import dataclass, field

EMPTY = "/leer/"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, and the status its answer must have."""

    path: str
    status: int = 200
    method: str = "GET"
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


EMPTY_PAGE = Call(EMPTY)
