"""Addresses that keep failing: marked for staff, and forgiven as soon as a mail gets through."""

from datetime import datetime

from django.db.models import F, QuerySet

from notifications.models import FailingAddress, Fault

# What says something about the address; a mail server that is away or a broken text does not.
FAULTS_OF_ADDRESSES = frozenset({Fault.ADDRESS, Fault.REFUSED, Fault.BUSY})
# One mail may fail by accident, two in a row are a pattern.
FAILURES_TO_MARK = 2


def note_failure(address: str, *, fault: str, error: str, now: datetime) -> None:
    """Remember that a mail to the address was given up, if that is the address's fault."""
    if not address or fault not in FAULTS_OF_ADDRESSES:
        return
    FailingAddress.objects.bulk_create(
        [FailingAddress(address=address.lower(), last_failed_at=now)], ignore_conflicts=True
    )
    FailingAddress.objects.filter(address=address.lower()).update(
        failures=F("failures") + 1, last_failed_at=now, last_error=error
    )


def forgive(address: str) -> None:
    """Forget the failures of an address: a mail got through, or staff say that it works again."""
    FailingAddress.objects.filter(address=address.lower()).delete()


def list_failing_addresses() -> QuerySet[FailingAddress]:
    """Return the marked addresses, the latest failure first."""
    return FailingAddress.objects.filter(failures__gte=FAILURES_TO_MARK).order_by("-last_failed_at", "pk")


def find_failing_address(address: str) -> FailingAddress | None:
    """Return the mark of an address, None if mails to it get through as far as is known."""
    return list_failing_addresses().filter(address=address.lower()).first()
