"""What was typed into a form while its session ran out: kept over the login, and put back into the form.

It lies in a session of its own, never in an address or a log: one for each visitor, of bounded size, for an
hour at most, and gone as soon as it stands in the form again. What a lost connection would take is kept by
the browser itself, see js/draft.js.
"""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

View = Callable[..., HttpResponse]

KEY = "draft"
OWNER_SALT = "hausderbegegnung.web.shared.drafts.owner"
KEPT_FOR = timedelta(hours=1)
# In characters as a form sends them: long texts, and a series with something chosen for every date.
LONGEST = 64_000


def keeps_draft(view: View) -> View:
    """A page that puts back with `take_draft` what was typed before the login; see `login_first`."""
    view.keeps_draft = True  # type: ignore[attr-defined]
    return view


def login_first(request: HttpRequest, view: View) -> HttpResponse:
    """Send a visitor of this page, `view`, to the login, and afterwards back to it.

    Who sent a form is told that nothing was done; what was typed is kept where the page `keeps_draft`.
    """
    if request.method == "POST":
        if not getattr(view, "keeps_draft", False):
            sentence = _(
                "You are no longer logged in, so nothing has been sent. Please log in and try again."
            )
        elif _keep(request):
            sentence = _(
                "You are no longer logged in, so nothing has been sent yet. "
                "What you typed is kept: log in, and then send it."
            )
        else:
            sentence = _(
                "You are no longer logged in, so nothing has been sent. "
                "What you typed is too long to be kept: go back in the browser and copy it before you log in."
            )
        messages.warning(request, sentence)
    return redirect_to_login(request.get_full_path())


def take_draft(request: HttpRequest) -> QueryDict | None:
    """Return what was typed into the form of this page before the login, once; None where nothing was."""
    if request.method != "GET" or KEY not in request.session:
        return None
    kept = _store(request.session[KEY])
    if kept.get("path") not in {None, request.get_full_path()}:
        return None
    del request.session[KEY]
    typed = kept.get("typed")
    kept.delete()
    if typed is None:
        return None
    messages.info(request, _("What you typed is still here. Nothing has been sent yet."))
    return QueryDict(typed)


def draft_owner(person: Any) -> str:
    """Return a sign by which a browser knows whose draft it keeps; empty where nobody is logged in."""
    return salted_hmac(OWNER_SALT, str(person.pk)).hexdigest() if person.is_authenticated else ""


def _keep(request: HttpRequest) -> bool:
    """Keep what was sent, instead of what was kept before; False where it is too long."""
    typed = request.POST.copy()
    typed.pop("csrfmiddlewaretoken", None)
    text = typed.urlencode()
    if earlier := request.session.pop(KEY, None):
        _store(earlier).delete()
    if len(text) > LONGEST:
        return False
    kept = _store()
    kept.set_expiry(KEPT_FOR)
    kept.update({"path": request.get_full_path(), "typed": text})
    kept.create()
    request.session[KEY] = kept.session_key
    return True


def forget_sessions() -> None:
    """Delete what lies in sessions whose time is over: logins, and drafts that nobody came back for."""
    type(_store()).clear_expired()


def _store(key: str | None = None) -> SessionBase:
    engine: Any = import_module(settings.SESSION_ENGINE)
    store: SessionBase = engine.SessionStore(key)
    return store
