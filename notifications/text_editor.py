"""What staff do with the texts of mails: see them, word them anew, try them out, take the default back."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import translation

from notifications.models import TRIAL_WORDS, MailText, Message
from notifications.outbox.entry import enqueue
from notifications.wording.catalogue import KINDS, Kind
from notifications.wording.examples import example_facts, example_message, made_up_booking
from notifications.wording.links import Links
from notifications.wording.placeholders import check, values_of, written
from notifications.wording.preview import Preview
from notifications.wording.rendering import default_words, mail_context, render
from notifications.wording.texts import FIELDS
from rooms.lookups import find_house
from rooms.models import House


@dataclass
class EditableText:
    """The text of one kind of mail of a house in one language; `own_words` differ from ours."""

    house: House
    kind: Kind
    language: str
    own_words: dict[str, str]
    now: datetime

    @cached_property
    def example(self) -> Message:
        return example_message(self.kind, house=self.house, language=self.language, now=self.now)

    @cached_property
    def default(self) -> dict[str, str]:
        """Our words, with placeholders."""
        return default_words(self.example)

    @cached_property
    def placeholders(self) -> dict[str, str]:
        """The placeholders this mail knows, each with an example of what it stands for."""
        with translation.override(self.language):
            return values_of(
                mail_context(self.kind, self.example.facts, booking=None, links=Links(self.example.recipient))
            )

    @property
    def words(self) -> dict[str, str]:
        return self.default | self.own_words

    @property
    def state(self) -> str:
        """Whose words are used: "default", "own", or "broken" where those of the house cannot be any more."""
        try:
            for words in self.own_words.values():
                check(words, allowed=self.placeholders)
        except ValidationError:
            return "broken"
        return "own" if self.own_words else "default"

    def own_among(self, words: Mapping[str, str]) -> dict[str, str]:
        return {field: words[field] for field in FIELDS if words[field] != self.default[field]}

    def written_placeholders(self) -> list[tuple[str, str]]:
        """Return how each placeholder is written in this language, with its example."""
        with translation.override(self.language):
            return [(written(key), example) for key, example in self.placeholders.items()]


def kinds_of(house: House, *, now: datetime) -> list[Kind]:
    """Return the kinds of mail this house signs; those of no house, about accounts, the first one does."""
    if house == find_house():
        return list(KINDS.values())
    booking = made_up_booking(house, now=now)
    return [kind for kind in KINDS.values() if "house" in kind.example(booking)]


def find_text(*, house: House, kind: str, language: str, now: datetime) -> EditableText | None:
    """Return the text; None where the house writes no such mail."""
    if kind not in {each.name for each in kinds_of(house, now=now)} or language not in dict(
        settings.LANGUAGES
    ):
        return None
    stored = MailText.objects.filter(house=house, kind=kind, language=language).first()
    return EditableText(house, KINDS[kind], language, stored.words if stored else {}, now)


def list_texts(house: House, *, now: datetime) -> Iterator[tuple[Kind, list[EditableText]]]:
    """Yield the kinds of mail of the house, each with its text in every language."""
    stored = {(text.kind, text.language): text.words for text in MailText.objects.filter(house=house)}
    for kind in kinds_of(house, now=now):
        yield (
            kind,
            [
                EditableText(house, kind, language, stored.get((kind.name, language), {}), now)
                for language, _name in settings.LANGUAGES
            ],
        )


def save_words(text: EditableText, words: Mapping[str, str]) -> None:
    """Store the words where they differ from the default; raises ValidationError if they cannot be used."""
    own_words = text.own_among(words)
    for field, words_of_field in own_words.items():
        check(words_of_field, allowed=text.placeholders, one_line=FIELDS[field].is_sentence)
    if own_words:
        MailText.objects.update_or_create(
            house=text.house, kind=text.kind.name, language=text.language, defaults={"words": own_words}
        )
    else:
        restore_default(text)


def restore_default(text: EditableText) -> None:
    """Forget the words of the house."""
    MailText.objects.filter(house=text.house, kind=text.kind.name, language=text.language).delete()


def last_message(text: EditableText) -> Message | None:
    """Return the last mail of this kind to show the text with; None where it no longer knows what it told.

    What was written to somebody about an account names no house, so it is never shown.
    """
    of_house = Q(facts__house__id=text.house.pk) | Q(booking__house=text.house)
    mails = Message.objects.filter(of_house, kind=text.kind.name).exclude(facts__has_key=TRIAL_WORDS)
    message = mails.select_related("booking").order_by("-created_at").first()
    if message is None:
        return None
    message.language = text.language
    try:
        links = Links(message.recipient)
        known = values_of(mail_context(text.kind, message.facts, booking=message.booking, links=links))
    except KeyError:
        return None
    return message if known.keys() >= text.placeholders.keys() else None


def preview(text: EditableText, words: Mapping[str, str], *, message: Message | None) -> Preview:
    """Return the mail with these words: about what `message` told, or about a made-up booking."""
    mail = render(message or text.example, words=text.own_among(words), hide_secrets=message is not None)
    return Preview(mail.subject, mail.text, mail.html)


def send_trial(text: EditableText, words: Mapping[str, str], *, recipient: str) -> Message:
    """Send the words about a made-up booking to whoever tries them out; once a minute for the same words."""
    own_words = text.own_among(words)
    mark = hashlib.sha256(json.dumps([recipient, own_words]).encode()).hexdigest()[:16]
    with translation.override(text.language):
        facts = example_facts(text.kind, house=text.house, now=text.now)
    return enqueue(
        kind=text.kind.name,
        recipient=recipient,
        facts=facts | {TRIAL_WORDS: own_words},
        dedupe_key=f"trial:{text.house.pk}:{text.kind.name}:{text.language}:{mark}:{text.now:%Y%m%d%H%M}",
        now=text.now,
        language=text.language,
    )
