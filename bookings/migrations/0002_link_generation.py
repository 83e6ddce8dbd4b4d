"""Links get a generation, and need no hash: a token is made anew and compared."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0001_initial'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='booking',
            name='token_hash',
        ),
        migrations.AddField(
            model_name='booking',
            name='link_generation',
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AlterField(
            model_name='transition',
            name='verb',
            field=models.CharField(choices=[('request', 'request'), ('approve', 'approve'), ('reject', 'reject'), ('withdraw', 'withdraw'), ('cancel', 'cancel'), ('revoke', 'revoke'), ('replace', 'replace'), ('decide', 'decide date by date'), ('move', 'move'), ('add', 'add dates'), ('confirm', 'confirm'), ('correct', 'correct the address'), ('renew', 'renew the links')], max_length=12, verbose_name='what'),
        ),
    ]
