from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HausDerBegegnungConfig(AppConfig):
    name = "hausderbegegnung"
    verbose_name = _("People")
