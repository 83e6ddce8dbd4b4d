"""Sessions in the database, read together with the person who is logged in: one statement for both.

Django reads the session, finds the number of the person in it and reads the person. Here the row of the
session names the person as well. What the session holds stays what counts: it is signed, and holds the
hash that ends it when the password changes (`django.contrib.auth.get_user` asks all that as always).
"""

from contextvars import ContextVar
from typing import Any

from django.contrib.auth import SESSION_KEY, middleware
from django.contrib.sessions.backends import db
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from hausderbegegnung.models import Session, User

# Whom the session that is just looked at was read with; for that look only.
_read_along: ContextVar[User | None] = ContextVar("_read_along", default=None)


class SessionStore(db.SessionStore):
    """`person` is whom the session was read with, None where its row names nobody."""

    person: User | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        row = self._get_session_from_db()  # type: ignore[attr-defined]
        self.person = row.user if row else None
        return self.decode(row.session_data) if row else {}

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row: Any = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        return row


class AuthenticationMiddleware(middleware.AuthenticationMiddleware):
    """Lets the backend find the person that was read with the session."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _user_of(request))  # type: ignore[assignment]


def _user_of(request: HttpRequest) -> Any:
    # Asked for anything, the session is read.
    request.session.get(SESSION_KEY)
    token = _read_along.set(getattr(request.session, "person", None))
    try:
        return middleware.get_user(request)
    finally:
        _read_along.reset(token)


def person_read_along(user_id: Any) -> User | None:
    """Return the person of this number, if the session that is looked at was read with that very one."""
    person = _read_along.get()
    return person if person is not None and person.pk == user_id else None
