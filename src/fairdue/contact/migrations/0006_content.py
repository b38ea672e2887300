"""What was found in a written text; false alarms of the content check."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_one_index_led_by_person"),
        ("contact", "0005_one_index_led_by_person"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="verdict",
            name="content",
            field=models.JSONField(null=True),
        ),
        migrations.CreateModel(
            name="FalseAlarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("expression", models.CharField(max_length=60)),
                (
                    "category",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "threat"),
                            (1, "insult"),
                            (2, "shame"),
                            (3, "threat_of_exposure"),
                            (4, "impersonate_authority"),
                            (5, "false_blacklist"),
                            (6, "induce_new_debt"),
                            (7, "extra_collection_fee"),
                            (8, "private_payment_channel"),
                            (9, "misleading_inducement"),
                            (10, "third_person_disclosure"),
                            (11, "others_personal_data"),
                            (12, "missing_part"),
                        ]
                    ),
                ),
                ("rule", models.CharField(max_length=60)),
                ("phrase", models.CharField(max_length=200)),
                ("context", models.CharField(max_length=400)),
                ("excerpt", models.BinaryField(max_length=32)),
                ("at", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "To be decided"), ("accepted", "Accepted"), ("declined", "Declined")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("exempted", models.CharField(blank=True, max_length=400)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["status", "-at"], name="alarms_by_status")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "open")),
                        fields=("expression", "excerpt"),
                        name="one_open_alarm_per_clause",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("status", "open")),
                            models.Q(models.Q(("status", "open"), _negated=True), ("decided_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="an_alarm_is_open_or_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "accepted"), _negated=True),
                            models.Q(("exempted", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="an_accepted_alarm_names_its_phrase",
                    ),
                ],
            },
        ),
    ]
