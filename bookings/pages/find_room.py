from typing import Any

from django.http import HttpRequest, HttpResponse



def find_room(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("find_room")
