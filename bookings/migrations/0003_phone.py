"""Staff say on a booking that they have phoned."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0002_link_generation'),
    ]

    operations = [
        migrations.AlterField(
            model_name='transition',
            name='verb',
            field=models.CharField(choices=[('request', 'request'), ('approve', 'approve'), ('reject', 'reject'), ('withdraw', 'withdraw'), ('cancel', 'cancel'), ('revoke', 'revoke'), ('replace', 'replace'), ('decide', 'decide date by date'), ('move', 'move'), ('add', 'add dates'), ('confirm', 'confirm'), ('correct', 'correct the address'), ('renew', 'renew the links'), ('phone', 'phone')], max_length=12, verbose_name='what'),
        ),
    ]
