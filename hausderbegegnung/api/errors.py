"""Errors of the API as problem details (RFC 9457), with the codes of the domain."""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from hausderbegegnung.api.reasons import outside_name, plain_reason_data, reason_data
from hausderbegegnung.api.serializers.public import ReasonSerializer
from rooms.errors import DomainError

PROBLEM = "application/problem+json"


def problem_response(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an exception of a view into a problem; what nobody foresaw stays an exception.

    Members: type, title, status, detail, code, and `reasons` for everything that is wrong, each
    with code, message, overridable_by, field (a dotted path into what was sent) and nearest; and
    what a domain error adds.
    """
    if isinstance(exc, DomainError):
        set_rollback()
        reasons = [reason_data(reason) for reason in exc.reasons]
        if not reasons and exc.field:
            reasons = [plain_reason_data(exc.code, str(exc), outside_name(exc.field))]
        return _problem(
            exc.status,
            exc.code,
            title=str(exc.sentence),
            detail=str(exc),
            reasons=reasons,
            members=exc.members,
        )
    response = exception_handler(exc, context)
    if response is None:
        return None
    error = _as_api_exception(exc)
    reasons, detail = [], str(error.detail)
    code = str(getattr(error.detail, "code", error.default_code))
    if isinstance(error, exceptions.ValidationError):
        code, detail = "invalid", _("Please check what was sent.")
        reasons = list(_field_reasons(error.detail))
        if len(reasons) == 1:
            detail = reasons[0]["message"]
    headers = {name: value for name, value in response.headers.items() if name != "Content-Type"}
    return _problem(response.status_code, code, detail=detail, reasons=reasons, headers=headers)


def plain_problem(status: int) -> JsonResponse:
    """Return the problem of what no view of the API answered: no such address, a failure, a house away."""
    code, detail = {
        400: ("parse_error", _("What was sent cannot be read.")),
        403: ("permission_denied", _("You may not do that.")),
        404: ("not_found", _("There is nothing at this address.")),
        429: ("throttled", _("That was too often. Please try again in a minute.")),
        500: ("internal_error", _("Something went wrong. What was sent was not stored.")),
        503: ("unavailable", _("The house cannot answer right now. What was sent was not stored.")),
    }[status]
    return JsonResponse(_members(status, code, detail=detail), status=status, content_type=PROBLEM)


def _as_api_exception(exc: Exception) -> exceptions.APIException:
    if isinstance(exc, Http404):
        return exceptions.NotFound()
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied()
    assert isinstance(exc, exceptions.APIException)  # noqa: S101 - what exception_handler answers otherwise
    return exc


def _problem(
    status: int,
    code: str,
    *,
    detail: str,
    title: str = "",
    reasons: Sequence[dict[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, Any] | None = None,
) -> Response:
    body = {**(members or {}), **_members(status, code, title=title, detail=detail, reasons=reasons)}
    return Response(body, status=status, headers=dict(headers or {}), content_type=PROBLEM)


def _members(
    status: int, code: str, *, detail: str, title: str = "", reasons: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    return {
        "type": f"{settings.SITE_URL}{reverse('api_docs')}#{code}",
        "title": title or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "reasons": ReasonSerializer(reasons, many=True).data,
    }


def _field_reasons(detail: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """List every error of a serializer with the dotted path of its field, such as dates.0.starts_at."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            nested = path if name == "non_field_errors" else f"{path}.{name}".lstrip(".")
            yield from _field_reasons(inner, nested)
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            is_row = isinstance(inner, Mapping | list)
            yield from _field_reasons(inner, f"{path}.{number}".lstrip(".") if is_row else path)
    else:
        yield plain_reason_data(detail.code, str(detail), path or None)
