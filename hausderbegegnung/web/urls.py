"""The addresses of all pages, by who uses them.

The request form reads its prefilled values from the query, and every page that leads to it
writes the same ones: `raum` (slug, may repeat), `datum` (yyyy-mm-dd), `von`, `bis` (HH:MM),
`personen`, `bestuhlung` (a rooms.enums.Layout value), `ausstattung` (a number, may repeat).
"""

from django.urls import include, path, register_converter

from hausderbegegnung.web.shared.converters import DayConverter, ReferenceConverter, WeekConverter

register_converter(DayConverter, "day")
register_converter(WeekConverter, "week")
register_converter(ReferenceConverter, "reference")

urlpatterns = [
    # A wall asks every minute.
    path("", include("hausderbegegnung.web.display.urls")),
    path("", include("hausderbegegnung.web.public.urls")),
    path("", include("hausderbegegnung.web.applicant.urls")),
    path("", include("hausderbegegnung.web.staff.urls")),
    path("", include("hausderbegegnung.web.caretaker.urls")),
]
