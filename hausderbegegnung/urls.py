"""Where everything lives: pages in German, the API, the admin."""

from django.contrib import admin
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

from hausderbegegnung import error_handlers
from hausderbegegnung.operations import health, metrics

urlpatterns = [
    path("", include("hausderbegegnung.web.urls")),
    path("", include("hausderbegegnung.accounts.urls")),
    path("", include("hausderbegegnung.api.urls")),
    # Harmless when forged, and without the token no page needs a cookie just to offer it.
    path("sprache/", csrf_exempt(set_language), name="set_language"),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("admin/", admin.site.urls),
]

handler400 = error_handlers.bad_request
handler403 = error_handlers.permission_denied
handler404 = error_handlers.page_not_found
handler429 = error_handlers.too_many_requests
handler500 = error_handlers.server_error
