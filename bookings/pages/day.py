from typing import Any

from django.http import HttpRequest, HttpResponse



def day(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("day")


def week(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("week")
