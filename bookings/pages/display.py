from typing import Any

from django.http import HttpRequest, HttpResponse



def display(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("display")
