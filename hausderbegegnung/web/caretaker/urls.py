"""The addresses of the work of a day, for caretakers and staff."""

from django.urls import path

from hausderbegegnung.web.caretaker import day

urlpatterns = [
    path("hausdienst/", day.caretaker_day, name="caretaker_day"),
    path("hausdienst/<day:day>/", day.caretaker_day, name="caretaker_day"),
]
