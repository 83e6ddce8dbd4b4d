from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class BookingsConfig(AppConfig):
    name = "bookings"
    verbose_name = _("Bookings")

    def ready(self) -> None:
        from bookings.occupancy.guard import install_guard  # noqa: PLC0415 - needs the app registry

        post_migrate.connect(install_guard, sender=self, dispatch_uid="bookings.install_guard")
