from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

OLD, NEW = "decision", "partial_approval"
WHOLE = ("approval", "change_approved")
NOT_WHOLE = {"requested", "rejected"}
SOME = 500


def join_kinds(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let mails that approved some dates only be partial approvals, whichever way it was decided.

    So the log, mails that still wait and those that are sent again say the same. Keys stay, because
    they tell whether something was entered before. Where a house has worded both kinds, its words for
    the one that stays win.
    """
    message = apps.get_model("notifications", "Message")
    message.objects.filter(kind=OLD).update(kind=NEW)
    partly = [
        pk
        for pk, facts in message.objects.filter(kind__in=WHOLE).values_list("pk", "facts").iterator(SOME)
        if NOT_WHOLE & statuses_in(facts)
    ]
    for start in range(0, len(partly), SOME):
        message.objects.filter(pk__in=partly[start : start + SOME]).update(kind=NEW)

    mail_text = apps.get_model("notifications", "MailText")
    for old in mail_text.objects.filter(kind=OLD):
        new = mail_text.objects.filter(house=old.house_id, kind=NEW, language=old.language).first()
        if new is None:
            old.kind = NEW
            old.save(update_fields=["kind"])
        else:
            new.words = old.words | new.words
            new.save(update_fields=["words"])
            old.delete()


def statuses_in(facts: dict[str, Any]) -> set[str]:
    return {date.get("status", "") for date in facts.get("dates", [])}


class Migration(migrations.Migration):
    dependencies = [("notifications", "0005_bundles_faults_and_planned_work")]

    operations = [migrations.RunPython(join_kinds, migrations.RunPython.noop, elidable=True)]
