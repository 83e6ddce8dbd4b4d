from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class HausDerBegegnungConfig(AppConfig):
    default = True
    name = "hausderbegegnung"
    verbose_name = _("People")


class HouseAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "hausderbegegnung.admin_site.HouseAdminSite"
