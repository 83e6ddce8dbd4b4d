"""The page on which a person makes and ends tokens for programs."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hausderbegegnung.accounts.forms import TokenForm
from hausderbegegnung.accounts.tokens import Scope, make_token, revoke_token
from hausderbegegnung.models import ApiToken, User


@login_required
def tokens(request: HttpRequest) -> HttpResponse:
    """The person's tokens, and a form for another one; the answer to it shows the new token, once."""
    user = cast(User, request.user)
    if request.method != "POST":
        return _page(request, TokenForm(user=user))
    form = TokenForm(request.POST, user=user)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        token, text = make_token(user=user, now=timezone.now(), **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, form, status=400)
    return _page(request, TokenForm(user=user), token=token, text=text)


@require_POST
@login_required
def end_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """End one of the person's tokens; somebody else's does not exist."""
    token = get_object_or_404(ApiToken, pk=token_id, user=request.user)
    revoke_token(token)
    messages.success(request, _("The token “%(name)s” has ended.") % {"name": token.name})
    return redirect("tokens")


def _page(
    request: HttpRequest, form: TokenForm, *, token: ApiToken | None = None, text: str = "", status: int = 200
) -> HttpResponse:
    now = timezone.now()
    rows = [
        {
            "token": each,
            "scopes": [Scope(scope).label for scope in each.scopes],
            "has_ended": each.expires_at <= now,
        }
        for each in ApiToken.objects.filter(user=cast(User, request.user)).order_by("-created_at", "-pk")
    ]
    context = {"form": form, "rows": rows, "new_token": token, "text": text}
    return render(request, "account/tokens.html", context, status=status)
