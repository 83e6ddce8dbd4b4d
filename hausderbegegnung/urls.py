"""Where everything lives: pages in German, the program interface, the admin."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language
from django.views.static import serve

from hausderbegegnung.operations import health, metrics
from hausderbegegnung.web.public import house_pages

urlpatterns = [
    path("", include("hausderbegegnung.web.urls")),
    path("", include("hausderbegegnung.web.mail_urls")),
    path("", include("hausderbegegnung.accounts.urls")),
    path("", include("hausderbegegnung.api.urls")),
    path("seite/<slug:kind>/", house_pages.house_page, name="house_page"),
    path("nutzungsordnung/", house_pages.house_rules, name="house_rules"),
    # Harmless when forged, and without the token no page needs a cookie just to offer it.
    path("sprache/", csrf_exempt(set_language), name="set_language"),
    path("robots.txt", house_pages.robots, name="robots"),
    path("favicon.ico", house_pages.favicon),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    # A handful of pictures of rooms, put there by staff: no reason for a server of their own.
    path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}, name="media"),
]

handler400 = house_pages.bad_request
handler403 = house_pages.permission_denied
handler404 = house_pages.page_not_found
handler429 = house_pages.too_many_requests
handler500 = house_pages.server_error
