import email
import email.policy
from pathlib import Path

import pytest
import time_machine

from notifications.outbox.delivery import deliver
from tests.factories import NOW, make_house
from tests.notifications.scenes import make_notice

pytestmark = pytest.mark.django_db


def test_each_mail_is_a_file_named_by_time_and_subject(settings, tmp_path):
    settings.EMAIL_BACKEND = "notifications.outbox.files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mails"
    make_house()
    message = make_notice()
    with time_machine.travel(NOW, tick=False):
        deliver(message_id=message.pk, now=NOW)

    (path,) = Path(tmp_path / "mails").iterdir()
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    message.refresh_from_db()
    mark = message.message_id.split("@")[0][-8:]
    assert path.name == (f"2027-03-01_100000000000_ihr-passwort-wurde-geandert-haus-der-begegnung_{mark}.eml")
    assert (mail["Message-ID"], mail["Subject"]) == (message.message_id, message.subject)
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == message.body
