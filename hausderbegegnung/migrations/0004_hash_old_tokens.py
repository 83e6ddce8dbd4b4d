import hashlib
from datetime import timedelta
from typing import Any

from django.db import migrations
from django.utils import timezone


def hash_old_tokens(apps: Any, schema_editor: Any) -> None:
    """Let the tokens of rest_framework.authtoken, which lie there in clear, work for a year more.

    They may do all that their person can, as before. Their hashes are kept, and the table goes.
    """
    connection = schema_editor.connection
    if "authtoken_token" not in connection.introspection.table_names():
        return
    ApiToken = apps.get_model("hausderbegegnung", "ApiToken")
    User = apps.get_model("hausderbegegnung", "User")
    staff = set(User.objects.filter(is_staff=True).values_list("pk", flat=True))
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, user_id FROM authtoken_token")
        tokens = cursor.fetchall()
    for key, user_id in tokens:
        ApiToken.objects.create(
            user_id=user_id,
            name="Token",
            hint=key[:12],
            digest=hashlib.sha256(key.encode()).hexdigest(),
            scopes=["read", "request", "decide", "manage"] if user_id in staff else ["read", "request"],
            created_at=now,
            expires_at=now + timedelta(days=365),
        )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE authtoken_token")


class Migration(migrations.Migration):

    dependencies = [
        ('hausderbegegnung', '0003_tokens_with_scopes'),
    ]

    operations = [
        migrations.RunPython(hash_old_tokens, migrations.RunPython.noop),
    ]
