"""Pictures of rooms, put there by staff: a handful, and no reason for a server of their own."""

import errno

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve

from hausderbegegnung.web.shared.decorators import public_page


@public_page
@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """One file of MEDIA_ROOT. Raises Http404 where there is none, or no file could be called that."""
    try:
        response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise Http404 from error
        raise
    # A replaced picture has another name.
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
