import django.db.models.deletion
import django.utils.timezone
import hi.integration.enums
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("integration", "0001_initial"),
        ("integration", "0002_truth_about_tasks"),
        ("integration", "0003_both_ways"),
        ("integration", "0004_live_indexes"),
        ("integration", "0005_secret_lost"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("entity", "0001_squashed_0003_live_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="IntegrationInstance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("integration_type", models.CharField(max_length=60)),
                ("label", models.CharField(max_length=120)),
                ("is_demo", models.BooleanField(default=False)),
                ("is_draft", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "desired_state",
                    models.CharField(default=hi.integration.enums.DesiredState["INACTIVE"], max_length=12),
                ),
                ("status", models.CharField(default=hi.integration.enums.IntegrationStatus["INACTIVE"], max_length=16)),
                ("reason", models.TextField(blank=True, default="")),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                ("sync_interval_seconds", models.PositiveIntegerField(default=600)),
                (
                    "removal_policy",
                    models.CharField(default=hi.integration.enums.RemovalPolicy["REMOVE"], max_length=10),
                ),
                ("config_revision", models.PositiveIntegerField(default=0)),
                ("source_version", models.CharField(blank=True, default="", max_length=60)),
                ("last_sync_at", models.DateTimeField(blank=True, null=True)),
                ("sync_error", models.TextField(blank=True, default="")),
                ("structure_revision", models.PositiveIntegerField(default=0)),
                ("live_since", models.DateTimeField(blank=True, null=True)),
                ("live_lost_at", models.DateTimeField(blank=True, null=True)),
                ("live_error", models.TextField(blank=True, default="")),
                ("breaker_state", models.CharField(default=hi.integration.enums.BreakerState["CLOSED"], max_length=12)),
                ("breaker_opened_at", models.DateTimeField(blank=True, null=True)),
                ("lease_epoch", models.BigIntegerField(default=0)),
                ("last_slot_at", models.DateTimeField(blank=True, null=True)),
                (
                    "missed_slots",
                    models.PositiveIntegerField(default=0, help_text="slots since the last scheduled sync without one"),
                ),
                ("new_things", models.CharField(default=hi.integration.enums.NewThings["MIRROR"], max_length=10)),
                ("selection", models.JSONField(blank=True, default=dict)),
                ("server_id", models.CharField(blank=True, default="", max_length=120)),
            ],
            options={
                "ordering": ["label", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_draft", False), models.Q(("server_id", ""), _negated=True)),
                        fields=("integration_type", "server_id"),
                        name="a_server_is_mirrored_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Leadership",
            fields=[
                ("part", models.CharField(max_length=20, primary_key=True, serialize=False)),
                (
                    "holder",
                    models.CharField(blank=True, default="", help_text="empty once it has resigned", max_length=120),
                ),
                ("epoch", models.BigIntegerField(default=0)),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name_plural": "leaderships",
            },
        ),
        migrations.CreateModel(
            name="Process",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, unique=True)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            (hi.integration.enums.ProcessRole["WEB"], hi.integration.enums.ProcessRole["WEB"]),
                            (hi.integration.enums.ProcessRole["CONTROL"], hi.integration.enums.ProcessRole["CONTROL"]),
                            (hi.integration.enums.ProcessRole["WORKER"], hi.integration.enums.ProcessRole["WORKER"]),
                            (
                                hi.integration.enums.ProcessRole["LISTENER"],
                                hi.integration.enums.ProcessRole["LISTENER"],
                            ),
                            (hi.integration.enums.ProcessRole["BEAT"], hi.integration.enums.ProcessRole["BEAT"]),
                        ],
                        max_length=10,
                    ),
                ),
                ("pid", models.PositiveIntegerField()),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "seen_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, help_text="when it last said that it is there"
                    ),
                ),
                ("heard_at", models.DateTimeField(blank=True, help_text="when a canary last reached it", null=True)),
                ("slots", models.PositiveSmallIntegerField(default=0, help_text="jobs it can run at once")),
                ("busy", models.PositiveSmallIntegerField(default=0, help_text="jobs it runs now")),
            ],
            options={
                "verbose_name_plural": "processes",
                "ordering": ["role", "name"],
            },
        ),
        migrations.CreateModel(
            name="Command",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("subject", models.CharField(blank=True, default="", max_length=520)),
                ("value", models.TextField(help_text="what is wanted, in hi's words")),
                (
                    "value_before",
                    models.TextField(blank=True, default="", help_text="what the state said when it was asked for"),
                ),
                (
                    "code",
                    models.TextField(
                        blank=True, default="", help_text="encrypted, and wiped once it is sent or will not be"
                    ),
                ),
                ("idempotency_key", models.CharField(max_length=64)),
                ("trace", models.CharField(blank=True, default="", max_length=32)),
                ("status", models.CharField(default=hi.integration.enums.CommandStatus["REQUESTED"], max_length=12)),
                (
                    "worker",
                    models.CharField(blank=True, default="", help_text="who sent it, or tries to", max_length=120),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(help_text="never sent after")),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("expected", models.JSONField(blank=True, null=True)),
                ("tolerance", models.FloatField(default=0.0, help_text="how far a number may be from an expected one")),
                (
                    "denied_by",
                    models.JSONField(
                        blank=True, default=list, help_text="values of the state that say that it did not work"
                    ),
                ),
                (
                    "confirm_seconds",
                    models.PositiveSmallIntegerField(default=30, help_text="how long the state may take to follow"),
                ),
                ("message", models.TextField(blank=True, default="", help_text="the outcome as a plain sentence")),
                ("hint", models.TextField(blank=True, default="", help_text="what to do about a failure")),
                (
                    "instance",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="commands",
                        to="integration.integrationinstance",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "state",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="commands",
                        to="entity.entitystate",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-created_at", "id"], name="command_newest_first"),
                    models.Index(fields=["state", "-created_at", "id"], name="command_by_state"),
                    models.Index(
                        condition=models.Q(
                            models.Q(("status", hi.integration.enums.CommandStatus["REQUESTED"]), _negated=True),
                            models.Q(("status", hi.integration.enums.CommandStatus["SENT"]), _negated=True),
                            models.Q(("status", hi.integration.enums.CommandStatus["ACKNOWLEDGED"]), _negated=True),
                            _negated=True,
                        ),
                        fields=["instance", "created_at"],
                        name="command_open",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("requested_by", "idempotency_key"), name="a_command_is_asked_for_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", hi.integration.enums.CommandStatus["SENT"])),
                        fields=("state",),
                        name="one_command_on_its_way",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConnectionGap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.TextField(blank=True, default="")),
                (
                    "instance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="gaps",
                        to="integration.integrationinstance",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["instance", "-began_at"], name="gap_newest_first")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("instance",), name="one_open_gap"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="InboxItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("integration_key", models.CharField(max_length=255)),
                ("decision", models.CharField(default=hi.integration.enums.Decision["WAITING"], max_length=10)),
                ("name", models.CharField(max_length=255)),
                ("entity_type", models.CharField(max_length=30)),
                ("place", models.CharField(blank=True, default="", max_length=255)),
                ("families", models.JSONField(blank=True, default=list)),
                ("state_count", models.PositiveIntegerField(default=0)),
                ("found_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "instance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="inbox",
                        to="integration.integrationinstance",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["instance", "decision", "name"], name="inbox_by_decision")],
                "constraints": [
                    models.UniqueConstraint(fields=("instance", "integration_key"), name="one_decision_for_a_thing")
                ],
            },
        ),
        migrations.CreateModel(
            name="IntegrationAttribute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("integration_attr_key", models.CharField(max_length=60)),
                ("value", models.TextField(blank=True, default="")),
                ("is_secret", models.BooleanField(default=False)),
                (
                    "instance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attributes",
                        to="integration.integrationinstance",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("instance", "integration_attr_key"), name="a_setting_is_stored_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IntegrationLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (hi.integration.enums.ItemKind["LOCATION"], hi.integration.enums.ItemKind["LOCATION"]),
                            (hi.integration.enums.ItemKind["ENTITY"], hi.integration.enums.ItemKind["ENTITY"]),
                            (hi.integration.enums.ItemKind["STATE"], hi.integration.enums.ItemKind["STATE"]),
                        ],
                        max_length=10,
                    ),
                ),
                ("integration_key", models.CharField(max_length=255)),
                ("parent_key", models.CharField(blank=True, default="", max_length=255)),
                ("address", models.CharField(blank=True, default="", max_length=255)),
                ("content_hash", models.CharField(blank=True, default="", max_length=32)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                ("removal_cause", models.CharField(blank=True, default="", max_length=12)),
                (
                    "entity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="entity.entity",
                    ),
                ),
                (
                    "instance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="integration.integrationinstance",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="entity.location",
                    ),
                ),
                (
                    "state",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="entity.entitystate",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("instance", "kind", "integration_key"), name="a_key_names_one_item"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("entity", None),
                                ("kind", hi.integration.enums.ItemKind["LOCATION"]),
                                ("location__isnull", False),
                                ("state", None),
                            ),
                            models.Q(
                                ("entity__isnull", False),
                                ("kind", hi.integration.enums.ItemKind["ENTITY"]),
                                ("location", None),
                                ("state", None),
                            ),
                            models.Q(
                                ("entity", None),
                                ("kind", hi.integration.enums.ItemKind["STATE"]),
                                ("location", None),
                                ("state__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_link_leads_to_what_its_kind_says",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["removed_at", "kind", "instance"], name="link_by_kind_and_instance"),
                    models.Index(
                        condition=models.Q(("entity__isnull", False)),
                        fields=["removed_at", "entity", "instance"],
                        name="link_of_entity",
                    ),
                    models.Index(
                        condition=models.Q(("state__isnull", False)),
                        fields=["removed_at", "state"],
                        name="link_of_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (hi.integration.enums.JobKind["ACTIVATE"], hi.integration.enums.JobKind["ACTIVATE"]),
                            (hi.integration.enums.JobKind["DEACTIVATE"], hi.integration.enums.JobKind["DEACTIVATE"]),
                            (
                                hi.integration.enums.JobKind["TEST_CONNECTION"],
                                hi.integration.enums.JobKind["TEST_CONNECTION"],
                            ),
                            (hi.integration.enums.JobKind["SYNC"], hi.integration.enums.JobKind["SYNC"]),
                            (hi.integration.enums.JobKind["DELETE"], hi.integration.enums.JobKind["DELETE"]),
                        ],
                        max_length=30,
                    ),
                ),
                ("subject", models.CharField(blank=True, default="", max_length=120)),
                (
                    "arguments",
                    models.JSONField(blank=True, default=dict, help_text="ids and flags only, never a secret"),
                ),
                ("trigger", models.CharField(default=hi.integration.enums.JobTrigger["USER"], max_length=10)),
                ("status", models.CharField(default=hi.integration.enums.JobStatus["QUEUED"], max_length=10)),
                ("attempt", models.PositiveIntegerField(default=0, help_text="how often a worker has claimed it")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("heartbeat_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("phase", models.CharField(blank=True, default="", max_length=60)),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(blank=True, null=True)),
                ("message", models.TextField(blank=True, default="", help_text="a plain sentence for people")),
                ("hint", models.TextField(blank=True, default="", help_text="what to do about a failure")),
                (
                    "steps",
                    models.JSONField(
                        blank=True, default=list, help_text="[{name, status, message, hint, milliseconds}]"
                    ),
                ),
                ("result", models.JSONField(blank=True, default=dict)),
                ("error", models.TextField(blank=True, default="", help_text="the traceback, for operators")),
                (
                    "instance",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="jobs",
                        to="integration.integrationinstance",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "acknowledged_at",
                    models.DateTimeField(blank=True, help_text="when a person has seen that it failed", null=True),
                ),
                (
                    "checkpoint",
                    models.JSONField(blank=True, default=dict, help_text="where work that takes long goes on"),
                ),
                (
                    "expires_at",
                    models.DateTimeField(blank=True, help_text="not begun after: a schedule's backlog", null=True),
                ),
                ("log", models.JSONField(blank=True, default=list, help_text="its last log lines, for operators")),
                (
                    "losses",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="how often its worker died or hung, in a row"
                    ),
                ),
                (
                    "run_after",
                    models.DateTimeField(blank=True, help_text="not claimed before; empty for at once", null=True),
                ),
                ("slot_at", models.DateTimeField(blank=True, null=True)),
                ("slots", models.PositiveIntegerField(default=0)),
                ("slots_missed", models.PositiveIntegerField(default=0)),
                ("trace", models.CharField(blank=True, default="", max_length=32)),
                (
                    "tries",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="how often it failed, but may be tried again"
                    ),
                ),
                (
                    "worker",
                    models.CharField(
                        blank=True, default="", help_text="the process that has or had it", max_length=120
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-created_at", "id"], name="job_newest_first"),
                    models.Index(fields=["status", "-created_at", "id"], name="job_by_status"),
                    models.Index(fields=["instance", "-created_at", "id"], name="job_by_instance"),
                    models.Index(fields=["kind", "-created_at", "id"], name="job_by_kind"),
                    models.Index(fields=["trigger", "-created_at", "id"], name="job_by_trigger"),
                    models.Index(fields=["requested_by", "-created_at", "id"], name="job_by_person"),
                    models.Index(
                        condition=models.Q(
                            models.Q(("status", hi.integration.enums.JobStatus["QUEUED"]), _negated=True),
                            models.Q(("status", hi.integration.enums.JobStatus["RUNNING"]), _negated=True),
                            _negated=True,
                        ),
                        fields=["-created_at", "id"],
                        name="job_open",
                    ),
                    models.Index(
                        condition=models.Q(
                            models.Q(("status", hi.integration.enums.JobStatus["FAILED"]), _negated=True),
                            models.Q(("status", hi.integration.enums.JobStatus["LOST"]), _negated=True),
                            _negated=True,
                        ),
                        fields=["-created_at", "id"],
                        name="job_bad",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("acknowledged_at", None),
                            models.Q(
                                models.Q(("status", hi.integration.enums.JobStatus["FAILED"]), _negated=True),
                                models.Q(("status", hi.integration.enums.JobStatus["LOST"]), _negated=True),
                                _negated=True,
                            ),
                        ),
                        fields=["-created_at", "id"],
                        name="job_unacknowledged",
                    ),
                    models.Index(
                        condition=models.Q(("acknowledged_at__isnull", False)),
                        fields=["acknowledged_at"],
                        name="job_acknowledged",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", hi.integration.enums.JobStatus["QUEUED"])),
                        fields=("instance", "kind"),
                        name="one_waiting_job_of_a_kind",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("kind", hi.integration.enums.JobKind["TEST_CONNECTION"]),
                            ("status", hi.integration.enums.JobStatus["RUNNING"]),
                        ),
                        fields=("instance",),
                        name="one_connection_test_at_work",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                (hi.integration.enums.JobKind["ACTIVATE"], hi.integration.enums.JobKind["SYNC"]),
                            ),
                            ("status", hi.integration.enums.JobStatus["RUNNING"]),
                        ),
                        fields=("instance",),
                        name="one_exclusive_job_at_work",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Lease",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            (hi.integration.enums.LeaseRole["SYNC"], hi.integration.enums.LeaseRole["SYNC"]),
                            (hi.integration.enums.LeaseRole["LISTEN"], hi.integration.enums.LeaseRole["LISTEN"]),
                        ],
                        max_length=10,
                    ),
                ),
                ("holder", models.CharField(max_length=120)),
                ("epoch", models.BigIntegerField()),
                ("expires_at", models.DateTimeField()),
                (
                    "instance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="leases",
                        to="integration.integrationinstance",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("instance", "role"), name="one_holder_per_role")],
            },
        ),
        migrations.CreateModel(
            name="Repair",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (
                                hi.integration.enums.RepairKind["AUTHENTICATION"],
                                hi.integration.enums.RepairKind["AUTHENTICATION"],
                            ),
                            (
                                hi.integration.enums.RepairKind["REMOVAL_REVIEW"],
                                hi.integration.enums.RepairKind["REMOVAL_REVIEW"],
                            ),
                            (
                                hi.integration.enums.RepairKind["SERVER_CHANGED"],
                                hi.integration.enums.RepairKind["SERVER_CHANGED"],
                            ),
                            (
                                hi.integration.enums.RepairKind["SECRET_LOST"],
                                hi.integration.enums.RepairKind["SECRET_LOST"],
                            ),
                        ],
                        max_length=30,
                    ),
                ),
                ("cause", models.TextField(help_text="one sentence: what happened")),
                ("consequence", models.TextField(blank=True, default="", help_text="one sentence: what it means")),
                ("data", models.JSONField(blank=True, default=dict)),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "instance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="repairs",
                        to="integration.integrationinstance",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("instance", "kind"),
                        name="one_open_repair_of_a_kind",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SourceCatalogue",
            fields=[
                (
                    "instance",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="catalogue",
                        serialize=False,
                        to="integration.integrationinstance",
                    ),
                ),
                ("content", models.JSONField(default=dict, help_text="see `core/catalogue.py`")),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "selection",
                    models.JSONField(default=dict, help_text="by which the last complete answer was mirrored"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("who", models.CharField(blank=True, default="", max_length=150)),
                ("verb", models.CharField(help_text="set, renamed, moved, noted, ...; see `audit.py`", max_length=30)),
                ("subject", models.CharField(help_text="what it was done to, as people call it", max_length=520)),
                ("before", models.TextField(blank=True, default="")),
                ("after", models.TextField(blank=True, default="")),
                (
                    "entity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="entity.entity",
                    ),
                ),
                (
                    "instance",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="integration.integrationinstance",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "command",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="integration.command",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "audit entries",
                "indexes": [
                    models.Index(fields=["-at", "-id"], name="audit_newest_first"),
                    models.Index(fields=["entity", "-at"], name="audit_by_entity"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SyncRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("outcome", models.CharField(default=hi.integration.enums.RunOutcome["APPLIED"], max_length=10)),
                ("message", models.TextField(blank=True, default="")),
                ("created", models.PositiveIntegerField(default=0)),
                ("updated", models.PositiveIntegerField(default=0)),
                ("reattached", models.PositiveIntegerField(default=0)),
                ("removed", models.PositiveIntegerField(default=0)),
                ("held", models.PositiveIntegerField(default=0, help_text="removals that wait for a person")),
                ("unchanged", models.PositiveIntegerField(default=0)),
                (
                    "quarantined",
                    models.JSONField(blank=True, default=list, help_text="[{kind, key, path, message}], capped"),
                ),
                (
                    "kept_names",
                    models.PositiveIntegerField(default=0, help_text="names of the user's that this run left alone"),
                ),
                (
                    "instance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sync_runs",
                        to="integration.integrationinstance",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="integration.job"
                    ),
                ),
                ("epoch", models.BigIntegerField(default=0, help_text="of the lease under which it was written")),
            ],
            options={
                "indexes": [models.Index(fields=["instance", "-started_at"], name="sync_run_newest_first")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", hi.integration.enums.RunOutcome["FAILED"]), _negated=True),
                        fields=("job",),
                        name="a_job_is_applied_once",
                    )
                ],
            },
        ),
    ]
