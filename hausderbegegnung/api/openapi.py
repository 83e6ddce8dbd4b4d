"""What drf-spectacular can't see by itself: how a token is sent, the scope of a call, the length of lists."""

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

    def _map_serializer_field(self, field: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add how many entries a list may have, which drf-spectacular tells of plain lists only."""
        schema: dict[str, Any] = super()._map_serializer_field(field, *args, **kwargs)
        if schema.get("type") == "array":
            if getattr(field, "max_length", None) is not None:
                schema["maxItems"] = field.max_length
            if getattr(field, "allow_empty", True) is False:
                schema["minItems"] = 1
        return schema


def _code(scope: Scope) -> str:
    return f"`{scope.value}`"
