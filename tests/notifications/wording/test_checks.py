from notifications.wording import catalogue
from notifications.wording.catalogue import Audience, Kind
from notifications.wording.checks import check_texts


def test_every_mail_has_its_texts():
    assert check_texts() == []


def test_a_kind_without_texts_is_named_at_the_start(monkeypatch):
    monkeypatch.setitem(catalogue.KINDS, "postcard", Kind("postcard", "postcard", Audience.PERSON))
    assert [(error.id, error.msg) for error in check_texts()] == [
        ("notifications.E001", "The text notifications/postcard_subject.txt of a mail is missing."),
        ("notifications.E001", "The text notifications/postcard.txt of a mail is missing."),
        ("notifications.E001", "The text notifications/postcard.html of a mail is missing."),
    ]
