"""What every view of the interface has in common."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils import translation
from rest_framework.request import Request
from rest_framework.views import APIView

from hausderbegegnung.accounts.tokens import Scope
from hausderbegegnung.api.authentication import require_scope


class ApiView(APIView):
    """Speaks the language the program asks for by `Accept-Language`, German where it asks for none.

    `scopes` says for each method which scope a token needs; what is not named there, no token may do.
    """

    scopes: ClassVar[Mapping[str, Scope]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        translation.activate(translation.get_language_from_request(request._request))  # noqa: SLF001 - Django's own
        super().initial(request, *args, **kwargs)

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        require_scope(request, self.scopes.get("GET" if request.method == "HEAD" else str(request.method)))
