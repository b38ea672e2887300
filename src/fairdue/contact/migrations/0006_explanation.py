"""That rights and duties were explained is kept, and stays as it was written."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

guard = import_module("fairdue.journal.migrations.0002_chain").guard


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_one_index_led_by_person"),
        ("contact", "0005_one_index_led_by_person"),
        ("people", "0004_hashes_by_hash_index"),
        ("journal", "0002_chain"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Explanation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "how",
                    models.CharField(
                        choices=[("email", "By e-mail"), ("print", "Printed"), ("read", "Read out")], max_length=8
                    ),
                ),
                (
                    "came",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Nothing to record"),
                            ("heard", "Heard to the end"),
                            ("questions", "Had questions"),
                            ("stopped", "Did not want to hear it"),
                        ],
                        max_length=10,
                    ),
                ),
                ("statement", models.CharField(max_length=8)),
                ("version", models.CharField(max_length=40)),
                ("hash", models.CharField(max_length=64)),
                ("language", models.CharField(max_length=8)),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="explanations", to="cases.case"
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="explains",
                        to="contact.message",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="explanations", to="people.person"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["case", "-at"], name="explanations_of_case")],
            },
        ),
        guard("contact_explanation"),
    ]
