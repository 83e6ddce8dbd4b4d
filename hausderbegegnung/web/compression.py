"""Pages and answers of the API travel compressed, where their length gives nothing away."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from hausderbegegnung.web.privacy import is_public


class CompressionMiddleware(GZipMiddleware):
    """Compress what is public, and what is private where nothing in it comes from the address.

    Whoever can make somebody's browser open an address and sees how long the encrypted answer is, could
    guess what else is in a compressed page that repeats a part of that address (BREACH,
    docs/decisions/compression.md). Files are left alone: pictures are compressed already.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or (request.META.get("QUERY_STRING") and not is_public(request)):
            return response
        return super().process_response(request, response)
