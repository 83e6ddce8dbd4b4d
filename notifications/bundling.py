"""Several events for one person about one booking become one mail, if the first still waits.

Done when a mail is entered, in the transaction of the event, so that at any moment the waiting
mails are the ones that will go out. See docs/decisions/outbox.md.
"""

from typing import Any

from notifications.catalogue import KINDS
from notifications.models import Message, MessageState

Facts = dict[str, Any]


def bundle(message: Message) -> None:
    """Join the mail, just entered, with those to the same person about the same booking that wait.

    What a waiting mail tells is brought up to date first. Whichever of two mails is not needed any
    more ends as bundled into the other one. Needs a transaction.
    """
    if message.booking_id is None or "dates" not in message.facts:
        return
    waiting = Message.objects.filter(
        booking=message.booking_id,
        recipient=message.recipient,
        language=message.language,
        state=MessageState.PENDING,
    ).exclude(pk=message.pk)
    # Locked, because a worker may claim them now. The latest first: it is the one to join.
    for earlier in waiting.select_for_update().order_by("-pk"):
        if "dates" not in earlier.facts:
            continue
        current = up_to_date(earlier.facts, message.facts)
        if is_over(earlier.facts, current) or tells_also(message, earlier):
            _bundle_into(message, earlier)
        elif are_alike(message, earlier):
            _bundle_into(message, earlier, facts=united(message.facts, current))
        elif earlier.takeovers:
            # It may be out already, and under one Message-ID there is only one text.
            continue
        elif tells_also(earlier, message):
            _bundle_into(earlier, message, facts=current)
            message = earlier
        elif current != earlier.facts:
            earlier.facts = current
            earlier.save(update_fields=["facts"])


def up_to_date(facts: Facts, latest: Facts) -> Facts:
    """Return the facts with their dates as the latest ones know them; news is what still holds."""
    known = {date.get("uid"): date for date in latest["dates"]}
    dates = []
    for date in facts["dates"]:
        now = known.get(date.get("uid"), date)
        is_news = date.get("is_changed", False) and what_is_told(now) == what_is_told(date)
        dates.append(now | {"is_changed": is_news})
    return facts | {"dates": dates}


def what_is_told(date: Facts) -> list[Any]:
    """Return what a mail says of a date: where any of it has changed, the news is over."""
    return [date.get(name) for name in ["status", "starts_at", "ends_at", "rooms"]]


def is_over(facts: Facts, current: Facts) -> bool:
    """Whether the mail was to tell of dates, and nothing of that holds any more."""
    return bool(news(facts)) and not news(current)


def news(facts: Facts) -> set[str]:
    """Return the dates that a mail tells of as changed, by UID."""
    return {date.get("uid", "") for date in facts["dates"] if date.get("is_changed")}


def tells_also(message: Message, other: Message) -> bool:
    """Whether the mail says what the other one would say, if both know the same dates."""
    kind = KINDS.get(message.kind)
    return kind is not None and other.kind in kind.tells_also and knows(message, news(other.facts))


def are_alike(message: Message, earlier: Message) -> bool:
    """Whether both read as one: the same kind, and not two different notes, each about its dates."""
    kind = KINDS.get(message.kind)
    notes = {note for facts in [message.facts, earlier.facts] if (note := facts.get("note"))}
    is_held = kind is not None and kind.is_held and message.kind == earlier.kind
    return is_held and len(notes) <= 1 and knows(message, news(earlier.facts))


def knows(message: Message, uids: set[str]) -> bool:
    return uids <= {date.get("uid") for date in message.facts["dates"]}


def united(facts: Facts, earlier: Facts) -> Facts:
    """Return the facts with what the earlier ones tell of as well."""
    changed = news(facts) | news(earlier)
    return facts | {
        "dates": [date | {"is_changed": date.get("uid") in changed} for date in facts["dates"]],
        "note": facts.get("note") or earlier.get("note", ""),
    }


def _bundle_into(standing: Message, other: Message, *, facts: Facts | None = None) -> None:
    """Let one mail tell what two would have; nobody waits longer than for the first one."""
    standing.facts = facts or standing.facts
    standing.not_before = min(standing.not_before, other.not_before)
    standing.save(update_fields=["facts", "not_before"])
    other.state, other.bundled_into = MessageState.BUNDLED, standing
    other.save(update_fields=["state", "bundled_into"])
    # What was bundled into the other one is told by the mail that stands now.
    other.bundled.update(bundled_into=standing)
