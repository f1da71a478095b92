from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='apitoken',
            name='may_control',
            field=models.BooleanField(default=False, help_text='Whether it may ask for states to be set.'),
        ),
    ]
