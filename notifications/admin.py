"""The outbox, to be looked at by staff, and the texts of mails; resending is done on its own page."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from notifications.admin_texts import MailTextAdmin
from notifications.models import FailingAddress, MailText, Message, MessageState
from notifications.outbox.failing_addresses import list_failing_addresses
from rooms.admin_base import ReadOnly, StaffAdmin

admin.site.register(MailText, MailTextAdmin)


@admin.register(Message)
class MessageAdmin(ReadOnly, StaffAdmin):
    """Without the texts: some carry login codes and status links, which are the recipient's alone."""

    list_display = ("created_at", "kind", "recipient", "shown_state", "attempts", "shown_page")
    list_filter = ("state", "kind")
    search_fields = ("recipient", "booking__reference")
    ordering = ("-created_at",)
    fields = (
        ("kind", "state"),
        ("recipient", "language"),
        "shown_booking",
        ("created_at", "not_before", "sent_at"),
        ("attempts", "takeovers"),
        ("fault", "last_error"),
        "bundled_into",
        "message_id",
        "shown_page",
    )
    readonly_fields = ("shown_booking", "shown_page")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("booking").defer("facts", "body", "html")

    @display(
        description=_("state"),
        ordering="state",
        label={
            MessageState.PENDING: "info",
            MessageState.SENDING: "info",
            MessageState.SENT: "success",
            MessageState.FAILED: "danger",
            MessageState.DROPPED: "info",
            MessageState.BUNDLED: "info",
        },
    )
    def shown_state(self, message: Message) -> tuple[str, str]:
        return message.state, message.get_state_display()

    @display(description=_("booking"))
    def shown_booking(self, message: Message) -> SafeString | str:
        if message.booking is None:
            return "–"
        address = reverse("decide", args=[message.booking.reference])
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>',
            address,
            message.booking.reference,
        )

    @display(description=_("Outbox"))
    def shown_page(self, message: Message) -> SafeString:
        address = reverse("message", args=[message.pk])
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', address, gettext("Open")
        )


@admin.register(FailingAddress)
class FailingAddressAdmin(ReadOnly, StaffAdmin):
    """Addresses to which mails keep failing; to delete a mark is to say that the address works again."""

    list_display = ("address", "failures", "last_failed_at", "last_error")
    search_fields = ("address",)
    ordering = ("-last_failed_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return list_failing_addresses()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("notifications.delete_failingaddress")
