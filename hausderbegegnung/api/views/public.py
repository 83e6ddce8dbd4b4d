"""The public part: no login, no personal data."""

from datetime import timedelta
from typing import Any, ClassVar, cast

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.access.actors import Actor
from bookings.agenda.public import day_schedule
from bookings.availability.cache import kept_with_plan
from bookings.availability.checks import room_availability
from bookings.availability.nearest import check_wish
from bookings.availability.wishes import wish_for
from bookings.enums import activity_of
from bookings.errors import WishBreaksRules
from hausderbegegnung.accounts.tokens import Scope
from hausderbegegnung.api.lookups import active_rooms, require_house, room_ids_of, unknown_names
from hausderbegegnung.api.reasons import reason_data
from hausderbegegnung.api.requests.bookings import equipment_ids_of
from hausderbegegnung.api.serializers.public import (
    AvailabilityQuery,
    AvailabilitySerializer,
    HouseQuery,
    HouseSerializer,
    RoomSerializer,
    ScheduleQuery,
    ScheduleSerializer,
    VerdictSerializer,
    WishSerializer,
)
from hausderbegegnung.api.views.base import ApiView
from rooms.clock import day_of
from rooms.enums import Severity
from rooms.facts import RoomFacts, house_facts
from rooms.intervals import Interval
from rooms.lookups import house_rules_on
from rooms.models import House, OpeningHours, Room

# Two months, and the hour that a clock change may add.
LONGEST_PERIOD = timedelta(days=62, hours=1)


class PublicView(ApiView):
    """Open to everybody, so that nobody is looked up."""

    is_public = True
    authentication_classes = ()
    permission_classes = ()


class HouseView(PublicView):
    @extend_schema(operation_id="house", tags=["house"], parameters=[HouseQuery], responses=HouseSerializer)
    def get(self, request: Request) -> Response:
        """The house with its contact, policy, opening hours and rules."""
        house: Any = require_house(_checked(HouseQuery, request.query_params)["house"])
        house.house_hours = OpeningHours.objects.filter(house=house, room=None).order_by(
            "valid_from", "weekday", "opens_at"
        )
        house.valid_rules = house_rules_on(house, day_of(timezone.now(), house.zone))
        return Response(HouseSerializer(house).data)


