import datetime
import django.core.validators
import django.db.models.deletion
import rooms.models.house
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('schedule', '0015_rename_indexes'),
    ]

    operations = [
        migrations.CreateModel(
            name='House',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('slug', models.SlugField(unique=True, verbose_name='short name in addresses')),
                ('operator', models.CharField(blank=True, max_length=200, verbose_name='operated by')),
                ('street', models.CharField(blank=True, max_length=120, verbose_name='street and number')),
                ('postal_code', models.CharField(blank=True, max_length=10, verbose_name='postal code')),
                ('city', models.CharField(blank=True, max_length=120, verbose_name='town')),
                ('contact_name', models.CharField(blank=True, help_text='A function, for example Quartiersmanagement.', max_length=120, verbose_name='contact')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='phone')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('introduction', models.TextField(blank=True, help_text='Two or three sentences on the home page.', verbose_name='introduction')),
                ('time_zone', models.CharField(default='Europe/Berlin', max_length=50, validators=[rooms.models.house.validate_zone], verbose_name='time zone')),
                ('holiday_region', models.CharField(default='NW', help_text='NW is North Rhine-Westphalia.', max_length=10, verbose_name='holiday region')),
                ('reference_prefix', models.CharField(default='HdB', help_text='As in HdB-2027-0042. Each house has its own.', max_length=8, unique=True, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9-]+\\Z', 'Only letters, digits and hyphens.')], verbose_name='prefix of references')),
                ('max_persons', models.PositiveIntegerField(blank=True, help_text='In the whole house, all bookings together. Empty: no limit.', null=True, verbose_name='largest number of persons at once')),
                ('lead_hours', models.PositiveIntegerField(default=24, help_text='A request comes at least this long before its start.', verbose_name='lead time in hours')),
                ('horizon_days', models.PositiveIntegerField(default=540, help_text='How far ahead rooms can be asked for.', verbose_name='horizon in days')),
                ('max_dates', models.PositiveIntegerField(default=250, validators=[django.core.validators.MinValueValidator(1)], verbose_name='largest number of dates of one request')),
                ('shift_minutes', models.PositiveIntegerField(default=30, help_text='Where a date of a series is not free, a start up to so much earlier or later is proposed.', verbose_name='shift of a date in minutes')),
                ('min_minutes', models.PositiveIntegerField(default=30, verbose_name='shortest duration in minutes')),
                ('max_minutes', models.PositiveIntegerField(default=840, verbose_name='longest duration in minutes')),
                ('grid_minutes', models.PositiveIntegerField(default=15, help_text='Times start and end on this grid.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='grid in minutes')),
                ('setup_minutes', models.PositiveIntegerField(default=15, verbose_name='set-up time in minutes')),
                ('teardown_minutes', models.PositiveIntegerField(default=15, verbose_name='tear-down time in minutes')),
                ('answer_days', models.PositiveIntegerField(default=3, help_text='Told in the receipt of a request.', verbose_name='promised answer in working days')),
                ('closed_on_public_holidays', models.BooleanField(default=False, help_text='The holidays are those of the list of holidays, which staff may change.', verbose_name='closed on public holidays')),
                ('closed_in_school_holidays', models.BooleanField(default=False, verbose_name='closed in school holidays')),
                ('quiet_from', models.TimeField(default=datetime.time(22, 0), help_text='Who asks for a louder event in the night is warned. Twice the same time: none.', verbose_name='night rest from')),
                ('quiet_until', models.TimeField(default=datetime.time(6, 0), verbose_name='night rest until')),
                ('mails_from', models.TimeField(default=datetime.time(8, 0), help_text='Reminders, overviews, questions and the digest for staff go out at this time of day.', verbose_name='planned mails from')),
                ('reminder_days', models.CharField(blank=True, default='7, 1', help_text='For bookings with one or two dates. Several numbers are separated by commas. Empty: none.', max_length=20, validators=[rooms.models.house.validate_days], verbose_name='reminder, days before')),
                ('overview_days', models.PositiveSmallIntegerField(blank=True, default=5, help_text='For series, in place of reminders. Empty: none.', null=True, validators=[django.core.validators.MaxValueValidator(28)], verbose_name='overview of a month, days before it')),
                ('series_end_weeks', models.PositiveSmallIntegerField(blank=True, default=8, help_text='So that there is time to ask for the next year. Empty: no notice.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(52)], verbose_name='end of a series, weeks before')),
                ('caretaker_plan_from', models.TimeField(blank=True, default=datetime.time(16, 0), help_text='On the day before. What changes afterwards is told at once. Empty: no plan is sent.', null=True, verbose_name='plan for caretakers from')),
                ('ask_days', models.PositiveSmallIntegerField(blank=True, help_text='A mail before each date of a long series. “No” frees the room at once. Empty: no question.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(7)], verbose_name='“Does your date take place?”, days before')),
                ('ask_from_dates', models.PositiveSmallIntegerField(default=8, validators=[django.core.validators.MinValueValidator(2)], verbose_name='only for series of at least so many dates')),
                ('plan_version', models.PositiveBigIntegerField(default=0, editable=False)),
                ('calendar', models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='schedule.calendar')),
            ],
            options={
                'verbose_name': 'house',
                'verbose_name_plural': 'houses',
            },
        ),
        migrations.CreateModel(
            name='Equipment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('mobile_count', models.PositiveSmallIntegerField(blank=True, help_text='How many of it the house has to be carried into any room. Empty: it belongs to its rooms.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='number of mobile ones')),
                ('house', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='equipment', to='rooms.house', verbose_name='house')),
            ],
            options={
                'verbose_name': 'equipment',
                'verbose_name_plural': 'equipment',
            },
        ),
        migrations.CreateModel(
            name='HousePage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('imprint', 'Imprint'), ('privacy', 'Privacy notice'), ('accessibility', 'Accessibility statement'), ('easy_language', 'Easy language')], max_length=20, verbose_name='kind')),
                ('text', models.TextField(help_text='Blank lines separate paragraphs; a line starting with # is a heading.', verbose_name='text')),
                ('house', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pages', to='rooms.house', verbose_name='house')),
            ],
            options={
                'verbose_name': 'page of the house',
                'verbose_name_plural': 'pages of the house',
            },
        ),
        migrations.CreateModel(
            name='HouseRules',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.CharField(help_text='For example 2027-01.', max_length=20, verbose_name='version')),
                ('text', models.TextField(verbose_name='text')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('house', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='house_rules', to='rooms.house', verbose_name='house')),
            ],
            options={
                'verbose_name': 'house rules',
                'verbose_name_plural': 'house rules',
            },
        ),
        migrations.CreateModel(
            name='Room',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('slug', models.SlugField(verbose_name='short name in addresses')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position in lists')),
                ('is_active', models.BooleanField(default=True, verbose_name='can be booked')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('area_m2', models.PositiveIntegerField(blank=True, null=True, verbose_name='area in m²')),
                ('floor', models.CharField(blank=True, max_length=60, verbose_name='floor')),
                ('wayfinding', models.CharField(blank=True, help_text='For example: ground floor, left.', max_length=120, verbose_name='how to find it')),
                ('is_outdoors', models.BooleanField(default=False, help_text='It is not proposed in place of a room, nor a room in place of it.', verbose_name='outdoors')),
                ('step_free', models.BooleanField(default=False, verbose_name='step-free')),
                ('hearing_loop', models.BooleanField(default=False, verbose_name='hearing loop')),
                ('accessible_toilet', models.BooleanField(default=False, verbose_name='accessible toilet nearby')),
                ('picture', models.ImageField(blank=True, upload_to='rooms/', verbose_name='picture')),
                ('picture_description', models.CharField(blank=True, help_text='Read out to people who do not see it.', max_length=200, verbose_name='what the picture shows')),
                ('setup_minutes', models.PositiveIntegerField(blank=True, null=True, verbose_name='set-up time in minutes')),
                ('teardown_minutes', models.PositiveIntegerField(blank=True, null=True, verbose_name='tear-down time in minutes')),
                ('lead_hours', models.PositiveIntegerField(blank=True, null=True, verbose_name='lead time in hours')),
                ('horizon_days', models.PositiveIntegerField(blank=True, null=True, verbose_name='horizon in days')),
                ('min_minutes', models.PositiveIntegerField(blank=True, null=True, verbose_name='shortest duration in minutes')),
                ('max_minutes', models.PositiveIntegerField(blank=True, null=True, verbose_name='longest duration in minutes')),
                ('grid_minutes', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='grid in minutes')),
                ('closed_on_public_holidays', models.BooleanField(blank=True, choices=[(None, 'as the house'), (True, 'closed'), (False, 'not closed')], help_text='A combination is closed when one of its parts is.', null=True, verbose_name='on public holidays')),
                ('closed_in_school_holidays', models.BooleanField(blank=True, choices=[(None, 'as the house'), (True, 'closed'), (False, 'not closed')], null=True, verbose_name='in school holidays')),
                ('equipment', models.ManyToManyField(blank=True, related_name='rooms', to='rooms.equipment', verbose_name='equipment')),
                ('house', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rooms', to='rooms.house', verbose_name='house')),
                ('parts', models.ManyToManyField(blank=True, help_text='Only for combinations, such as hall 1+2: the rooms it is made of.', related_name='combinations', to='rooms.room', verbose_name='parts')),
            ],
            options={
                'verbose_name': 'room',
                'verbose_name_plural': 'rooms',
            },
        ),
        migrations.CreateModel(
            name='OpeningHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weekday', models.PositiveSmallIntegerField(choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')], verbose_name='weekday')),
                ('opens_at', models.TimeField(verbose_name='opens at')),
                ('closes_at', models.TimeField(help_text='00:00 means midnight at the end of the day.', verbose_name='closes at')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='valid from')),
                ('valid_until', models.DateField(blank=True, help_text='The last day, included. Empty: without end.', null=True, verbose_name='valid until')),
                ('house', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='opening_hours', to='rooms.house', verbose_name='house')),
                ('room', models.ForeignKey(blank=True, help_text='Empty: for the whole house.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='opening_hours', to='rooms.room', verbose_name='room')),
            ],
            options={
                'verbose_name': 'opening hours',
                'verbose_name_plural': 'opening hours',
            },
        ),
        migrations.CreateModel(
            name='Closure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(verbose_name='until')),
                ('reason', models.CharField(help_text='Shown to everybody, also on the display: no personal data.', max_length=120, verbose_name='reason')),
                ('origin', models.CharField(choices=[('manual', 'entered by staff'), ('public_holiday', 'public holiday'), ('school_holiday', 'school holidays')], default='manual', max_length=20, verbose_name='origin')),
                ('house', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='closures', to='rooms.house', verbose_name='house')),
                ('rooms', models.ManyToManyField(blank=True, help_text='Empty: the whole house.', related_name='closures', to='rooms.room', verbose_name='rooms')),
            ],
            options={
                'verbose_name': 'closure',
                'verbose_name_plural': 'closures',
            },
        ),
        migrations.CreateModel(
            name='SeatingLayout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('rows', 'rows of chairs'), ('tables', 'groups of tables'), ('classroom', 'parliament seating'), ('u_shape', 'U-shape'), ('circle', 'circle of chairs'), ('standing', 'standing, no seats')], max_length=12, verbose_name='layout')),
                ('capacity', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(1)], verbose_name='persons')),
                ('room', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='layouts', to='rooms.room', verbose_name='room')),
            ],
            options={
                'verbose_name': 'seating layout',
                'verbose_name_plural': 'seating layouts',
            },
        ),
        migrations.CreateModel(
            name='HolidayCoverage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('public', 'public holiday'), ('school', 'school holidays')], max_length=10)),
                ('first_date', models.DateField()),
                ('last_date', models.DateField()),
                ('house', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holiday_coverage', to='rooms.house')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('house', 'kind'), name='holiday_coverage_unique_per_kind')],
            },
        ),
        migrations.CreateModel(
            name='Holiday',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('public', 'public holiday'), ('school', 'school holidays')], max_length=10, verbose_name='kind')),
                ('name', models.CharField(help_text='For example: Osterferien, or movable day off school.', max_length=80, verbose_name='name')),
                ('first_date', models.DateField(verbose_name='first day')),
                ('last_date', models.DateField(help_text='Included.', verbose_name='last day')),
                ('house', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holidays', to='rooms.house', verbose_name='house')),
            ],
            options={
                'verbose_name': 'holiday',
                'verbose_name_plural': 'holidays',
                'indexes': [models.Index(fields=['house', 'last_date'], name='holiday_house_last_date')],
                'constraints': [models.CheckConstraint(condition=models.Q(('last_date__gte', models.F('first_date'))), name='holiday_last_day_after_first', violation_error_message='The last day is not before the first.')],
            },
        ),
        migrations.AddConstraint(
            model_name='equipment',
            constraint=models.UniqueConstraint(fields=('house', 'name'), name='equipment_name_unique_in_house'),
        ),
        migrations.AddConstraint(
            model_name='housepage',
            constraint=models.UniqueConstraint(fields=('house', 'kind'), name='page_kind_unique_in_house'),
        ),
        migrations.AddConstraint(
            model_name='houserules',
            constraint=models.UniqueConstraint(fields=('house', 'version'), name='house_rules_version_unique_in_house'),
        ),
        migrations.AddConstraint(
            model_name='room',
            constraint=models.UniqueConstraint(fields=('house', 'slug'), name='room_slug_unique_in_house'),
        ),
        migrations.AddConstraint(
            model_name='openinghours',
            constraint=models.CheckConstraint(condition=models.Q(('closes_at__gt', models.F('opens_at')), ('closes_at', '00:00'), _connector='OR'), name='opening_hours_close_after_opening', violation_error_message='The house closes after it opens.'),
        ),
        migrations.AddConstraint(
            model_name='openinghours',
            constraint=models.CheckConstraint(condition=models.Q(('valid_until__gte', models.F('valid_from')), ('valid_until', None), ('valid_from', None), _connector='OR'), name='opening_hours_valid_until_after_from', violation_error_message='The last day is not before the first.'),
        ),
        migrations.AddIndex(
            model_name='closure',
            index=models.Index(fields=['house', 'ends_at'], name='closure_house_ends_at'),
        ),
        migrations.AddConstraint(
            model_name='closure',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='closure_ends_after_start', violation_error_message='A closure ends after it starts.'),
        ),
        migrations.AddConstraint(
            model_name='seatinglayout',
            constraint=models.UniqueConstraint(fields=('room', 'kind'), name='layout_unique_in_room'),
        ),
    ]
