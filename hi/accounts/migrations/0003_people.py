import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def keep_what_was_allowed(apps, schema_editor):
    """Until now everybody might do everything, and a token either set things or did not."""
    apps.get_model("accounts", "User").objects.update(role="admin")
    apps.get_model("accounts", "ApiToken").objects.filter(may_control=True).update(scope="operate")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_tokens_that_control'),
        ('sessions', '0001_initial'),
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
        migrations.AddField(
            model_name='user',
            name='last_seen_at',
            field=models.DateTimeField(blank=True, help_text='on the pages; within a few minutes', null=True),
        ),
        migrations.AddField(
            model_name='signinlink',
            name='sets_password',
            field=models.BooleanField(default=False, help_text='Whoever uses it chooses a password first.'),
        ),
        migrations.CreateModel(
            name='OpenSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_used_at', models.DateTimeField(default=django.utils.timezone.now, help_text='within a few minutes')),
                ('address', models.CharField(blank=True, default='', max_length=45)),
                ('agent', models.CharField(blank=True, default='', help_text='what the browser calls itself', max_length=255)),
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sessions.session')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='open_sessions', to=settings.AUTH_USER_MODEL)),
            ],
        ),
    ]
