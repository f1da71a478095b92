from django.db import migrations, models


def keep_what_was_allowed(apps, schema_editor):
    """Until now everybody might do everything, and a token either set things or did not."""
    apps.get_model("accounts", "User").objects.update(role="admin")
    apps.get_model("accounts", "ApiToken").objects.filter(may_control=True).update(scope="operate")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_tokens_that_control'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='role',
            field=models.CharField(choices=[('viewer', 'viewer'), ('member', 'member'), ('operator', 'operator'), ('admin', 'admin')], default='viewer', max_length=10),
        ),
        migrations.AddField(
            model_name='apitoken',
            name='scope',
            field=models.CharField(choices=[('read', 'reads'), ('operate', 'operates'), ('admin', 'administers')], default='read', max_length=10),
        ),
        migrations.RunPython(keep_what_was_allowed, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='apitoken',
            name='may_control',
        ),
    ]
