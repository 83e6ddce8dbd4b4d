"""The page on which staff look after people. Nobody gets a password here: people log in by a code."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from hausderbegegnung.models import User
from rooms.admin_base import StaffAdmin


@admin.register(User)
class UserAdmin(StaffAdmin):
    list_display = ("email", "name", "is_staff", "is_caretaker", "is_active", "last_login")
    list_display_links = ("email",)
    list_filter = ("is_staff", "is_caretaker", "is_active")
    search_fields = ("email", "name")
    ordering = ("email",)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "name", "phone", "language")}),
        (
            _("What the person may do"),
            {
                "description": _(
                    "Staff decide on requests and set up the house. Whoever is not active cannot log in."
                ),
                "fields": ("is_active", "is_caretaker", "is_staff"),
            },
        ),
        (_("Dates"), {"fields": (("date_joined", "last_login"),)}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """An address is changed by its owner, who confirms the new one; nobody takes away the own rights."""
        fields = super().get_readonly_fields(request, obj)
        if obj is not None:
            fields.append("email")
        return [*fields, "is_active", "is_staff"] if obj == request.user else fields

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """People are made inactive: the history keeps who did what."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
