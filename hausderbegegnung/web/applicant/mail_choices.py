"""Which mails somebody wants: in the own account, or by the link at the end of a mail without a login."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from bookings.errors import InvalidRequest
from notifications.preferences import (
    always_told,
    audiences_of,
    choices_of,
    choose_mail,
    is_reached_by_mailbox,
    read_decline_token,
)
from notifications.recipients import person_of
from notifications.wording.catalogue import Audience


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mail_choices(request: HttpRequest) -> HttpResponse:
    """Whoever is logged in chooses among the mails that go to the own address."""
    user: Any = request.user
    audiences = audiences_of(user)
    context = {"by_mailbox": is_reached_by_mailbox(user)}
    return _choices(request, person_of(user.email), audiences, context)


# The secret in the address is what allows it, and mail programs send no token along.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def decline_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Decline the kind of mail that carried the link, or another of its audience, or take that back.

    Opening the page changes nothing. Mail programs decline by one POST (RFC 8058), which wants no
    redirect for an answer.
    """
    read = read_decline_token(token)
    if read is None:
        raise Http404
    kind, person = read
    if request.POST.get("List-Unsubscribe") == "One-Click":
        choose_mail(person=person, kind=kind, is_wanted=False, now=timezone.now())
        return HttpResponse(
            _("You no longer get mails of this kind."), content_type="text/plain; charset=utf-8"
        )
    return _choices(request, person, [kind.audience], {"kind": kind})


def _choices(
    request: HttpRequest, person: str, audiences: Sequence[Audience], context: dict[str, Any]
) -> HttpResponse:
    """Show what the person may choose, or store one choice; raises InvalidRequest for any other."""
    choices = choices_of(person, audiences)
    if request.method == "POST":
        chosen = [choice.kind for choice in choices if choice.kind.name == request.POST.get("kind")]
        wanted = request.POST.get("wanted")
        if not chosen or wanted not in {"yes", "no"}:
            raise InvalidRequest(_("Please choose one of the offered values."))
        choose_mail(person=person, kind=chosen[0], is_wanted=wanted == "yes", now=timezone.now())
        sentence = _("You get these mails again: %s.") if wanted == "yes" else _("You no longer get: %s.")
        messages.success(request, sentence % chosen[0].label)
        return redirect(request.path)
    context |= {"choices": choices, "always": always_told(audiences)}
    return render(request, "applicant/mail_choices.html", context)
