"""The tables; PostgreSQL refuses overlapping occupancies, SQLite gets its triggers after every migrate."""

import bookings.occupancy.expressions
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


# int8range instead of `part_id WITH =` needs no btree_gist, an extension some servers refuse.
ADD = """
ALTER TABLE bookings_occupancy
    ADD CONSTRAINT occupancy_no_overlap EXCLUDE USING gist (
        int8range(part_id, part_id, '[]') WITH &&,
        tstzrange(starts_at, ends_at, '[)') WITH &&
    ) WHERE (is_blocking),
    ADD CONSTRAINT occupancy_at_most_31_days CHECK (ends_at <= starts_at + interval '31 days')
"""
REMOVE = """
ALTER TABLE bookings_occupancy
    DROP CONSTRAINT occupancy_no_overlap,
    DROP CONSTRAINT occupancy_at_most_31_days
"""


def add(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ADD)


def remove(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REMOVE)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('rooms', '0001_initial'),
        ('schedule', '0015_rename_indexes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Association',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=160, verbose_name='name')),
                ('kind', models.CharField(choices=[('registered_association', 'registered association'), ('initiative', 'initiative or group'), ('self_help_group', 'self-help group'), ('church', 'church or religious community'), ('school', 'school or day-care centre'), ('town', 'town or public body'), ('party', 'political party'), ('company', 'company'), ('private_person', 'private person'), ('other', 'other')], max_length=30, verbose_name='kind')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='address')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='phone')),
                ('is_blocked', models.BooleanField(default=False, help_text='A blocked association cannot send requests.', verbose_name='blocked')),
                ('block_reason', models.CharField(blank=True, max_length=200, verbose_name='reason of the block')),
                ('created_at', models.DateTimeField(editable=False, verbose_name='entered at')),
            ],
            options={
                'verbose_name': 'association',
                'verbose_name_plural': 'associations',
            },
        ),
        migrations.CreateModel(
            name='Booking',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=30, unique=True, verbose_name='reference')),
                ('contact_name', models.CharField(max_length=150, verbose_name='contact person')),
                ('contact_email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('contact_phone', models.CharField(blank=True, max_length=40, verbose_name='phone')),
                ('language', models.CharField(default='de', max_length=5, verbose_name='language')),
                ('kind', models.CharField(choices=[('meeting', 'meeting'), ('course', 'course'), ('get_together', 'get-together'), ('culture', 'concert, reading, culture'), ('youth', 'children and youth'), ('market', 'market, flea market'), ('sport', 'sport and movement'), ('information', 'information event'), ('municipal', 'event of the town'), ('counselling', 'counselling'), ('self_help', 'self-help group'), ('religious', 'religious meeting'), ('political', 'political meeting'), ('private', 'private celebration'), ('other', 'something else')], max_length=20, verbose_name='kind of event')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('display_title', models.CharField(blank=True, max_length=80, verbose_name='title on the display')),
                ('visibility', models.CharField(choices=[('public', 'title is shown'), ('busy', 'shown as occupied'), ('hidden', 'not shown')], max_length=10, verbose_name='visibility')),
                ('purpose', models.TextField(blank=True, verbose_name='purpose')),
                ('persons', models.PositiveIntegerField(verbose_name='persons at once')),
                ('persons_total', models.PositiveIntegerField(blank=True, null=True, verbose_name='persons in total')),
                ('layout', models.CharField(blank=True, choices=[('rows', 'rows of chairs'), ('tables', 'groups of tables'), ('classroom', 'parliament seating'), ('u_shape', 'U-shape'), ('circle', 'circle of chairs'), ('standing', 'standing, no seats')], max_length=12, verbose_name='layout')),
                ('remarks', models.TextField(blank=True, verbose_name='remarks')),
                ('received_at', models.DateTimeField(verbose_name='received at')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                ('submission_key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='key of the submission')),
                ('submission_digest', models.CharField(default='', editable=False, max_length=64)),
                ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                ('status', models.CharField(choices=[('requested', 'requested'), ('approved', 'approved'), ('partly_approved', 'partly approved'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn'), ('cancelled', 'cancelled'), ('revoked', 'revoked')], default='requested', max_length=20, verbose_name='status')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('skips_public_holidays', models.BooleanField(default=False, verbose_name='not on public holidays')),
                ('school_holidays', models.CharField(choices=[('ignored', 'also in school holidays'), ('paused', 'not in school holidays'), ('only', 'only in school holidays')], default='ignored', max_length=10, verbose_name='in school holidays')),
                ('applicant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='bookings', to=settings.AUTH_USER_MODEL, verbose_name='applicant')),
                ('association', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='bookings.association', verbose_name='association')),
                ('entered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
                ('equipment', models.ManyToManyField(blank=True, related_name='+', to='rooms.equipment', verbose_name='equipment')),
                ('event', models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schedule.event')),
                ('follows', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='followers', to='bookings.booking', verbose_name='continues')),
                ('house', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='rooms.house', verbose_name='house')),
                ('house_rules', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rooms.houserules', verbose_name='accepted house rules')),
                ('replaces', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replacements', to='bookings.booking', verbose_name='replaces')),
            ],
            options={
                'verbose_name': 'booking',
                'verbose_name_plural': 'bookings',
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('manager', 'acts for the association and manages its members'), ('representative', 'acts for the association')], default='representative', max_length=20, verbose_name='role')),
                ('association', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='bookings.association', verbose_name='association')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'member',
                'verbose_name_plural': 'members',
            },
        ),
        migrations.AddField(
            model_name='association',
            name='members',
            field=models.ManyToManyField(related_name='associations', through='bookings.Membership', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='ReferenceCounter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('last_number', models.PositiveIntegerField(default=0)),
                ('house', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='rooms.house')),
            ],
        ),
        migrations.CreateModel(
            name='Slot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField(verbose_name='starts at')),
                ('ends_at', models.DateTimeField(verbose_name='ends at')),
                ('gross_starts_at', models.DateTimeField(verbose_name='set-up from')),
                ('gross_ends_at', models.DateTimeField(verbose_name='tear-down until')),
                ('status', models.CharField(choices=[('requested', 'requested'), ('approved', 'approved'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn'), ('cancelled', 'cancelled'), ('revoked', 'revoked'), ('skipped', 'skipped')], default='requested', max_length=12, verbose_name='status')),
                ('reason', models.CharField(blank=True, help_text='Why the date was rejected, revoked or cancelled, as somebody wrote it.', max_length=500, verbose_name='reason')),
                ('skipped_because', models.CharField(blank=True, choices=[('public_holiday', 'public holiday'), ('school_holidays', 'school holidays'), ('outside_school_holidays', 'outside of school holidays'), ('school_holidays_unknown', 'school holidays are not known yet'), ('chosen', 'left out by hand'), ('clash', 'not free'), ('closed', 'closed'), ('outside_hours', 'outside of the hours'), ('rules', 'not possible')], editable=False, max_length=24)),
                ('skipped_day_name', models.CharField(blank=True, editable=False, max_length=120)),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='calendar UID')),
                ('sequence', models.PositiveIntegerField(default=0, editable=False, verbose_name='calendar sequence')),
                ('booking', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slots', to='bookings.booking', verbose_name='booking')),
                ('replaced_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='bookings.booking')),
                ('replaces', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='successors', to='bookings.slot', verbose_name='date it replaces')),
                ('rooms', models.ManyToManyField(related_name='+', to='rooms.room', verbose_name='rooms')),
            ],
            options={
                'verbose_name': 'date',
                'verbose_name_plural': 'dates',
            },
        ),
        migrations.CreateModel(
            name='Occupancy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('is_blocking', models.BooleanField(default=False)),
                ('is_long', models.GeneratedField(db_persist=True, expression=bookings.occupancy.expressions.ADayAfter('ends_at', 'starts_at'), output_field=models.BooleanField())),
                ('part', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='occupancies', to='rooms.room')),
                ('slot', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='occupancies', to='bookings.slot')),
            ],
        ),
        migrations.CreateModel(
            name='ImportedDate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.CharField(db_index=True, max_length=255)),
                ('calendar', models.CharField(blank=True, max_length=50)),
                ('original', models.DateTimeField()),
                ('sequence', models.PositiveIntegerField()),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('room_ids', models.JSONField()),
                ('title', models.CharField(max_length=120)),
                ('status', models.CharField(choices=[('requested', 'requested'), ('approved', 'approved'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn'), ('cancelled', 'cancelled'), ('revoked', 'revoked'), ('skipped', 'skipped')], max_length=12)),
                ('slot', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='imported', to='bookings.slot')),
            ],
        ),
        migrations.AddField(
            model_name='booking',
            name='replaced_slots',
            field=models.ManyToManyField(blank=True, related_name='replacements', to='bookings.slot', verbose_name='dates it replaces'),
        ),
        migrations.CreateModel(
            name='Transition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verb', models.CharField(choices=[('request', 'request'), ('approve', 'approve'), ('reject', 'reject'), ('withdraw', 'withdraw'), ('cancel', 'cancel'), ('revoke', 'revoke'), ('replace', 'replace'), ('decide', 'decide date by date'), ('move', 'move'), ('add', 'add dates'), ('confirm', 'confirm'), ('correct', 'correct the address')], max_length=12, verbose_name='what')),
                ('from_status', models.CharField(blank=True, max_length=20, verbose_name='from')),
                ('to_status', models.CharField(max_length=20, verbose_name='to')),
                ('actor_kind', models.CharField(max_length=12, verbose_name='who')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('before_starts_at', models.DateTimeField(null=True)),
                ('before_ends_at', models.DateTimeField(null=True)),
                ('before_rooms', models.JSONField(default=list)),
                ('before_email', models.EmailField(blank=True, max_length=254)),
                ('overridden_rules', models.JSONField(default=list)),
                ('override_reason', models.CharField(blank=True, max_length=500)),
                ('at', models.DateTimeField(verbose_name='at')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('booking', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='transitions', to='bookings.booking')),
                ('slot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='transitions', to='bookings.slot')),
            ],
            options={
                'verbose_name': 'history entry',
                'verbose_name_plural': 'history',
            },
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(fields=('association', 'user'), name='membership_unique_in_association'),
        ),
        migrations.AddConstraint(
            model_name='referencecounter',
            constraint=models.UniqueConstraint(fields=('house', 'year'), name='reference_counter_unique_per_year'),
        ),
        migrations.AddIndex(
            model_name='slot',
            index=models.Index(fields=['starts_at', 'status'], name='slot_starts_at_status'),
        ),
        migrations.AddConstraint(
            model_name='slot',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='slot_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='slot',
            constraint=models.CheckConstraint(condition=models.Q(('gross_ends_at__gte', models.F('ends_at')), ('gross_starts_at__lte', models.F('starts_at'))), name='slot_gross_time_contains_net_time'),
        ),
        migrations.AddConstraint(
            model_name='slot',
            constraint=models.UniqueConstraint(condition=models.Q(('replaces__isnull', False)), fields=('booking', 'replaces'), name='slot_replaces_for_itself'),
        ),
        migrations.AddIndex(
            model_name='occupancy',
            index=models.Index(fields=['part', 'starts_at', 'ends_at'], name='occupancy_part_times'),
        ),
        migrations.AddIndex(
            model_name='occupancy',
            index=models.Index(condition=models.Q(('is_long', True)), fields=['part', 'starts_at'], name='occupancy_long_part_starts'),
        ),
        migrations.AddConstraint(
            model_name='occupancy',
            constraint=models.UniqueConstraint(fields=('slot', 'part'), name='occupancy_unique_per_part'),
        ),
        migrations.AddConstraint(
            model_name='occupancy',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='occupancy_ends_after_start'),
        ),
        migrations.AddIndex(
            model_name='booking',
            index=models.Index(fields=['house', 'status', 'received_at'], name='booking_house_status_received'),
        ),
        migrations.AddIndex(
            model_name='booking',
            index=models.Index(fields=['received_at'], name='booking_received_at'),
        ),
        migrations.RunPython(add, remove),
    ]
