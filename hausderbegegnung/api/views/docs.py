"""The description of the interface, and a page to read it and try it out, all from our own origin."""

from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


class SchemaView(SpectacularAPIView):
    """OpenAPI 3 as YAML or, with `Accept: application/json` or `?format=json`, as JSON."""

    is_public = True


class DocsView(SpectacularSwaggerSplitView):
    url_name = "api_schema"
    template_name = "api/docs.html"
    is_public = True


# Swagger UI writes sizes as styles and shows icons from data addresses; it evaluates nothing.
docs: Any = csp_update({"style-src": [SELF, UNSAFE_INLINE], "img-src": [SELF, "data:"]})(DocsView.as_view())
