"""Where everything lives: pages in German, the program interface, the admin."""

from importlib import import_module

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

from hausderbegegnung import health, pages


def _included(prefix: str, module: str) -> list[URLPattern | URLResolver]:
    try:
        import_module(module)
    except ImportError as error:
        if error.name and error.name.split(".")[0] == module.split(".")[0]:
            return []
        raise
    return [path(prefix, include(module))]


urlpatterns = [
    *_included("", "bookings.urls"),
    *_included("", "notifications.urls"),
    *_included("", "bookings.api.urls"),
    path("healthz", health.healthz, name="healthz"),
    path("", include("hausderbegegnung.accounts.urls")),
    path("seite/<slug:kind>/", pages.house_page, name="house_page"),
    path("nutzungsordnung/", pages.house_rules, name="house_rules"),
    # Harmless when forged, and without the token no page needs a cookie just to offer it.
    path("sprache/", csrf_exempt(set_language), name="set_language"),
    path("admin/", admin.site.urls),
]

handler400 = pages.bad_request
handler403 = pages.permission_denied
handler404 = pages.page_not_found
handler429 = pages.too_many_requests
handler500 = pages.server_error
