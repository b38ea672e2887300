"""Who noted a wish or permission and from where; a withdrawal is a row that stays as it was written."""

from importlib import import_module

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

guard = import_module("fairdue.journal.migrations.0002_chain").guard


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_hashes_by_hash_index"),
        ("journal", "0002_chain"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="consent",
            name="noted_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="source",
            field=models.CharField(
                blank=True,
                choices=[
                    ("call", "Said on the phone"),
                    ("message", "Written message"),
                    ("letter", "Letter"),
                    ("visit", "Said in person"),
                    ("portal", "Borrower's page"),
                    ("lender", "Told by the lender"),
                    ("other", "Another way"),
                ],
                db_default="",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="wish",
            name="noted_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="wish",
            name="source",
            field=models.CharField(
                blank=True,
                choices=[
                    ("call", "Said on the phone"),
                    ("message", "Written message"),
                    ("letter", "Letter"),
                    ("visit", "Said in person"),
                    ("portal", "Borrower's page"),
                    ("lender", "Told by the lender"),
                    ("other", "Another way"),
                ],
                db_default="",
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("learned_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("why", models.CharField(max_length=300)),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("call", "Said on the phone"),
                            ("message", "Written message"),
                            ("letter", "Letter"),
                            ("visit", "Said in person"),
                            ("portal", "Borrower's page"),
                            ("lender", "Told by the lender"),
                            ("other", "Another way"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "consent",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="withdrawal",
                        to="people.consent",
                    ),
                ),
                (
                    "wish",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="withdrawal",
                        to="people.wish",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("wish__isnull", False), ("consent__isnull", False), _connector="XOR"),
                        name="one_thing_taken_back",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("why", ""), _negated=True), name="taken_back_with_a_reason"
                    ),
                ],
            },
        ),
        guard("people_withdrawal"),
    ]
