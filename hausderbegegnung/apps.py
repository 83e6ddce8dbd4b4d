from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class HausDerBegegnungConfig(AppConfig):
    default = True
    name = "hausderbegegnung"
    verbose_name = _("People")

    def ready(self) -> None:
        """Put the people into the administration; Django looks for `admin` beside this module only."""
        from hausderbegegnung.accounts import admin  # noqa: F401, PLC0415 - models are ready only now


class HouseAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "hausderbegegnung.admin_site.HouseAdminSite"
