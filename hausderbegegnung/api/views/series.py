"""The check of a series: what becomes of each of its dates."""

from typing import Any, ClassVar, cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.access.actors import Actor
from bookings.series.request import plan_series
from hausderbegegnung.accounts.tokens import Scope
from hausderbegegnung.api.lookups import require_house
from hausderbegegnung.api.requests.bookings import equipment_ids_of
from hausderbegegnung.api.requests.series import plan_data, series_wish
from hausderbegegnung.api.serializers.series import SeriesCheckSerializer, SeriesPlanSerializer
from hausderbegegnung.api.views.base import ApiView


class SeriesView(ApiView):
    """Open to everybody; who is known is also told that others have asked for a time."""

    permission_classes = (AllowAny,)
    scopes: ClassVar = {"POST": Scope.READ}

    @extend_schema(
        operation_id="check_series",
        tags=["availability"],
        request=SeriesCheckSerializer,
        responses=SeriesPlanSerializer,
    )
    def post(self, request: Request) -> Response:
        """The complete plan of a series: which dates stand, can move (and where) or are skipped. Nothing is
        stored.
        """
        checked = SeriesCheckSerializer(data=request.data)
        checked.is_valid(raise_exception=True)
        sent, errors = checked.validated_data, dict[str, Any]()
        house = require_house(sent["house"])
        equipment_ids = equipment_ids_of(sent["equipment"], house, errors)
        if errors:
            raise ValidationError(errors)
        plan = plan_series(
            house=house,
            wish=series_wish(sent, house, equipment_ids),
            now=timezone.now(),
            asker=cast(Actor, request.user),
        )
        return Response(plan_data(plan if request.user.is_authenticated else plan.for_strangers()))
