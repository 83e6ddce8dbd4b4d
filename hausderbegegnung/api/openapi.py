"""What drf-spectacular can't see by itself: how a token is sent, and which scope a call needs."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from hausderbegegnung.accounts.tokens import Scope


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "hausderbegegnung.api.authentication.TokenAuthentication"
    name = "tokenAuth"
    priority = 1

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": f"`Token hdb_…`; it has one or more of the scopes {', '.join(map(_code, Scope))}.",
        }


class ScopedSchema(AutoSchema):
    """Names the scope in the description of each operation, and for programs as `x-required-scope`."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        scope = getattr(self.view, "scopes", {}).get(self.method)
        if operation is not None and scope is not None:
            operation["description"] += f"\n\nA token needs the scope {_code(scope)}."
            operation["x-required-scope"] = scope.value
        return operation


def _code(scope: Scope) -> str:
    return f"`{scope.value}`"
