"""Bookings: staff see all, everybody else the own ones; for whoever else asks they do not exist."""

from collections.abc import Callable
from typing import Any, ClassVar, cast

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.access.actors import Actor
from bookings.access.lookups import (
    bookings_in_full,
    bookings_to_change,
    dates_without_successor,
    get_booking,
)
from bookings.access.permissions import (
    can_act_for_applicant,
    can_enter_for_others,
    can_override,
    seen_houses,
)
from bookings.enums import BookingStatus
from bookings.models import Booking, Slot
from bookings.services import (
    Move,
    add_dates,
    approve_booking,
    decide_booking,
    find_submission,
    give_dates_back,
    move_dates,
    reject_booking,
    renew_links,
    request_booking,
    revoke_booking,
)
from hausderbegegnung.accounts.tokens import Scope
from hausderbegegnung.api.authentication import require_scope
from hausderbegegnung.api.requests.bookings import (
    house_of,
    request_data,
    submission_key,
    wanted_dates,
    with_dates,
)
from hausderbegegnung.api.serializers.bookings import (
    AddSerializer,
    ApprovalSerializer,
    BookingDetailSerializer,
    BookingPageSerializer,
    BookingRequestSerializer,
    BookingSerializer,
    DecideSerializer,
    MoveSerializer,
    NoteSerializer,
    ReasonedSerializer,
    VersionedSerializer,
)
from hausderbegegnung.api.serializers.fields import InstantField
from hausderbegegnung.api.views.base import ApiView
from hausderbegegnung.models import User
from rooms.models import House

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="The same request again with its key gives the same booking.",
)


class BookingPages(PageNumberPagination):
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class BookingQuery(serializers.Serializer):
    """Which bookings: every condition narrows the list."""

    status = serializers.ChoiceField(BookingStatus.choices, required=False)
    house = serializers.SlugField(required=False)
    room = serializers.SlugField(required=False, help_text="With a date in this room.")
    mine = serializers.BooleanField(required=False, default=False, help_text="Staff: only the own ones.")
    page_size = serializers.IntegerField(
        required=False, min_value=1, help_text="50 without it; more than 200 are 200."
    )

    def get_fields(self) -> dict[str, Any]:
        return {
            **super().get_fields(),
            "from": InstantField(required=False, help_text="With a date that ends later."),
            "to": InstantField(required=False, help_text="With a date that starts earlier."),
        }


