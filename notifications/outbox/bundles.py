"""Several events for one person about one booking become one mail, if the first still waits.

Done when a mail is entered, in the transaction of the event, so that at any moment the waiting
mails are the ones that will go out. See docs/decisions/outbox.md.
"""

from typing import Any

from django.db.models import Q, QuerySet

from bookings.enums import SlotStatus
from notifications.models import Fault, Message, MessageState
from notifications.wording.catalogue import KINDS, kind_of_decision

Facts = dict[str, Any]


def bundle(message: Message) -> None:
    """Join the mail, just entered, with those to the same person about the same booking that wait.

    What a waiting mail tells is brought up to date first. Whichever of two mails is not needed any
    more ends as bundled into the other one. Needs a transaction.
    """
    if "dates" not in message.facts:
        return
    # Locked, because a worker may claim them now. The latest first: it is the one to join.
    for earlier in waiting_beside(message).select_for_update(of=["self"]).order_by("-pk"):
        # What the house tells of several bookings at once goes out as it was.
        if "dates" not in earlier.facts or "bookings" in earlier.facts:
            continue
        tell_first_before(message, earlier)
        current = up_to_date(earlier.facts, message.facts)
        if is_over(earlier.facts, current):
            _bundle_into(message, earlier)
        elif tells_also(message, earlier) or are_alike(message, earlier):
            _bundle_into(
                message, earlier, facts=joined(message, message.facts, of=earlier, other_facts=current)
            )
        elif earlier.takeovers:
            # It may be out already, and under one Message-ID there is only one text.
            continue
        elif tells_also(earlier, message):
            _bundle_into(
                earlier, message, facts=joined(earlier, current, of=message, other_facts=message.facts)
            )
            message = earlier
        elif current != earlier.facts:
            tell(earlier, current)
            earlier.save(update_fields=["kind", "facts"])
    drop_if_nothing_moved(message)


def waiting_beside(message: Message) -> QuerySet[Message]:
    """Return what waits for the same person about the booking, or the bookings, that the mail is about.

    Not what is planned: before it goes out it is compared with the data, and planned anew
    (`notifications.wording.validity`).
    """
    references = [booking["reference"] for booking in message.facts.get("bookings", [])]
    about = Q(booking=message.booking_id) if message.booking_id else Q(booking__reference__in=references)
    return (
        Message.objects.filter(
            about, recipient=message.recipient, language=message.language, state=MessageState.PENDING
        )
        .exclude(pk=message.pk)
        .exclude(kind__in=[kind.name for kind in KINDS.values() if kind.holds is not None])
    )


def up_to_date(facts: Facts, latest: Facts) -> Facts:
    """Return the facts with their dates as the latest ones know them; news is what still holds."""
    known = {date.get("uid"): date for date in latest["dates"]}
    dates = []
    for date in facts["dates"]:
        now = {name: value for name, value in known.get(date.get("uid"), date).items() if name in date}
        now |= {"before": date["before"]} if "before" in date else {}
        is_news = date.get("is_changed", False) and what_is_told(now) == what_is_told(date)
        dates.append(date | now | {"is_changed": is_news})
    # What the house tells of several bookings at once knows nothing of what one of them changes.
    replaced = latest.get("replaced") or facts.get("replaced")
    return facts | {"dates": dates, "replaced": replaced}


def what_is_told(date: Facts) -> list[Any]:
    """Return what a mail says of a date: where any of it has changed, the news is over.

    Of a date that has moved, where it is now; of any other, what became of it. So an approval stays
    one where the date moves afterwards, and tells the new time.
    """
    if date.get("before"):
        is_standing = date.get("status") in SlotStatus.STANDING
        return [is_standing, *where_it_is(date)]
    return [date.get("status")]


def where_it_is(date: Facts) -> list[Any]:
    return [date.get(name) for name in ["starts_at", "ends_at", "rooms"]]


def tell_first_before(message: Message, earlier: Message) -> None:
    """Of dates that moved again before the first move was told, tell where they were at first."""
    if earlier.takeovers:
        return
    first = {date.get("uid"): date["before"] for date in earlier.facts["dates"] if has_moved(date)}
    dates = [
        date | {"before": first[date.get("uid")]} if has_moved(date) and date.get("uid") in first else date
        for date in message.facts["dates"]
    ]
    if dates != message.facts["dates"]:
        message.facts = message.facts | {
            "dates": [date | {"is_changed": date.get("is_changed") and not is_back(date)} for date in dates]
        }
        message.save(update_fields=["facts"])


