"""Houses, their rooms and the facts the rules of availability are made from."""

from rooms.models.closure import Closure
from rooms.models.holiday import Holiday, HolidayCoverage
from rooms.models.hours import OpeningHours
from rooms.models.house import House, PlanModel, days_in, raise_plan_version, validate_days, validate_zone
from rooms.models.room import Equipment, Room, SeatingLayout
from rooms.models.texts import HousePage, HouseRules

__all__ = [
    "Closure",
    "Equipment",
    "Holiday",
    "HolidayCoverage",
    "House",
    "HousePage",
    "HouseRules",
    "OpeningHours",
    "PlanModel",
    "Room",
    "SeatingLayout",
    "days_in",
    "raise_plan_version",
    "validate_days",
    "validate_zone",
]
