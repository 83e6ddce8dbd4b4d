"""The addresses of bookings, grouped by who uses them.

The request form reads its prefilled values from the query, and every page that leads to it
writes the same ones: `raum` (slug, may repeat), `datum` (yyyy-mm-dd), `von`, `bis` (HH:MM),
`personen`, `bestuhlung` (a rooms.enums.Layout value).
"""

from django.urls import path, register_converter

from bookings.pages import day, display, find_room, home, rooms
from bookings.pages.converters import DayConverter, WeekConverter

register_converter(DayConverter, "day")
register_converter(WeekConverter, "week")

public_urls = [
    path("", home.home, name="home"),
    path("raeume/", rooms.room_list, name="room_list"),
    path("raeume/<slug:slug>/", rooms.room_detail, name="room_detail"),
    path("tag/", day.day, name="day"),
    path("tag/<day:day>/", day.day, name="day"),
    path("woche/", day.week, name="week"),
    path("woche/<week:monday>/", day.week, name="week"),
    path("finden/", find_room.find_room, name="find_room"),
    path("display/", display.display, name="display"),
    path("display/<slug:house_slug>/", display.display, name="display"),
]

# Asking for a room, and what its applicant does with the request.
request_urls: list = []

# Deciding, for staff.
staff_urls: list = []

urlpatterns = [*public_urls, *request_urls, *staff_urls]