def has_moved(date: Facts) -> bool:
    return bool(date.get("is_changed") and date.get("before"))


def is_back(date: Facts) -> bool:
    """Whether the date is where it was."""
    return bool(date.get("before")) and where_it_is(date) == where_it_is(date["before"])


def drop_if_nothing_moved(message: Message) -> None:
    """There and back before anybody heard of it is nothing to tell."""
    dates = message.facts["dates"]
    if news(message.facts) or not any(date.get("before") for date in dates):
        return
    message.state, message.fault = MessageState.DROPPED, Fault.OUTDATED
    message.save(update_fields=["state", "fault"])


def is_over(facts: Facts, current: Facts) -> bool:
    """Whether the mail was to tell of dates, and nothing of that holds any more."""
    return bool(news(facts)) and not news(current)


def news(facts: Facts) -> set[str]:
    """Return the dates that a mail tells of as changed, by UID."""
    return {date.get("uid", "") for date in facts["dates"] if date.get("is_changed")}


def tells_also(message: Message, other: Message) -> bool:
    """Whether the mail says what the other one would say, if both know the same dates."""
    kind = KINDS.get(message.kind)
    if kind is None or other.kind not in kind.tells_also or not knows(message, news(other.facts)):
        return False
    return reason_is_with_dates(other) or share_a_note(message, other)


def are_alike(message: Message, earlier: Message) -> bool:
    """Whether both read as one: the same kind, and not two different notes, each about its dates."""
    kind = KINDS.get(message.kind)
    is_held = kind is not None and kind.is_held and message.kind == earlier.kind
    return is_held and share_a_note(message, earlier) and knows(message, news(earlier.facts))


def share_a_note(message: Message, other: Message) -> bool:
    return len({note for mail in [message, other] if (note := mail.facts.get("note"))}) <= 1


def reason_is_with_dates(message: Message) -> bool:
    """Whether the note of the mail is nothing but the reason that each of its dates carries as well.

    Both are what one person wrote, stored as it was written; no sentence of ours is compared.
    """
    note = message.facts.get("note")
    return all(date.get("reason") == note for date in message.facts["dates"] if date.get("is_changed"))


def knows(message: Message, uids: set[str]) -> bool:
    return uids <= {date.get("uid") for date in message.facts["dates"]}


def joined(standing: Message, facts: Facts, *, of: Message, other_facts: Facts) -> Facts:
    """Return the facts of the mail that stands, telling what the other one would have told."""
    if standing.kind == of.kind or KINDS[standing.kind].names_each_decision:
        note = "" if reason_is_with_dates(of) and standing.kind != of.kind else other_facts.get("note", "")
        return united(facts, other_facts | {"note": note})
    return facts


def united(facts: Facts, other: Facts) -> Facts:
    """Return the facts with what the others tell of as well."""
    changed = {date.get("uid"): date for date in other["dates"] if date.get("is_changed")}
    dates = [
        date | news_of(changed[date.get("uid")])
        if date.get("uid") in changed and not date.get("is_changed")
        else date
        for date in facts["dates"]
    ]
    return facts | {"dates": dates, "note": facts.get("note") or other.get("note", "")}


def news_of(date: Facts) -> Facts:
    """Return what makes a date news in another mail: that it changed, and where it was if it moved."""
    return {name: date[name] for name in ["is_changed", "before"] if name in date}


def tell(message: Message, facts: Facts) -> None:
    """Let the mail tell these facts; what it tells may make of an approval a partial one, or the reverse."""
    message.facts = facts
    if message.kind in KINDS and KINDS[message.kind].names_each_decision:
        message.kind = kind_of_decision(facts)


def _bundle_into(standing: Message, other: Message, *, facts: Facts | None = None) -> None:
    """Let one mail tell what two would have; nobody waits longer than for the first one."""
    tell(standing, facts or standing.facts)
    standing.not_before = min(standing.not_before, other.not_before)
    standing.save(update_fields=["kind", "facts", "not_before"])
    other.state, other.bundled_into = MessageState.BUNDLED, standing
    # What was bundled into the other one is told by the mail that stands now.
    Message.objects.filter(Q(pk=other.pk) | Q(bundled_into=other)).update(
        state=MessageState.BUNDLED, bundled_into=standing
    )
