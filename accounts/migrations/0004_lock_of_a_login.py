import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_login_sessions"),
    ]

    operations = [
        migrations.AddField(
            model_name="loginsession",
            name="active_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddField(
            model_name="loginsession",
            name="locked_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="loginsession",
            name="browser_key",
            field=models.CharField(blank=True, db_index=True, editable=False, max_length=40),
        ),
    ]
