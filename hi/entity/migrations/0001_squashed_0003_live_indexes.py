import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import hi.entity.enums
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("entity", "0001_initial"), ("entity", "0002_the_whole_home"), ("entity", "0003_live_indexes")]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Location",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (hi.entity.enums.LocationKind["BUILDING"], hi.entity.enums.LocationKind["BUILDING"]),
                            (hi.entity.enums.LocationKind["FLOOR"], hi.entity.enums.LocationKind["FLOOR"]),
                            (hi.entity.enums.LocationKind["ROOM"], hi.entity.enums.LocationKind["ROOM"]),
                        ],
                        default=hi.entity.enums.LocationKind["ROOM"],
                        max_length=20,
                    ),
                ),
                ("source_name", models.CharField(max_length=255)),
                ("user_name", models.CharField(blank=True, max_length=255, null=True)),
                (
                    "name",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce("user_name", "source_name"),
                        output_field=models.CharField(max_length=255),
                    ),
                ),
                ("position", models.IntegerField(default=0)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "source_parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="entity.location",
                    ),
                ),
                (
                    "user_parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="entity.location",
                    ),
                ),
                (
                    "rank",
                    models.IntegerField(
                        default=0, help_text="its place in the whole tree, depth first; see `hi/entity/places.py`"
                    ),
                ),
                (
                    "user_position",
                    models.IntegerField(blank=True, help_text="among what stands under one parent", null=True),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StateHistory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state_id", models.BigIntegerField()),
                ("value", models.TextField(blank=True, null=True)),
                ("unit", models.CharField(blank=True, default="", max_length=40)),
                ("quality", models.CharField(max_length=20)),
                ("source_changed_at", models.DateTimeField()),
                ("sequence", models.PositiveSmallIntegerField(default=0)),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("state_id", "source_changed_at", "sequence"), name="a_change_is_written_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Entity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source_name", models.CharField(max_length=255)),
                ("user_name", models.CharField(blank=True, max_length=255, null=True)),
                (
                    "name",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce("user_name", "source_name"),
                        output_field=models.CharField(max_length=255),
                    ),
                ),
                ("source_type", models.CharField(default=hi.entity.enums.EntityType["OTHER"], max_length=30)),
                ("user_type", models.CharField(blank=True, max_length=30, null=True)),
                (
                    "entity_type",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce("user_type", "source_type"),
                        output_field=models.CharField(max_length=30),
                    ),
                ),
                ("source_details", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "source_location",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="entity.location",
                    ),
                ),
                (
                    "user_location",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="entity.location",
                    ),
                ),
                (
                    "is_hidden",
                    models.BooleanField(default=False, help_text="the source shows none of its states to people"),
                ),
                (
                    "location_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce(
                            "user_location_id", "source_location_id"
                        ),
                        output_field=models.BigIntegerField(null=True),
                    ),
                ),
                (
                    "sort_name",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower(
                            django.db.models.functions.comparison.Coalesce("user_name", "source_name")
                        ),
                        output_field=models.CharField(max_length=255),
                    ),
                ),
                (
                    "source_labels",
                    models.JSONField(blank=True, default=list, help_text="what the source groups it under, as texts"),
                ),
                ("user_notes", models.TextField(blank=True, default="")),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("removed_at", None)), fields=["name", "id"], name="entity_live_by_name"
                    ),
                    models.Index(
                        condition=models.Q(("removed_at", None)),
                        fields=["location_id", "sort_name", "id", "removed_at"],
                        name="entity_live_by_room",
                    ),
                    models.Index(
                        condition=models.Q(("removed_at", None)),
                        fields=["entity_type", "sort_name", "id", "removed_at"],
                        name="entity_live_by_type",
                    ),
                    models.Index(
                        condition=models.Q(("removed_at", None)),
                        fields=["sort_name", "id", "removed_at"],
                        name="entity_live_by_sort_name",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EntityAttribute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("value", models.TextField(blank=True, default="")),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="attributes", to="entity.entity"
                    ),
                ),
            ],
            options={
                "ordering": ["name", "id"],
                "constraints": [models.UniqueConstraint(fields=("entity", "name"), name="an_attribute_is_noted_once")],
            },
        ),
        migrations.CreateModel(
            name="EntityFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("content", models.FileField(max_length=200, upload_to="things")),
                ("name", models.CharField(max_length=200)),
                ("content_type", models.CharField(max_length=100)),
                ("size", models.PositiveBigIntegerField(help_text="bytes")),
                ("added_at", models.DateTimeField(auto_now_add=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="files", to="entity.entity"
                    ),
                ),
            ],
            options={
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="EntityState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        help_text="names the aspect within its thing, such as temperature", max_length=100
                    ),
                ),
                ("source_name", models.CharField(max_length=255)),
                ("user_name", models.CharField(blank=True, max_length=255, null=True)),
                (
                    "name",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce("user_name", "source_name"),
                        output_field=models.CharField(max_length=255),
                    ),
                ),
                ("state_type", models.CharField(default=hi.entity.enums.EntityStateType["TEXT"], max_length=30)),
                ("category", models.CharField(default=hi.entity.enums.StateCategory["PURPOSE"], max_length=20)),
                ("is_primary", models.BooleanField(default=False)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                ("value", models.TextField(blank=True, null=True)),
                ("unit", models.CharField(blank=True, default="", max_length=40)),
                ("quality", models.CharField(default=hi.entity.enums.Quality["UNKNOWN"], max_length=20)),
                ("source_changed_at", models.DateTimeField(blank=True, null=True)),
                ("received_at", models.DateTimeField(blank=True, null=True)),
                (
                    "entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="states", to="entity.entity"
                    ),
                ),
                (
                    "source_location",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="entity.location",
                    ),
                ),
                (
                    "user_location",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="entity.location",
                    ),
                ),
                ("is_hidden", models.BooleanField(default=False, help_text="the source does not show it to people")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["received_at"], name="state_by_received_at"),
                    models.Index(
                        condition=models.Q(("is_primary", True), ("removed_at", None), ("value", "on")),
                        fields=["entity"],
                        name="state_primary_on",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("removed_at", None),
                            ("state_type", hi.entity.enums.EntityStateType["OPEN_CLOSE"]),
                            ("value", "open"),
                        ),
                        fields=["entity"],
                        name="state_open",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("removed_at", None),
                            ("state_type", hi.entity.enums.EntityStateType["LOCK"]),
                            ("value", "unlocked"),
                        ),
                        fields=["entity"],
                        name="state_unlocked",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("removed_at", None),
                            ("state_type", hi.entity.enums.EntityStateType["LOW_BATTERY"]),
                            ("value", "low"),
                        ),
                        fields=["entity"],
                        name="state_battery_low",
                    ),
                    models.Index(
                        condition=models.Q(("is_primary", True), ("removed_at", None)),
                        fields=["quality", "entity"],
                        name="state_primary_by_quality",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("value", None),
                            (
                                "quality__in",
                                [
                                    hi.entity.enums.Quality["GOOD"],
                                    hi.entity.enums.Quality["STALE"],
                                    hi.entity.enums.Quality["RESTORED"],
                                ],
                            ),
                            _connector="OR",
                        ),
                        name="a_value_has_a_quality_that_carries_one",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Controller",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("control", models.CharField(default=hi.entity.enums.ControlType["TOGGLE"], max_length=20)),
                ("minimum", models.FloatField(blank=True, null=True)),
                ("maximum", models.FloatField(blank=True, null=True)),
                ("step", models.FloatField(blank=True, null=True)),
                ("options", models.JSONField(blank=True, default=list)),
                (
                    "state",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="controller", to="entity.entitystate"
                    ),
                ),
                (
                    "asks_first",
                    models.BooleanField(
                        default=False, help_text="a person confirms before it is set: a lock, a garage"
                    ),
                ),
                (
                    "code_format",
                    models.CharField(
                        blank=True, default="", help_text="number or text, where a code must go along", max_length=10
                    ),
                ),
                (
                    "without_code",
                    models.JSONField(
                        blank=True, default=list, help_text="options with which no code needs to go along"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Sensor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("device_class", models.CharField(blank=True, default="", max_length=60)),
                (
                    "precision",
                    models.PositiveSmallIntegerField(blank=True, help_text="digits after the point to show", null=True),
                ),
                (
                    "state",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sensor", to="entity.entitystate"
                    ),
                ),
                (
                    "state_class",
                    models.CharField(blank=True, default="", help_text="measurement, total, ...", max_length=30),
                ),
            ],
        ),
    ]
