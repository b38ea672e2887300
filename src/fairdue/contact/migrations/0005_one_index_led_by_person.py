"""A foreign key whose index another one begins with needs none of its own."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contact", "0004_one_index_led_by_creditor"),
        ("people", "0003_one_index_led_by_person"),
    ]

    operations = [
        migrations.AlterField(
            model_name="attempt",
            name="person",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="attempts", to="people.person"
            ),
        ),
        migrations.AlterField(
            model_name="verdict",
            name="person",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="verdicts", to="people.person"
            ),
        ),
    ]
