import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

LEVELS = [(0, 'ward'), (1, 'ward, again'), (2, 'senior doctor'), (3, 'nurse in charge')]
OPEN = ('raised', 'accepted', 'in_progress')
OWNED = ('accepted', 'in_progress')


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('clinical', '0004_assignments_and_movements'),
    ]

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('score', 'NEWS2 score'), ('red', 'red parameter'), ('overdue', 'observations overdue')], max_length=10)),
                ('severity', models.CharField(choices=[('high', 'High'), ('medium', 'Medium'), ('low', 'Low')], max_length=10)),
                ('state', models.CharField(choices=[('raised', 'waiting'), ('accepted', 'accepted'), ('in_progress', 'being reviewed'), ('resolved', 'resolved'), ('superseded', 'superseded'), ('cancelled', 'cancelled'), ('closed', 'closed by a newer set')], default='raised', max_length=12)),
                ('level', models.PositiveSmallIntegerField(choices=LEVELS, default=0)),
                ('score', models.PositiveSmallIntegerField(null=True)),
                ('is_partial', models.BooleanField(default=False)),
                ('red', models.JSONField(default=list)),
                ('due_at', models.DateTimeField(null=True)),
                ('raised_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(null=True)),
                ('next_step_at', models.DateTimeField(null=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='alerts', to='clinical.patient')),
                ('ward', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinical.ward')),
            ],
            options={
                'ordering': ['raised_at', 'id'],
                'indexes': [
                    models.Index(condition=models.Q(('state__in', OPEN)), fields=['next_step_at'], name='timers_of_alerts'),
                    models.Index(fields=['ward', 'raised_at'], name='alerts_of_ward'),
                ],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('state__in', OPEN)), fields=('patient', 'kind'), name='one_open_alert_a_kind'),
                    models.CheckConstraint(condition=models.Q(('severity', 'high'), ('state', 'closed'), _negated=True), name='high_never_closes_itself'),
                    models.CheckConstraint(condition=models.Q(models.Q(('owner__isnull', False), ('state__in', OWNED)), models.Q(('state__in', OWNED), _negated=True), _connector='OR'), name='accepted_by_somebody'),
                    models.CheckConstraint(condition=models.Q(models.Q(('next_step_at__isnull', False), ('state__in', OPEN)), models.Q(models.Q(('state__in', OPEN), _negated=True), ('next_step_at__isnull', True)), _connector='OR'), name='open_with_timer'),
                ],
            },
        ),
        migrations.CreateModel(
            name='AlertStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('raised', 'Raised'), ('repeated', 'the same finding again'), ('corrected', 'its value was corrected'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('returned', 'given back by its owner'), ('started', 'review started'), ('renotified', 'called again'), ('escalated', 'Escalated'), ('moved', 'moved with the patient'), ('resolved', 'Resolved'), ('superseded', 'Superseded'), ('cancelled', 'Cancelled'), ('closed', 'Closed')], max_length=10)),
                ('version', models.PositiveIntegerField()),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('level', models.PositiveSmallIntegerField(choices=LEVELS)),
                ('reason', models.CharField(blank=True, max_length=20)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='clinical.alert')),
                ('observation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinical.observationset')),
            ],
            options={
                'ordering': ['alert', 'version'],
                'constraints': [models.UniqueConstraint(fields=('alert', 'version'), name='one_step_a_version')],
            },
        ),
    ]
