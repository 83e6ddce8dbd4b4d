"""The addresses of the outbox, for staff, of calendar files, and of what people choose to get."""

from django.urls import path

from hausderbegegnung.web.applicant import calendar_file, mail_choices
from hausderbegegnung.web.staff import outbox
from hausderbegegnung.web.urls import for_applicant

urlpatterns = [
    *for_applicant([path("termine.ics", calendar_file.booking_calendar, name="booking_calendar")]),
    path("postausgang/", outbox.outbox, name="outbox"),
    path("postausgang/<int:message_id>/", outbox.message, name="message"),
    path("postausgang/<int:message_id>/html/", outbox.message_html, name="message_html"),
    path("postausgang/<int:message_id>/erneut-senden/", outbox.resend_message, name="resend_message"),
    path("eingang/<reference:reference>/adresse/", outbox.correct_address_page, name="correct_address"),
    path("konto/mails/", mail_choices.mail_choices, name="mail_choices"),
    # By the link in each mail that may be declined.
    path("mails/abbestellen/<str:token>/", mail_choices.decline_mail, name="decline_mail"),
]
