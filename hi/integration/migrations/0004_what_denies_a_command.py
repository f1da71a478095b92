from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integration', '0003_both_ways'),
    ]

    operations = [
        migrations.AddField(
            model_name='command',
            name='denied_by',
            field=models.JSONField(blank=True, default=list, help_text='values of the state that say that it did not work'),
        ),
        migrations.AddField(
            model_name='command',
            name='confirm_seconds',
            field=models.PositiveSmallIntegerField(default=30, help_text='how long the state may take to follow'),
        ),
    ]
