"""A mail of every kind, made in a scene; a kind that has no scene here is told with its made-up example."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from django.utils import translation

from bookings.date_facts import Skip
from bookings.enums import SkippedBecause
from bookings.models import Booking
from bookings.services import request_change
from hausderbegegnung.accounts.adapter import AccountAdapter
from notifications.models import Message
from notifications.wording.catalogue import KINDS
from notifications.wording.examples import example_message
from rooms.models import Equipment
from tests.factories import DAY, NOW, berlin
from tests.notifications.scenes import Scene, message_about, slot_ids

LANGUAGES = ["de", "en"]


def approved(scene: Scene, **options):
    booking = scene.request(layout="rows", remarks="Wir bringen Kuchen mit.")
    scene.approve(booking, **options)
    return booking


def change_of(scene: Scene):
    return scene.change(approved(scene), "19:00", "20:00", rooms=[scene.hall])


def after(action: str):
    """Make the booking and do one thing to it."""

    def make(scene: Scene):
        booking = scene.request() if action in {"reject", "withdraw"} else approved(scene)
        getattr(scene, action)(booking)
        return booking

    return make


def partly(action: str):
    def make(scene: Scene):
        booking = scene.request_days(20, 21)
        first = booking.slots.order_by("starts_at").first()
        getattr(scene, action)(booking, slot_ids=[first.pk])
        return booking

    return make


def approved_change(scene: Scene):
    change = change_of(scene)
    scene.approve(change)
    return change


def rejected_change(scene: Scene):
    change = change_of(scene)
    scene.reject(change)
    return change


def decided(scene: Scene, **options):
    """Of four dates two are approved and one rejected; one stays open."""
    booking = scene.request_days(20, 21, 22, 23)
    scene.decide(booking, [0, 2], [1], **options)
    return booking


def change_of_days(scene: Scene, old: Sequence[int], new: Sequence[int]):
    """An approved booking of some days in April, and the change of it to others, in the evening."""
    booking = scene.request_days(*old)
    scene.approve(booking)
    return request_change(
        booking_id=booking.pk,
        data=replace(scene.data(), dates=scene.days(*new, start="19:00", end="20:00")),
        actor=scene.person,
        now=NOW,
    )


def change_from_a_day_on(scene: Scene):
    """Of ten dates the last eight are to move to the evening."""
    booking = scene.approve(scene.request_weeks(10))
    return request_change(
        booking_id=booking.pk,
        data=replace(
            scene.data(),
            dates=[
                replace(
                    date,
                    starts_at=date.starts_at + timedelta(hours=3),
                    ends_at=date.ends_at + timedelta(hours=3),
                )
                for date in scene.weeks(10)[2:]
            ],
        ),
        actor=scene.person,
        now=NOW,
        slot_ids=slot_ids(booking)[2:],
    )


def decided_change(scene: Scene):
    change = change_of_days(scene, [20, 21], [20, 21])
    scene.decide(change, [0], [1])
    return change


def approved_part_of_change(scene: Scene):
    """One of two new dates is approved; the third old date has no new one."""
    change = change_of_days(scene, [20, 21, 22], [20, 21])
    scene.approve(change, slot_ids=slot_ids(change)[:1])
    return change


def change_settled_by(action: str):
    """Then the other new date is rejected or withdrawn, so that nothing of the change is open any more."""

    def make(scene: Scene):
        change = approved_part_of_change(scene)
        getattr(scene, action)(change)
        return change

    return make


def moved(*numbers: int, status: str = "approved", **options):
    def make(scene: Scene):
        booking = scene.request_days(20, 21, 22)
        if status == "approved":
            scene.approve(booking)
        scene.move(booking, *numbers, **options)
        return booking

    return make


def closed(*fates: str):
    """Close the hall on the days of an approved booking, with what becomes of its dates in order."""

    def make(scene: Scene):
        booking = scene.request_days(*range(20, 20 + len(fates)))
        scene.approve(booking)
        dates = list(zip(booking.slots.order_by("starts_at"), fates, strict=True))
        scene.close_hall(
            revoke=[slot for slot, fate in dates if fate == "revoke"],
            moves=[scene.to_kitchen(slot) for slot, fate in dates if fate == "move"],
            days=(DAY, DAY.replace(day=23)),
        )
        return booking

    return make


def dates_added(scene: Scene):
    booking = scene.request_days(20)
    scene.approve(booking)
    scene.add(booking, 27, 28)
    return booking


def approved_addition(scene: Scene):
    """One date of a series is cancelled, one replaced by a change, and a further one is approved."""
    booking = scene.approve(scene.request_weeks(6))
    scene.cancel(booking, slot_ids=slot_ids(booking)[:1])
    change = request_change(
        booking_id=booking.pk,
        data=replace(scene.data(), dates=scene.days(28, start="19:00", end="20:00")),
        actor=scene.person,
        now=NOW,
        slot_ids=slot_ids(booking)[1:2],
    )
    scene.approve(change)
    Message.objects.all().delete()
    scene.add(booking, 29)
    return scene.approve(booking)


def approved_after_a_rejection(scene: Scene):
    """The house approves what is left after it has rejected one date, and told so."""
    booking = scene.request_days(20, 21, 27)
    scene.reject(booking, slot_ids=slot_ids(booking)[1:2])
    Message.objects.update(state="sent")
    scene.approve(booking)
    return booking


def weeks(number: int, *, approve: bool = False):
    def make(scene: Scene):
        booking = scene.request_weeks(number)
        return scene.approve(booking) if approve else booking

    return make


def with_skipped_days(scene: Scene):
    """Eight Tuesdays of which two are in the holidays, and two were left out by hand."""
    holidays = Skip(SkippedBecause.SCHOOL_HOLIDAYS, "Pfingstferien")
    skips = {4: holidays, 5: holidays, 6: Skip(SkippedBecause.CHOSEN), 7: Skip(SkippedBecause.CLASH)}
    return scene.request_on(
        replace(date, skipped=skips.get(number)) for number, date in enumerate(scene.weeks(8))
    )


def cancelled_in_part(scene: Scene):
    booking = scene.approve(scene.request_weeks(12))
    return scene.cancel(booking, slot_ids=slot_ids(booking)[:2])


def revoked_in_part(scene: Scene):
    booking = scene.approve(scene.request_weeks(12))
    return scene.revoke(booking, slot_ids=slot_ids(booking)[:2])


def decided_year(scene: Scene):
    """Of sixty Tuesdays 48 are approved, six rejected, and six left open."""
    booking = scene.request_weeks(60)
    approve, reject = ([n for n in range(60) if n % 10 in last] for last in (range(8), [8]))
    scene.decide(booking, approve, reject)
    return booking


def moved_year(scene: Scene):
    booking = scene.request_weeks(60)
    scene.approve(booking)
    scene.move(booking, *range(60))
    return booking


# Name of the golden text: what happened, and the kind of mail that tells it.
BOOKING_MAILS = {
    "receipt": (lambda scene: scene.request(layout="rows"), "receipt"),
    "receipt_series": (lambda scene: scene.request_days(20, 21), "receipt"),
    "receipt_skipped": (with_skipped_days, "receipt"),
    "change_receipt": (change_of, "change_receipt"),
    "approval": (lambda scene: approved(scene, note="Bitte holen Sie den Schlüssel im Rathaus."), "approval"),
    "approval_long": (weeks(60, approve=True), "approval"),
    "partial_approval": (
        lambda scene: decided(scene, note="Bitte holen Sie den Schlüssel im Rathaus."),
        "partial_approval",
    ),
    "partial_approval_open": (partly("approve"), "partial_approval"),
    "partial_approval_long": (decided_year, "partial_approval"),
    "approval_later": (approved_after_a_rejection, "approval"),
    "approval_of_addition": (approved_addition, "approval"),
    "partial_approval_of_change": (decided_change, "partial_approval"),
    "change_approved": (approved_change, "change_approved"),
    "rejection": (after("reject"), "rejection"),
    "rejection_partly": (partly("reject"), "rejection"),
    "rejection_of_change": (rejected_change, "rejection"),
    "partial_approval_of_half_a_change": (approved_part_of_change, "partial_approval"),
    "rejection_settles_change": (change_settled_by("reject"), "rejection"),
    "withdrawal_settles_change": (change_settled_by("withdraw"), "withdrawal"),
    "moved": (moved(1, note="Im Saal A ist Wahl."), "moved"),
    "moved_long": (moved_year, "moved"),
    "moved_pending": (moved(0, 2, status="requested"), "moved"),
    "dates_added": (dates_added, "dates_added"),
    "staff_dates_added": (dates_added, "staff_dates_added"),
    "withdrawal": (after("withdraw"), "withdrawal"),
    "withdrawal_partly": (partly("withdraw"), "withdrawal"),
    "cancellation_of_some": (cancelled_in_part, "cancellation"),
    "revocation_of_some": (revoked_in_part, "revocation"),
    "cancellation": (after("cancel"), "cancellation"),
    "revocation": (after("revoke"), "revocation"),
    "closure": (closed("revoke", "move", "revoke"), "closure"),
    "closure_revoked": (closed("revoke"), "closure"),
    "closure_moved": (closed("move"), "closure"),
    "new_link": (after("renew_links"), "new_link"),
    "staff_new_request": (
        lambda scene: scene.request(remarks="Wir bringen Kuchen mit.", contact_phone="0151 12345"),
        "staff_new_request",
    ),
    "staff_new_request_of_change": (change_of, "staff_new_request"),
    "staff_new_request_of_change_from_a_day_on": (change_from_a_day_on, "staff_new_request"),
    "staff_withdrawn": (after("withdraw"), "staff_withdrawn"),
    "staff_cancelled": (after("cancel"), "staff_cancelled"),
}


def due_reminder(scene: Scene):
    approved(scene)


def two_series(scene: Scene):
    scene.weekly(8)
    scene.weekly(3, room=scene.kitchen, title="Kochkurs", starts="10:00", ends="12:00")


def open_requests(scene: Scene):
    """One request is late, one is new, a mail failed, and two dates are today."""
    scene.request("10:00", "12:00", title="Tanztee")
    new = scene.request("12:00", "14:00", title="Flohmarkt")
    Booking.objects.filter(pk=new.pk).update(received_at=berlin(DAY, "07:00"))
    scene.weekly(3, starts="19:00", ends="21:00")
    approved(scene)
    Message.objects.filter(kind="approval", booking__house=scene.house).update(
        state="failed", last_error="550 No such person", created_at=berlin(EVE, "10:00")
    )


def a_day_with_work(scene: Scene):
    beamer = Equipment.objects.create(house=scene.house, name="Beamer")
    for start, end, layout in [("09:00", "11:00", "rows"), ("16:00", "18:00", "tables")]:
        booking = scene.request(
            start,
            end,
            rooms=[scene.hall],
            layout=layout,
            remarks="Wir bringen Kuchen mit.",
            contact_phone="0151 12345",
            equipment_ids=(beamer.pk,),
        )
        scene.approve(booking)


def a_changed_day(scene: Scene):
    a_day_with_work(scene)
    scene.plan(berlin(EVE, "16:00"))
    morning, afternoon = Booking.objects.filter(house=scene.house).order_by("pk")
    scene.cancel(morning)
    scene.approve(scene.request("19:00", "21:00", rooms=[scene.kitchen], title="Kochabend"))
    moved = afternoon.slots.get()
    moved.starts_at = berlin(DAY, "16:30")
    moved.save(update_fields=["starts_at"])


EVE = DAY - timedelta(days=1)


# Name of the golden text: what is known, and when it is told; the kind of mail has the same name.
PLANNED_MAILS = {
    "reminder": (due_reminder, berlin(EVE, "08:00")),
    "monthly_overview": (two_series, berlin(DAY.replace(day=1), "08:00")),
    "series_ending": (lambda scene: scene.weekly(12), berlin(DAY + timedelta(weeks=3), "08:00")),
    "still_taking_place": (lambda scene: scene.weekly(8), berlin(EVE, "08:00")),
    "staff_overdue": (lambda scene: scene.request(), berlin(date(2027, 3, 5), "08:00")),
    "staff_digest": (open_requests, berlin(DAY, "08:00")),
    "caretaker_plan": (a_day_with_work, berlin(EVE, "16:00")),
    "caretaker_change": (a_changed_day, berlin(DAY, "08:00")),
}


# Name of the golden text: what the accounts call the mail; they write it in the language of the page.
ACCOUNT_MAILS = {
    "login_code": "account/email/login_code",
    "account_notice": "account/email/password_changed",
    "account_notice_password_set": "account/email/password_set",
    "account_notice_second_factor": "mfa/email/totp_activated",
    "account_notice_second_factor_gone": "mfa/email/totp_deactivated",
    "account_notice_recovery_codes": "mfa/email/recovery_codes_generated",
    "account_notice_token": "account/email/token_made",
}


# Every kind of the catalogue is among them, so a new one without golden texts fails.
TOLD = {kind for _make, kind in BOOKING_MAILS.values()} | {*PLANNED_MAILS, *ACCOUNT_MAILS}


ALL_MAILS = [*BOOKING_MAILS, *PLANNED_MAILS, *ACCOUNT_MAILS, *sorted(set(KINDS) - TOLD)]


LINKLESS = {"withdrawal", "staff_overdue", *ACCOUNT_MAILS}


def message_called(name: str, language: str = "de") -> Message:
    scene = Scene(ask_days=1)
    if name in PLANNED_MAILS:
        know, now = PLANNED_MAILS[name]
        know(scene)
        message = next(message for message in scene.plan(now) if message.kind == name)
    elif name in BOOKING_MAILS:
        make, kind = BOOKING_MAILS[name]
        message = message_about(make(scene), kind)
    elif name in ACCOUNT_MAILS:
        with translation.override(language):
            AccountAdapter().send_mail(ACCOUNT_MAILS[name], "maria@example.org", {"code": "K7P-4QX"})
        return Message.objects.latest("pk")
    else:
        return example_message(KINDS[name], house=scene.house, language=language, now=NOW)
    message.language = language
    return message
