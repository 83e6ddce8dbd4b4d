from typing import Any

from django.http import HttpRequest, HttpResponse



def home(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("home")
