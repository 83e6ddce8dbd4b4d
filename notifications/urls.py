"""The addresses of the outbox, for staff."""

from django.urls import path

from notifications import pages

urlpatterns = [
    path("postausgang/", pages.outbox, name="outbox"),
    path("postausgang/<int:message_id>/", pages.message, name="message"),
    path("postausgang/<int:message_id>/html/", pages.message_html, name="message_html"),
    path("postausgang/<int:message_id>/erneut-senden/", pages.resend_message, name="resend_message"),
]