class RoomListView(PublicView):
    @extend_schema(
        operation_id="rooms", tags=["house"], parameters=[HouseQuery], responses=RoomSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        """All rooms that can be booked, with parts, layouts, equipment and access."""
        house = require_house(_checked(HouseQuery, request.query_params)["house"])
        return Response(RoomSerializer(_rooms(house), many=True, context={"request": request}).data)


class RoomView(PublicView):
    @extend_schema(operation_id="room", tags=["house"], parameters=[HouseQuery], responses=RoomSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """One room."""
        house = require_house(_checked(HouseQuery, request.query_params)["house"])
        room = _rooms(house).filter(slug=slug).first()
        if room is None:
            raise Http404
        return Response(RoomSerializer(room, context={"request": request}).data)


class AvailabilityView(PublicView):
    @extend_schema(
        operation_id="availability",
        tags=["availability"],
        parameters=[AvailabilityQuery],
        responses=AvailabilitySerializer,
    )
    def get(self, request: Request) -> HttpResponse:
        """When rooms are open in a period, what blocks them, and what is free."""
        asked = _checked(AvailabilityQuery, request.query_params)
        period = _period(asked["from"], asked["to"])
        house = require_house(asked["house"])
        facts = house_facts(house)
        rooms = active_rooms(facts)
        slugs = asked.get("rooms", list(rooms))
        _refuse_unknown(slugs, rooms)
        by_id = {room.id: room for room in rooms.values()}
        room_ids = room_ids_of(slugs, rooms)

        def make() -> bytes:
            answers = [
                {
                    "room": by_id[availability.room_id].slug,
                    "name": by_id[availability.room_id].name,
                    "open": availability.open,
                    "blocks": availability.blocks,
                    "free": availability.free,
                }
                for availability in room_availability(
                    house=house, period=period, room_ids=room_ids, facts=facts
                )
            ]
            body = {"house": house.slug, "rooms": answers}
            data = AvailabilitySerializer(body, context={"zone": house.zone}).data
            return JSONRenderer().render(data)

        body = kept_with_plan(house, "availability", period.start, period.end, room_ids, make=make)
        return HttpResponse(body, content_type="application/json")


class WishView(ApiView):
    """Open to everybody; who is known is also told how many others have asked for the time."""

    permission_classes = (AllowAny,)
    scopes: ClassVar = {"GET": Scope.READ, "POST": Scope.READ}

    @extend_schema(
        operation_id="check_wish",
        tags=["availability"],
        parameters=[WishSerializer],
        responses=VerdictSerializer,
    )
    def get(self, request: Request) -> Response:
        """Every rule a wished date breaks, who may override it, and the nearest free time."""
        return self._verdict(request, request.query_params)

    @extend_schema(
        operation_id="check_wish_by_post",
        tags=["availability"],
        request=WishSerializer,
        responses=VerdictSerializer,
    )
    def post(self, request: Request) -> Response:
        """The same, asked with a body. Nothing is stored."""
        return self._verdict(request, request.data)

    def _verdict(self, request: Request, sent: Any) -> Response:
        asked = _checked(WishSerializer, sent)
        house = require_house(asked.pop("house"))
        rooms = active_rooms(house_facts(house))
        slugs = asked.pop("rooms")
        asked["activity"] = activity_of(asked.pop("kind"))
        _refuse_unknown(slugs, rooms)
        errors: dict[str, Any] = {}
        equipment_ids = equipment_ids_of(asked.pop("equipment"), house, errors)
        if errors:
            raise ValidationError(errors)
        gross = None
        try:
            wish = wish_for(
                house=house, room_ids=room_ids_of(slugs, rooms), equipment_ids=equipment_ids, **asked
            )
            gross = wish.gross
            reasons = check_wish(house=house, wish=wish, now=timezone.now(), asker=cast(Actor, request.user))
        except WishBreaksRules as error:
            reasons = error.reasons
        hindrances = {reason.severity for reason in reasons} - {Severity.WARNING}
        verdict = {
            "is_possible": not hindrances,
            "staff_may_override": hindrances == {Severity.STAFF},
            "gross": gross,
            "reasons": [
                reason_data(reason)
                for reason in reasons
                if reason.code != "rival" or request.user.is_authenticated
            ],
        }
        return Response(VerdictSerializer(verdict, context={"zone": house.zone}).data)


class ScheduleView(PublicView):
    @extend_schema(
        operation_id="schedule",
        tags=["schedule"],
        parameters=[
            ScheduleQuery,
            OpenApiParameter(
                "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag of the last answer."
            ),
        ],
        responses={200: ScheduleSerializer, 304: OpenApiResponse(description="The plan has not changed.")},
    )
    def get(self, request: Request) -> HttpResponse:
        """The plan of one day as everybody may see it; ask again with its ETag."""
        asked = _checked(ScheduleQuery, request.query_params)
        house = require_house(asked["house"])
        day = asked.get("date") or day_of(timezone.now(), house.zone)
        # The version rises in every transaction that changes what is shown, so it can stand for the plan.
        etag = quote_etag(f"{house.slug}-{house.plan_version}-{day}-{get_language()}-{settings.RELEASE}")
        response = get_conditional_response(request._request, etag=etag)  # noqa: SLF001 - Django's own request
        if response is None:
            body = {"house": house.slug, "schedule": day_schedule(house, day)}
            response = Response(ScheduleSerializer(body, context={"zone": house.zone}).data)
        response["ETag"] = etag
        response["Cache-Control"] = "no-cache"
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response


class UnknownView(PublicView):
    """Answers for every address of the interface that does not exist, as a problem."""

    schema = None
    throttle_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise Http404


def _checked(serializer_class: type, sent: Any) -> dict[str, Any]:
    serializer = serializer_class(data=sent)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


def _rooms(house: House) -> Any:
    return (
        Room.objects.filter(house=house, is_active=True)
        .order_by("position", "name")
        .prefetch_related("parts", "combinations", "layouts", "equipment", "opening_hours")
    )


def _period(start: Any, end: Any) -> Interval:
    if end <= start:
        raise ValidationError(
            {"to": [ErrorDetail(_("The end lies before the start."), code="ends_before_start")]}
        )
    period = Interval(start, end)
    if period.duration > LONGEST_PERIOD:
        raise ValidationError(
            {"to": [ErrorDetail(_("Please ask for at most 62 days at once."), code="period_too_long")]}
        )
    return period


def _refuse_unknown(slugs: Any, rooms: dict[str, RoomFacts]) -> None:
    if unknown := unknown_names(slugs, rooms, "unknown_room"):
        raise ValidationError({"rooms": unknown})
