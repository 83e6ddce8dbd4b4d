"""The project's addresses, and a page that does nothing: what the middleware costs by itself."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from hausderbegegnung import urls as project
from tests.bench.calls import EMPTY


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [path(EMPTY.lstrip("/"), empty), *project.urlpatterns]
handler400, handler403, handler404 = project.handler400, project.handler403, project.handler404
handler429, handler500 = project.handler429, project.handler500
