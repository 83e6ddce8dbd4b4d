from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def keep_old_sessions(apps: Any, schema_editor: Any) -> None:
    """Let nobody be logged out: what lies in the table of django.contrib.sessions is taken over, and it goes.

    The person is named by a row when it is written next; until then the person is read as before.
    """
    connection = schema_editor.connection
    if "django_session" not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO hausderbegegnung_session (session_key, session_data, expire_date)"
            " SELECT session_key, session_data, expire_date FROM django_session"
        )
        cursor.execute("DROP TABLE django_session")


class Migration(migrations.Migration):

    dependencies = [
        ('hausderbegegnung', '0004_hash_old_tokens'),
    ]

    operations = [
        migrations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'session',
                'verbose_name_plural': 'sessions',
                'abstract': False,
            },
        ),
        migrations.RunPython(keep_old_sessions, migrations.RunPython.noop),
    ]
