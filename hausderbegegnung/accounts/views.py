"""The account pages: address, code, details, and the demo's one-click login."""

from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login
from allauth.account.internal.stagekit import clear_login
from allauth.account.mixins import NextRedirectMixin, RedirectAuthenticatedUserMixin
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from allauth.account.utils import get_login_redirect_url
from allauth.account.views import ConfirmLoginCodeView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.generic.edit import FormView

from bookings.access.permissions import can_use_password
from hausderbegegnung.accounts.adapter import WRONG_CODE
from hausderbegegnung.accounts.codes import LoginCode, TooManyGuesses
from hausderbegegnung.accounts.demo import DEMO_PEOPLE, demo_people
from hausderbegegnung.accounts.forms import AddressForm, CodeForm, DetailsForm
from hausderbegegnung.accounts.limits import TooOften, place_of
from hausderbegegnung.accounts.links import read_login_link
from hausderbegegnung.accounts.security import SecurityEvent, record
from hausderbegegnung.models import User

ADDRESS_KEY = "login_address"


class LimitedFormView(FormView):
    """A form that may be sent so often and no oftener."""

    def refuse(self, form: Form, field: str, refusal: TooOften) -> HttpResponse:
        """Show the form again, which says at its field how long to wait; what was typed stays."""
        form.add_error(field, refusal.sentence)
        response = self.render_to_response(self.get_context_data(form=form), status=429)
        response["Retry-After"] = str(refusal.seconds)
        return response


class AddressView(RedirectAuthenticatedUserMixin, NextRedirectMixin, LimitedFormView):
    """Ask for the e-mail address and send a code there, to people known and new alike."""

    form_class = AddressForm
    template_name = "account/login.html"

    def get_initial(self) -> dict[str, Any]:
        return {"email": self.request.session.get(ADDRESS_KEY, "")}

    def form_valid(self, form: AddressForm) -> HttpResponse:
        email = form.cleaned_data["email"]
        self.request.session[ADDRESS_KEY] = email
        try:
            LoginCode.begin(request=self.request, email=email)
        except TooOften as refusal:
            return self.refuse(form, "email", refusal)
        return HttpResponseRedirect(self.passthrough_next_url(reverse("account_confirm_login_code")))

    def get_success_url(self) -> str | None:  # type: ignore[override]
        """Where somebody goes who is logged in already: to `next`, or the default."""
        return None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            demo_people=demo_people(),
            is_asking=(self.get_next_url() or "").startswith(reverse("request_booking")),
            password_url=self.passthrough_next_url(reverse("account_login_password")),
            **kwargs,
        )


class CodeView(LimitedFormView, ConfirmLoginCodeView):
    """Take the code. Whatever goes wrong is said, and the way back keeps `next`."""

    form_class = CodeForm
    template_name = "account/confirm_login_code.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return HttpResponseRedirect(get_login_redirect_url(request, self.get_next_url()))
        self.stage = LoginStageController.enter(request, LoginByCodeStage.key)
        if self.stage is None:
            return self.start_again(_("Please ask for a code first."))
        process = LoginCode.resume_or_none(self.stage)
        if process is None:
            return self.start_again(_("The code was too old. Please ask for a new one."))
        self._process = process
        return FormView.dispatch(self, request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return FormView.get_form_kwargs(self)

    def _verify_form_valid(self, form: CodeForm) -> HttpResponse:
        try:
            is_right = self._process.guess(form.cleaned_data["code"])
        except TooOften as refusal:
            return self.refuse(form, "code", refusal)
        except TooManyGuesses:
            return self.start_again(_("Those were too many wrong codes. Please ask for a new one."))
        if not is_right:
            form.add_error("code", WRONG_CODE)
            return self.form_invalid(form)
        return self._process.finish(self.get_next_url())

    def _resend_form_valid(self, form: Form) -> HttpResponse:
        try:
            is_sent = self._process.resend()
        except TooOften as refusal:
            messages.error(self.request, refusal.sentence)
        else:
            if is_sent:
                messages.success(
                    self.request, _("We have sent you a new code. The one before is no longer valid.")
                )
            else:
                messages.error(self.request, _("Please use the code from the newest mail."))
        return HttpResponseRedirect(self.passthrough_next_url(reverse("account_confirm_login_code")))

    def form_invalid(self, form: Form) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form))

    def start_again(self, sentence: str) -> HttpResponse:
        messages.error(self.request, sentence)
        return HttpResponseRedirect(self.passthrough_next_url(reverse("account_login")))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            minutes=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60,
            mail_folder=getattr(settings, "EMAIL_FILE_PATH", "") if settings.DEMO else "",
            **kwargs,
        )


class RestartView(NextRedirectMixin, FormView):
    """Forget the code under way, to use another address."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        clear_login(request)
        return HttpResponseRedirect(self.passthrough_next_url(reverse("account_login")))


@method_decorator(login_required, name="dispatch")
class DetailsView(NextRedirectMixin, FormView):
    """Name and phone: asked once after the first login, and changed on the account page."""

    form_class = DetailsForm
    template_name = "account/details.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": self.request.user}

    def get_default_success_url(self) -> str:
        return reverse("account")

    def form_valid(self, form: DetailsForm) -> HttpResponse:
        form.save()
        messages.success(self.request, _("Saved."))
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(next_url=self.get_next_url(), **kwargs)


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """The own account: details, and for staff password and second factor."""
    return render(request, "account/account.html")


@require_POST
def demo_login(request: HttpRequest, who: str) -> HttpResponse:
    """Log in as one of the demo people. Outside the demo there is no such page."""
    if not settings.DEMO or who not in DEMO_PEOPLE:
        raise Http404
    user = User.objects.filter(email=DEMO_PEOPLE[who].email, is_active=True).first()
    if user is None:
        messages.error(request, _("The demo people are missing. Please load the demo house first."))
        return redirect("account_login")
    if request.user.is_authenticated:
        get_adapter().logout(request)
    clear_login(request)
    return perform_login(request, Login(user=user, redirect_url=next_of(request)))


def login_link(request: HttpRequest, token: str) -> HttpResponse:
    """Log in by the one-time link that `manage.py create_staff` printed; opening it changes nothing."""
    user = read_login_link(token)
    if user is None:
        record(SecurityEvent.LOGIN_LINK_WRONG, visitor=place_of(request))
        return render(request, "account/login_link.html", {"person": None}, status=404)
    if request.method != "POST":
        return render(request, "account/login_link.html", {"person": user})
    if request.user.is_authenticated:
        get_adapter().logout(request)
    clear_login(request)
    return perform_login(request, Login(user=user))


def next_of(request: HttpRequest) -> str | None:
    """Where the person wanted to go, if it is a page of ours."""
    url = request.POST.get("next") or request.GET.get("next")
    return url if url and get_adapter().is_safe_url(url) else None


def staff_only(view: Any) -> Any:
    """Passwords and second factors are for staff; everybody else logs in by code alone."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not can_use_password(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapped
