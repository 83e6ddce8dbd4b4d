"""The addresses of bookings, grouped by who uses them.

The request form reads its prefilled values from the query, and every page that leads to it
writes the same ones: `raum` (slug, may repeat), `datum` (yyyy-mm-dd), `von`, `bis` (HH:MM),
`personen`, `bestuhlung` (a rooms.enums.Layout value), `ausstattung` (a number, may repeat).
"""

from django.urls import URLPattern, URLResolver, include, path, register_converter

from hausderbegegnung.web.applicant import (
    change_date,
    confirmation,
    my_bookings,
    next_year,
    own_dates,
    request,
    status,
)
from hausderbegegnung.web.caretaker import day
from hausderbegegnung.web.display import wall
from hausderbegegnung.web.public import calendar, find_room, home, rooms
from hausderbegegnung.web.shared.converters import DayConverter, ReferenceConverter, WeekConverter
from hausderbegegnung.web.staff import closures, decision, inbox, move_date

register_converter(DayConverter, "day")
register_converter(WeekConverter, "week")
register_converter(ReferenceConverter, "reference")

public_urls = [
    path("", home.home, name="home"),
    path("raeume/", rooms.room_list, name="room_list"),
    path("raeume/<slug:slug>/", rooms.room_detail, name="room_detail"),
    path("tag/", calendar.day, name="day"),
    path("tag/<day:day>/", calendar.day, name="day"),
    path("woche/", calendar.week, name="week"),
    path("woche/<week:monday>/", calendar.week, name="week"),
    path("finden/", find_room.find_room, name="find_room"),
    path("display/", wall.display, name="display"),
    path("display/<slug:house_slug>/", wall.display, name="display"),
]

# What an applicant does with a booking.
own_urls = [
    path("", status.booking_status, name="booking_status"),
    path("zurueckziehen/", status.withdraw_booking, name="withdraw_booking"),
    path("stornieren/", status.cancel_booking, name="cancel_booking"),
    path("aendern/", own_dates.change_booking, name="change_booking"),
    path("aendern-ab/", next_year.change_from, name="change_from"),
    path("weitere-termine/", own_dates.add_dates, name="add_dates"),
    path("termin/<uuid:uid>/aendern/", change_date.change_date, name="change_date"),
]


def for_applicant(urls: list[URLPattern]) -> list[URLResolver]:
    """Return addresses about a booking for whoever is logged in, and with the token of the link in mails."""
    return [
        path("anfragen/<reference:reference>/", include(urls)),
        path("anfragen/<reference:reference>/<str:token>/", include(urls)),
    ]


request_urls = [
    path("anfrage/", request.request_booking, name="request_booking"),
    path("anfrage/pruefen/", request.check_request, name="check_request"),
    path("meine-anfragen/", my_bookings.my_bookings, name="my_bookings"),
    *for_applicant(own_urls),
    # One date alone, by the link in the mail that asks for it.
    path("termin/<uuid:uid>/<str:token>/", confirmation.taking_place, name="taking_place"),
]

# Deciding, for staff.
staff_urls = [
    path("eingang/", inbox.inbox, name="inbox"),
    path("eingang/alle/", inbox.booking_search, name="booking_search"),
    path("eingang/<reference:reference>/", decision.decide, name="decide"),
    path("eingang/<reference:reference>/genehmigen/", decision.approve_booking, name="approve_booking"),
    path("eingang/<reference:reference>/ablehnen/", decision.reject_booking, name="reject_booking"),
    path("eingang/<reference:reference>/entscheiden/", decision.decide_dates, name="decide_dates"),
    path(
        "eingang/<reference:reference>/termin/<uuid:uid>/verschieben/", move_date.move_date, name="move_date"
    ),
    path("eingang/<reference:reference>/widerrufen/", decision.revoke_booking, name="revoke_booking"),
    path(
        "eingang/<reference:reference>/stornieren/",
        decision.cancel_for_applicant,
        name="cancel_for_applicant",
    ),
    path("sperrzeiten/", closures.closures, name="closures"),
    path("sperrzeiten/<int:closure_id>/", closures.closure, name="closure"),
    path("sperrzeiten/<int:closure_id>/entfernen/", closures.remove_closure, name="remove_closure"),
]

# The work of a day, for caretakers and staff.
caretaker_urls = [
    path("hausdienst/", day.caretaker_day, name="caretaker_day"),
    path("hausdienst/<day:day>/", day.caretaker_day, name="caretaker_day"),
]

urlpatterns = [*public_urls, *request_urls, *staff_urls, *caretaker_urls]
