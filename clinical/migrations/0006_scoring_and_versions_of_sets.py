import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from clinical import news2

MEASUREMENTS = ("respiration", "spo2", "on_oxygen", "systolic", "pulse", "consciousness", "temperature")
REASONS = [('under-16', 'under-16'), ('pregnant', 'pregnant'), ('end-of-life', 'end-of-life')]


def prescribe_scales(apps, schema_editor):
    """A mark at the patient becomes a decision of the present stay, whose author nobody knows any more."""
    Patient = apps.get_model("clinical", "Patient")
    ScoringDecision = apps.get_model("clinical", "ScoringDecision")
    ScoringDecision.objects.bulk_create(
        ScoringDecision(
            patient=patient,
            kind="spo2-scale-2",
            decided_at=patient.admitted_at,
            reason="Taken over from the patient's particulars.",
        )
        for patient in Patient.objects.filter(spo2_scale=2, ward__isnull=False, admitted_at__isnull=False)
    )


def mark_patients(apps, schema_editor):
    ScoringDecision = apps.get_model("clinical", "ScoringDecision")
    marked = ScoringDecision.objects.filter(kind="spo2-scale-2", revoked_at=None)
    apps.get_model("clinical", "Patient").objects.filter(scoring_decisions__in=marked).update(spo2_scale=2)


def score_sets(apps, schema_editor):
    """Sets had no score of their own; the schedules tell the board which of them is the newest."""
    ObservationSet = apps.get_model("clinical", "ObservationSet")
    for each in ObservationSet.objects.iterator():
        values = {name: getattr(each, name) for name in MEASUREMENTS}
        scored = news2.score(news2.Measurements(spo2_scale=each.spo2_scale, **values))
        each.score, each.has_red, each.band = scored.total, scored.red, scored.band
        each.save()
    Patient = apps.get_model("clinical", "Patient")
    ObservationSchedule = apps.get_model("clinical", "ObservationSchedule")
    for patient in Patient.objects.filter(ward__isnull=False, admitted_at__isnull=False):
        newest = ObservationSet.objects.filter(patient=patient, recorded_at__gte=patient.admitted_at).first()
        if newest is not None:
            ObservationSchedule.objects.create(patient=patient, stay=patient.admitted_at, newest=newest)


class Migration(migrations.Migration):

    dependencies = [
        ('clinical', '0005_alerts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='observationset',
            options={'ordering': ['-measured_at', '-recorded_at', '-id'], 'verbose_name': 'set of observations'},
        ),
        migrations.AddField(
            model_name='observationset',
            name='missing_reason',
            field=models.CharField(blank=True, choices=[('refused', 'patient refused'), ('asleep', 'patient asleep'), ('away', 'away from the bed'), ('emergency', 'emergency'), ('doctor', "at a doctor's request"), ('equipment', 'no working equipment'), ('other', 'another reason')], max_length=10, default=''),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='observationset',
            name='key',
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='observationset',
            name='not_scored',
            field=models.CharField(blank=True, choices=REASONS, max_length=12, default=''),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='observationset',
            name='score',
            field=models.PositiveSmallIntegerField(help_text='NEWS2; None for a partial set', null=True),
        ),
        migrations.AddField(
            model_name='observationset',
            name='has_red',
            field=models.BooleanField(default=False, help_text='three points in a single measurement'),
        ),
        migrations.AddField(
            model_name='observationset',
            name='band',
            field=models.CharField(max_length=12, default=''),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='observationset',
            name='version',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='observationset',
            name='corrects',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrected_by', to='clinical.observationset'),
        ),
        migrations.AddField(
            model_name='observationset',
            name='correction_reason',
            field=models.CharField(blank=True, max_length=200, default=''),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='observationset',
            name='withdrawn',
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name='observationset',
            constraint=models.CheckConstraint(condition=Q(('corrects__isnull', True), ('version', 1), ('withdrawn', False)) | (Q(('corrects__isnull', False), ('version__gt', 1)) & ~Q(('correction_reason', ''))), name='correction_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='observationset',
            constraint=models.UniqueConstraint(fields=('recorded_by', 'key'), name='one_set_a_key'),
        ),
        migrations.CreateModel(
            name='ObservationSchedule',
            fields=[
                ('patient', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='observation_schedule', serialize=False, to='clinical.patient')),
                ('stay', models.DateTimeField()),
                ('interval', models.DurationField(null=True)),
                ('due_at', models.DateTimeField(db_index=True, null=True)),
                ('not_scored', models.CharField(blank=True, choices=REASONS, max_length=12)),
                ('compared_with', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinical.observationset')),
                ('newest', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinical.observationset')),
            ],
        ),
        migrations.CreateModel(
            name='ScoringDecision',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('spo2-scale-2', 'SpO₂ scale 2: prescribed target of 88-92 %'), ('pregnant', 'Not scored: pregnant'), ('end-of-life', 'Not scored: end-of-life plan')], max_length=12)),
                ('decided_at', models.DateTimeField()),
                ('until', models.DateTimeField(help_text='None is for the whole stay', null=True)),
                ('reason', models.CharField(max_length=200)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scoring_decisions', to='clinical.patient')),
                ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-decided_at', '-id'],
                'indexes': [models.Index(fields=['patient', '-decided_at'], name='decisions_of_patient')],
                'constraints': [
                    models.CheckConstraint(condition=Q(('until__isnull', True)) | Q(('kind', 'spo2-scale-2'), ('until__gt', F('decided_at'))), name='only_scale_2_ends_by_itself'),
                    models.CheckConstraint(condition=Q(('revoked_at__isnull', True), ('revoked_by__isnull', True)) | Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), name='revoked_by_somebody'),
                ],
            },
        ),
        migrations.RunPython(prescribe_scales, mark_patients),
        migrations.RunPython(score_sets, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='patient',
            name='spo2_scale',
        ),
    ]
