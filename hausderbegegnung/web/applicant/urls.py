"""The addresses of asking for a room, and of what its applicant does with the request."""

from django.urls import include, path

from hausderbegegnung.web.applicant import (
    calendar_file,
    change_date,
    confirmation,
    ended_links,
    mail_choices,
    my_bookings,
    next_year,
    own_dates,
    request,
    status,
)

# What an applicant does with a booking.
own_urls = [
    path("", status.booking_status, name="booking_status"),
    path("zurueckgeben/", own_dates.give_dates_back, name="give_dates_back"),
    path("aendern/", own_dates.change_booking, name="change_booking"),
    path("aendern-ab/", next_year.change_from, name="change_from"),
    path("weitere-termine/", own_dates.add_dates, name="add_dates"),
    path("termin/<uuid:uid>/aendern/", change_date.change_date, name="change_date"),
    path("termine.ics", calendar_file.booking_calendar, name="booking_calendar"),
]

urlpatterns = [
    path("anfrage/", request.request_booking, name="request_booking"),
    path("anfrage/pruefen/", request.check_request, name="check_request"),
    path("meine-anfragen/", my_bookings.my_bookings, name="my_bookings"),
    # For whoever is logged in, and with the token of the link in mails.
    path("anfragen/<reference:reference>/", include(own_urls)),
    path("anfragen/<reference:reference>/<str:token>/", include(own_urls)),
    path(
        "anfragen/<reference:reference>/<str:token>/neuer-link/",
        ended_links.send_booking_link,
        name="send_booking_link",
    ),
    # One date alone, by the link in the mail that asks for it.
    path("termin/<uuid:uid>/<str:token>/", confirmation.date_confirmation, name="date_confirmation"),
    path("termin/<uuid:uid>/<str:token>/neuer-link/", ended_links.send_date_link, name="send_date_link"),
    path("konto/mails/", mail_choices.mail_choices, name="mail_choices"),
    # By the link in each mail that may be declined.
    path("mails/abbestellen/<str:token>/", mail_choices.decline_mail, name="decline_mail"),
]
