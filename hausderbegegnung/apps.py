from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class HausDerBegegnungConfig(AppConfig):
    default = True
    name = "hausderbegegnung"
    verbose_name = _("People")

    def ready(self) -> None:
        """Register what Django does not find by itself; the models are ready only now.

        It looks for `admin` beside this module only, and lookups are no models.
        """
        from hausderbegegnung.accounts import admin  # noqa: F401, PLC0415
        from hausderbegegnung.operations import sqlite  # noqa: F401, PLC0415


class HouseAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "hausderbegegnung.web.admin.site.HouseAdminSite"

    def ready(self) -> None:
        """Rooms describe themselves without knowing of bookings; here their pages learn of them."""
        super().ready()
        from hausderbegegnung.web.admin import house  # noqa: F401, PLC0415 - needs the app registry
