from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        from notifications import receivers  # noqa: F401, PLC0415 - registers and connects
        from notifications.wording import checks  # noqa: F401, PLC0415 - registers and connects
