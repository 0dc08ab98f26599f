import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

USER = settings.AUTH_USER_MODEL
FLAGS = [('isolation', 'Isolation'), ('dnacpr', 'Dnacpr'), ('falls', 'Falls'), ('nil-by-mouth', 'Nil By Mouth'), ('pressure', 'Pressure'), ('diabetes', 'Diabetes'), ('post-op', 'Post Op'), ('palliative', 'Palliative')]
DECISIONS = [('spo2-scale-2', 'SpO₂ scale 2: prescribed target of 88-92 %'), ('pregnant', 'Not scored: pregnant'), ('end-of-life', 'Not scored: end-of-life plan'), ('frequency', 'Another interval of observation')]


def somebody(**more):
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=USER, **more)


class Migration(migrations.Migration):

    dependencies = [
        ('clinical', '0006_scoring_and_versions_of_sets'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='scoringdecision', name='only_scale_2_ends_by_itself'),
        migrations.AlterField(
            model_name='scoringdecision',
            name='kind',
            field=models.CharField(choices=DECISIONS, max_length=12),
        ),
        migrations.AddField(model_name='scoringdecision', name='interval', field=models.DurationField(null=True)),
        migrations.AddField(model_name='scoringdecision', name='instead_of', field=models.DurationField(null=True)),
        migrations.AddConstraint(
            model_name='scoringdecision',
            constraint=models.CheckConstraint(condition=Q(('until__isnull', True)) | Q(('kind__in', ['spo2-scale-2', 'frequency']), ('until__gt', F('decided_at'))), name='who_ends_by_itself'),
        ),
        migrations.AddConstraint(
            model_name='scoringdecision',
            constraint=models.CheckConstraint(condition=Q(('interval__isnull', False), ('kind', 'frequency'), ('until__isnull', False)) | (~Q(('kind', 'frequency')) & Q(('instead_of__isnull', True), ('interval__isnull', True))), name='frequency_with_interval_and_end'),
        ),
        migrations.AddField(
            model_name='observationschedule',
            name='frequency',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinical.scoringdecision'),
        ),
        migrations.AddField(
            model_name='patient',
            name='flags',
            field=models.JSONField(blank=True, default=list, editable=False),
        ),
        migrations.AddField(model_name='patient', name='nurse', field=somebody(blank=True, editable=False, null=True)),
        migrations.AddField(
            model_name='patient',
            name='nurse_until',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.CreateModel(
            name='Flag',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=FLAGS, max_length=12)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('set_at', models.DateTimeField()),
                ('cleared_at', models.DateTimeField(null=True)),
                ('cleared_by', somebody(null=True)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='all_flags', to='clinical.patient')),
                ('set_by', somebody()),
            ],
            options={
                'ordering': ['-set_at', '-id'],
                'indexes': [models.Index(fields=['patient', '-set_at'], name='flags_of_patient')],
                'constraints': [
                    models.CheckConstraint(condition=Q(('cleared_at__isnull', True), ('cleared_by__isnull', True)) | Q(('cleared_at__isnull', False), ('cleared_by__isnull', False)), name='flag_cleared_by_somebody'),
                ],
            },
        ),
        migrations.CreateModel(
            name='BedAssignment',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('bed', models.CharField(max_length=10)),
                ('begins_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', somebody(null=True)),
                ('given_by', somebody()),
                ('nurse', somebody()),
                ('ward', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bed_assignments', to='clinical.ward')),
            ],
            options={
                'ordering': ['-begins_at', '-id'],
                'indexes': [models.Index(fields=['ward', 'bed', '-ends_at'], name='assignments_of_bed')],
                'constraints': [
                    models.CheckConstraint(condition=Q(('ends_at__gt', F('begins_at'))), name='bed_assignment_ends_after_begin'),
                ],
            },
        ),
    ]
