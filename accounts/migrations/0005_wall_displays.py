from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_lock_of_a_login'),
    ]

    operations = [
        migrations.AlterField(
            model_name='user',
            name='role',
            field=models.CharField(choices=[('Doctor', 'Doctor'), ('Nurse', 'Nurse'), ('Pharmacist', 'Pharmacist'), ('Admin', 'Admin'), ('Visitor', 'Visitor'), ('WallInitials', 'wall display, initials'), ('WallBeds', 'wall display, beds only')], default='Visitor', max_length=20),
        ),
    ]
