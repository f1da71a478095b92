from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integration", "0003_both_ways")]

    operations = [
        migrations.AddField(
            model_name="sourcecatalogue",
            name="selection",
            field=models.JSONField(default=dict, help_text="by which the last complete answer was mirrored"),
        ),
    ]
