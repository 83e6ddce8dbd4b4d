"""The addresses of the wall display."""

from django.urls import path

from hausderbegegnung.web.display import wall

urlpatterns = [
    path("display/", wall.display, name="display"),
    path("display/<slug:house_slug>/", wall.display, name="display"),
]
