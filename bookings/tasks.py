"""What workers do for bookings without being asked: load the holidays of the years that can be asked for."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from rooms.clock import day_of
from rooms.holidays import load_coming_holidays as load_for
from rooms.models import House


@shared_task(name="bookings.load_coming_holidays", once_in=timedelta(hours=20))
def load_coming_holidays() -> None:
    """Load for every house the holidays of the years within its horizon, once a day."""
    for house in House.objects.all():
        load_for(house, day_of(timezone.now(), house.zone))


@worker_ready.connect
def load_at_start(**kwargs: Any) -> None:
    """A house that was set up while no worker ran need not wait for the next night."""
    load_coming_holidays.apply_async(expires=3600)
