import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('bookings', '0001_initial'),
        ('rooms', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='FailingAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.EmailField(max_length=254, unique=True, verbose_name='address')),
                ('failures', models.PositiveSmallIntegerField(default=0, verbose_name='failures in a row')),
                ('last_failed_at', models.DateTimeField(verbose_name='last failure')),
                ('last_error', models.TextField(blank=True, verbose_name='last error')),
            ],
            options={
                'verbose_name': 'failing address',
                'verbose_name_plural': 'failing addresses',
            },
        ),
        migrations.CreateModel(
            name='Declined',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.CharField(max_length=16)),
                ('kind', models.CharField(max_length=40)),
                ('at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person', 'kind'), name='declined_once_per_person')],
            },
        ),
        migrations.CreateModel(
            name='MailText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40, verbose_name='kind')),
                ('language', models.CharField(max_length=5, verbose_name='language')),
                ('words', models.JSONField(verbose_name='text')),
                ('house', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mail_texts', to='rooms.house', verbose_name='house')),
            ],
            options={
                'verbose_name': 'text of a mail',
                'verbose_name_plural': 'texts of mails',
                'constraints': [models.UniqueConstraint(fields=('house', 'kind', 'language'), name='mail_text_unique_in_house')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40, verbose_name='kind')),
                ('recipient', models.EmailField(max_length=254, verbose_name='recipient')),
                ('language', models.CharField(default='de', max_length=5, verbose_name='language')),
                ('facts', models.JSONField(default=dict, verbose_name='facts')),
                ('dedupe_key', models.CharField(max_length=200)),
                ('person', models.CharField(default='', editable=False, max_length=16)),
                ('day', models.DateField(editable=False, null=True)),
                ('message_id', models.CharField(max_length=200, unique=True, verbose_name='Message-ID')),
                ('state', models.CharField(choices=[('pending', 'waiting'), ('sending', 'being sent'), ('sent', 'sent'), ('failed', 'failed'), ('dropped', 'dropped'), ('bundled', 'part of another mail')], default='pending', max_length=10, verbose_name='state')),
                ('not_before', models.DateTimeField(verbose_name='not before')),
                ('created_at', models.DateTimeField(verbose_name='entered at')),
                ('claimed_at', models.DateTimeField(blank=True, null=True, verbose_name='claimed at')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent at')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('takeovers', models.PositiveSmallIntegerField(default=0, help_text='How often sending broke off without a result, so that the mail may be there more than once.', verbose_name='taken over')),
                ('fault', models.CharField(blank=True, choices=[('address', 'The mail server does not take this address.'), ('refused', 'The mail server does not take this mail.'), ('busy', 'The mail server asks to come again later.'), ('away', 'The mail server cannot be reached, or takes no mails from this house.'), ('text', 'The text could not be made.'), ('late', 'It could not be sent while it was of use.'), ('outdated', 'What it says was no longer so.'), ('crash', 'Sending broke off again and again, so the mail may have arrived all the same.')], max_length=10, verbose_name='problem')),
                ('failing_since', models.DateTimeField(blank=True, null=True, verbose_name='failing since')),
                ('last_error', models.TextField(blank=True, verbose_name='last error')),
                ('subject', models.CharField(blank=True, max_length=250, verbose_name='subject')),
                ('body', models.TextField(blank=True, verbose_name='text as sent')),
                ('html', models.TextField(blank=True, verbose_name='HTML as sent')),
                ('erased_at', models.DateTimeField(blank=True, help_text='Since when only the fact of the mail is kept, and not what it said.', null=True, verbose_name='text erased at')),
                ('booking', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='messages', to='bookings.booking', verbose_name='booking')),
                ('bundled_into', models.ForeignKey(blank=True, help_text='The mail that tells this as well, so that it does not go out on its own.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='bundled', to='notifications.message', verbose_name='told in')),
                ('copy_of', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='copies', to='notifications.message')),
                ('house', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='rooms.house')),
            ],
            options={
                'verbose_name': 'message',
                'verbose_name_plural': 'messages',
                'indexes': [models.Index(fields=['state', 'not_before'], name='message_state_not_before'), models.Index(fields=['created_at'], name='message_created_at'), models.Index(condition=models.Q(('takeovers__gt', 0)), fields=['takeovers'], name='message_taken_over')],
                'constraints': [models.UniqueConstraint(fields=('dedupe_key', 'person'), name='message_once_per_person')],
            },
        ),
    ]
