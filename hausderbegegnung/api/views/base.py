"""What every view of the interface has in common."""

from typing import Any

from django.utils import translation
from rest_framework.request import Request
from rest_framework.views import APIView


class ApiView(APIView):
    """Speaks the language the program asks for by `Accept-Language`, German where it asks for none."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        translation.activate(translation.get_language_from_request(request._request))  # noqa: SLF001 - Django's own
        super().initial(request, *args, **kwargs)