class BookingListView(ApiView):
    scopes: ClassVar = {"GET": Scope.READ, "POST": Scope.REQUEST}

    @extend_schema(
        operation_id="bookings",
        tags=["bookings"],
        parameters=[
            BookingQuery,
            OpenApiParameter("page", int, description="404 where the list has no such page."),
        ],
        responses=BookingPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """All bookings for staff, the own ones for everybody else; the newest request first."""
        query = BookingQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        pages = BookingPages()
        bookings = _filtered(
            _visible_to(_actor(request), mine=query.validated_data["mine"]), query.validated_data
        )
        page: Any = pages.paginate_queryset(bookings, request, view=self)
        dates = Slot.objects.filter(booking__in=page).booked_dates()
        for booking in page:
            booking.dates = dates.get(booking.pk, [])
        return pages.get_paginated_response(BookingSerializer(page, many=True, context={}).data)

    @extend_schema(
        operation_id="request_booking",
        tags=["bookings"],
        parameters=[IDEMPOTENCY_KEY],
        request=BookingRequestSerializer,
        responses={201: BookingDetailSerializer, 200: BookingDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Ask for one or more dates. A request is no promise: the house decides.

        201 for a new booking, 200 when the same was sent before, 409 `key_reused` when something else was
        sent with this key.
        """
        sent = BookingRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        now = timezone.now()
        header = request.headers.get("Idempotency-Key", "")
        key = submission_key(sent.validated_data.get("submission_key"), header, _actor(request))
        actor = _actor(request)
        house = house_of(sent.validated_data)
        if can_enter_for_others(actor, house) and _is_of_staff(request, sent.validated_data):
            require_scope(request, Scope.MANAGE)
        data, series = request_data(sent.validated_data, house=house, key=key, actor=actor, now=now)
        if series is not None:
            # What is stored already needs no plan and no choice any more, whatever has happened since.
            if earlier := find_submission(data, actor=actor):
                return Response(_detail(earlier))
            data = with_dates(data, series, sent.validated_data, house=house, actor=actor, now=now)
        booking = request_booking(
            data=data,
            actor=actor,
            now=now,
            override=sent.validated_data["override"],
            override_reason=sent.validated_data["override_reason"],
        )
        # Sent at once, the others have waited for the first one and find what it stored.
        return Response(_detail(booking), status=200 if booking.is_sent_again else 201)


class BookingView(ApiView):
    scopes: ClassVar = {"GET": Scope.READ}

    @extend_schema(operation_id="booking", tags=["bookings"], responses=BookingDetailSerializer)
    def get(self, request: Request, reference: str) -> Response:
        """One booking with its dates and its history."""
        return Response(_detail(get_booking(reference, actor=_actor(request), bookings=bookings_in_full())))


class VerbView(ApiView):
    """One verb on one booking: what was sent, one service call, the booking as it is now.

    What applicants may do needs the scope `request` for the person's own bookings and `manage` for those of
    others and for exceptions from the rules, which are staff's.
    """

    sent_by: ClassVar[type[VersionedSerializer]]
    service: ClassVar[Callable[..., Booking]]

    def post(self, request: Request, reference: str) -> Response:
        booking = get_booking(reference, actor=_actor(request), bookings=bookings_to_change())
        sent = self.sent_by(data=request.data)
        sent.is_valid(raise_exception=True)
        if self.scopes["POST"] == Scope.REQUEST and self.is_of_staff(
            _actor(request), booking, sent.validated_data
        ):
            require_scope(request, Scope.MANAGE)
        arguments = self.arguments(booking, dict(sent.validated_data))
        changed = type(self).service(
            booking_id=booking.pk, actor=_actor(request), now=timezone.now(), **arguments
        )
        return Response(_detail(changed))

    def is_of_staff(self, actor: Actor, booking: Booking, sent: dict[str, Any]) -> bool:
        """Whether this is more than an applicant may: on a booking of others, or against the rules."""
        is_exception = sent.get("override", False) and can_override(actor, booking.house)
        return is_exception or not can_act_for_applicant(actor, booking)

    def arguments(self, booking: Booking, sent: dict[str, Any]) -> dict[str, Any]:
        if "dates" in sent:
            sent["slot_ids"] = [_slot_id(booking, uid, "dates") for uid in sent.pop("dates")]
        return sent


def _verb(
    service: Callable[..., Booking], sent_by: type[VersionedSerializer], scope: Scope
) -> Callable[[type[VerbView]], type[VerbView]]:
    """Give a view its service and the scope a token needs, and its operation the name of that service."""

    def decorate(view: type[VerbView]) -> type[VerbView]:
        view.service, view.sent_by, view.scopes = staticmethod(service), sent_by, {"POST": scope}
        schema = extend_schema(
            operation_id=service.__name__,
            description=view.__doc__,
            tags=["bookings"],
            request=sent_by,
            responses=BookingDetailSerializer,
        )
        return extend_schema_view(post=schema)(view)

    return decorate


@_verb(approve_booking, ApprovalSerializer, Scope.DECIDE)
class ApproveView(VerbView):
    """Staff approve pending dates; from then on they block their rooms. 409 for a clash."""

    def arguments(self, booking: Booking, sent: dict[str, Any]) -> dict[str, Any]:
        return super().arguments(booking, sent) | {"buffers": _buffers(booking, sent["buffers"])}


@_verb(decide_booking, DecideSerializer, Scope.DECIDE)
class DecideView(VerbView):
    """Staff approve some pending dates and reject others in one step; the applicant gets one mail."""

    def arguments(self, booking: Booking, sent: dict[str, Any]) -> dict[str, Any]:
        for name in ("approve", "reject"):
            sent[name] = [_slot_id(booking, uid, name) for uid in sent[name]]
        return sent | {"buffers": _buffers(booking, sent["buffers"])}


@_verb(move_dates, MoveSerializer, Scope.MANAGE)
class MoveView(VerbView):
    """Staff move dates, pending or approved, to other times or rooms; all or none. 409 for a clash."""

    def arguments(self, booking: Booking, sent: dict[str, Any]) -> dict[str, Any]:
        ids = [_slot_id(booking, move["date"], "moves") for move in sent["moves"]]
        wanted = wanted_dates(sent["moves"], booking.house, "moves")
        sent["moves"] = [
            Move(
                slot_id,
                wanted_date.starts_at,
                wanted_date.ends_at,
                wanted_date.room_ids,
                wanted_date.setup_minutes,
                wanted_date.teardown_minutes,
            )
            for slot_id, wanted_date in zip(ids, wanted, strict=True)
        ]
        return sent


@_verb(add_dates, AddSerializer, Scope.REQUEST)
class AddView(VerbView):
    """Ask for further dates of a booking; they are pending until staff decide, the others stay."""

    def arguments(self, booking: Booking, sent: dict[str, Any]) -> dict[str, Any]:
        return sent | {"dates": wanted_dates(sent["dates"], booking.house, "dates")}


@_verb(reject_booking, ReasonedSerializer, Scope.DECIDE)
class RejectView(VerbView):
    """Staff reject pending dates, with a reason."""


@_verb(give_dates_back, NoteSerializer, Scope.REQUEST)
class GiveBackView(VerbView):
    """The applicant gives dates back: approved ones are cancelled, pending ones withdrawn, in one step."""


@_verb(revoke_booking, ReasonedSerializer, Scope.MANAGE)
class RevokeView(VerbView):
    """The house takes approved dates back, with a reason."""


@_verb(renew_links, VersionedSerializer, Scope.MANAGE)
class RenewLinksView(VerbView):
    """Staff let the links end that mails about the booking have carried; its contact is sent a new one."""


VERBS = {
    "approve": ApproveView,
    "decide": DecideView,
    "move": MoveView,
    "add": AddView,
    "reject": RejectView,
    "give-back": GiveBackView,
    "revoke": RevokeView,
    "renew-links": RenewLinksView,
}


def _actor(request: Request) -> Actor:
    """Return who calls; the permission of the views lets only people in who are logged in."""
    return cast(Actor, request.user)


def _is_of_staff(request: Request, sent: dict[str, Any]) -> bool:
    """Whether a request of staff is more than one of their own: for somebody else, or against the rules."""
    own_address: str = cast(User, request.user).email
    return sent["override"] or sent["contact_email"].casefold() != own_address.casefold()


def _visible_to(actor: Actor, *, mine: bool) -> QuerySet[Booking]:
    houses = [] if mine else seen_houses(actor, House.objects.all())
    if houses:
        return bookings_in_full().filter(house__in=houses).order_by("-received_at", "-pk")
    return bookings_in_full().of_user(actor.pk).order_by("-received_at", "-pk")


def _filtered(bookings: QuerySet[Booking], conditions: dict[str, Any]) -> QuerySet[Booking]:
    dates = Slot.objects.filter(booking=OuterRef("pk"))
    narrowed = dates
    if "room" in conditions:
        narrowed = narrowed.filter(rooms__slug=conditions["room"])
    if "from" in conditions:
        narrowed = narrowed.filter(ends_at__gt=conditions["from"])
    if "to" in conditions:
        narrowed = narrowed.filter(starts_at__lt=conditions["to"])
    if narrowed is not dates:
        bookings = bookings.filter(Exists(narrowed))
    if "status" in conditions:
        bookings = bookings.filter(status=conditions["status"])
    if "house" in conditions:
        bookings = bookings.filter(house__slug=conditions["house"])
    return bookings


def _detail(booking: Any) -> dict[str, Any]:
    """Return the booking as it is now; what the service has just written of it is not read again."""
    booking.dropped_dates = [slot.uid for slot in dates_without_successor(booking)]
    return BookingDetailSerializer(booking, context={}).data


def _buffers(booking: Booking, sent: list[dict[str, Any]]) -> dict[int, tuple[int, int]]:
    return {
        _slot_id(booking, buffer["date"], "buffers"): (buffer["setup_minutes"], buffer["teardown_minutes"])
        for buffer in sent
    }


def _slot_id(booking: Booking, uid: Any, field: str) -> int:
    for slot in booking.slots.all():
        if slot.uid == uid:
            return slot.pk
    sentence = _("This booking has no such date: %(uid)s.") % {"uid": uid}
    raise ValidationError({field: [ErrorDetail(sentence, code="unknown_date")]})
