from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('entity', '0002_the_whole_home'),
    ]

    operations = [
        migrations.AddField(
            model_name='controller',
            name='without_code',
            field=models.JSONField(blank=True, default=list, help_text='options with which no code needs to go along'),
        ),
    ]
