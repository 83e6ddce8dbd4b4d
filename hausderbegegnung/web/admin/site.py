"""The site under /admin/: only the house's own tables, the one login, its own policy of content."""

from collections.abc import Callable, Iterable
from typing import Any

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib.admin import ModelAdmin
from django.contrib.auth.views import LogoutView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from bookings.access.permissions import can_administer

OWN_APPS = {"rooms", "bookings", "notifications", "hausderbegegnung"}

# What django-unfold needs beyond `default-src 'self'`: Alpine evaluates attributes, and colours and
# widths are written as styles. Never inline scripts, never another origin.
ADMIN_POLICY = {
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
}


class HouseAdminSite(UnfoldAdminSite):
    index_title = _("Set up the house")
    index_template = "admin/house_index.html"

    def register(
        self, model_or_iterable: type[Model] | Iterable[type[Model]], admin_class: Any = None, **options: Any
    ) -> None:
        """Register only tables of our own apps.

        Patterns of django-scheduler, tokens, second factors and groups are changed by services
        and account pages; here they would be a way around them.
        """
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        models_of_house = [model for model in models if model._meta.app_label in OWN_APPS]
        if models_of_house:
            super().register(models_of_house, admin_class or ModelAdmin, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and can_administer(request.user)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:  # noqa: FBT002 - as Django has it
        return csp_update(ADMIN_POLICY)(super().admin_view(view, cacheable))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send people to the one login of the house; who is logged in and not on the staff gets a 403."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(
            request.GET.get("next") or reverse("admin:index"), resolve_url("account_login")
        )

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return LogoutView.as_view(next_page=resolve_url("home"))(request)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")
