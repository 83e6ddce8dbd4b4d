from typing import Any

from django.http import HttpRequest, HttpResponse



def room_list(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("room_list")


def room_detail(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("room_detail")
