"""The pages of the house's own description, which learn here of its bookings."""

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from bookings.enums import SlotStatus
from bookings.models import Booking, Occupancy, Slot
from hausderbegegnung.web.admin.impact import AsksFirst
from rooms.admin import (
    ClosureAdmin,
    HolidayAdmin,
    HouseAdmin,
    HouseRulesAdmin,
    OpeningHoursAdmin,
    RoomAdmin,
    RoomForm,
)
from rooms.models import Closure, Holiday, House, HouseRules, OpeningHours, Room


class GuardedRoomForm(RoomForm):
    """The form of a room that knows of its dates."""

    def is_occupied(self) -> bool:
        return Occupancy.objects.filter(part_id=self.instance.pk).exists()

    def is_expected(self) -> bool:
        return Slot.objects.filter(
            status__in=SlotStatus.STANDING,
            rooms=self.instance.pk,
            gross_ends_at__gt=timezone.now(),
        ).exists()


class GuardedRoomAdmin(AsksFirst, RoomAdmin):
    """A room with dates: it stays, and what they depend on does not change unasked."""

    form = GuardedRoomForm

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A room that was ever asked for is switched off, not deleted: its dates keep naming it."""
        if isinstance(obj, Room) and Slot.objects.filter(rooms=obj.pk).exists():
            return False
        return super().has_delete_permission(request, obj)


class AskingHouseAdmin(AsksFirst, HouseAdmin):
    """Its limit, its holidays and its clocks hold for every date."""


class AskingOpeningHoursAdmin(AsksFirst, OpeningHoursAdmin):
    """Also a deleted row closes time."""


class AskingClosureAdmin(AsksFirst, ClosureAdmin):
    """What is closed may be booked already."""


class AskingHolidayAdmin(AsksFirst, HolidayAdmin):
    """Holidays close where house or rooms say so."""


class LastingHouseRulesAdmin(HouseRulesAdmin):
    """A version that somebody accepted stays as it was accepted."""

    def is_accepted(self, rules: HouseRules) -> bool:
        return Booking.objects.filter(house_rules_id=rules.pk).exists()


# Rooms describe themselves without knowing of bookings; here their pages learn of them.
ADMINS: dict[type[Model], type[ModelAdmin]] = {
    House: AskingHouseAdmin,
    Room: GuardedRoomAdmin,
    OpeningHours: AskingOpeningHoursAdmin,
    Closure: AskingClosureAdmin,
    Holiday: AskingHolidayAdmin,
    HouseRules: LastingHouseRulesAdmin,
}
for _model, _admin_class in ADMINS.items():
    admin.site.unregister(_model)
    admin.site.register(_model, _admin_class)
