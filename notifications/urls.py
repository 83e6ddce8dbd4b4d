"""The addresses of the outbox, for staff, of calendar files, and of what people choose to get."""

from django.urls import path

from bookings.urls import for_applicant
from notifications import calendar_pages, pages, preference_pages

urlpatterns = [
    *for_applicant([path("termine.ics", calendar_pages.booking_calendar, name="booking_calendar")]),
    path("postausgang/", pages.outbox, name="outbox"),
    path("postausgang/<int:message_id>/", pages.message, name="message"),
    path("postausgang/<int:message_id>/html/", pages.message_html, name="message_html"),
    path("postausgang/<int:message_id>/erneut-senden/", pages.resend_message, name="resend_message"),
    path("eingang/<reference:reference>/adresse/", pages.correct_address_page, name="correct_address"),
    path("konto/mails/", preference_pages.mail_choices, name="mail_choices"),
    # By the link in each mail that may be declined.
    path("mails/abbestellen/<str:token>/", preference_pages.decline_mail, name="decline_mail"),
]
