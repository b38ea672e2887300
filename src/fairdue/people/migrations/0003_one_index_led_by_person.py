"""A foreign key whose index another one begins with needs none of its own."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_quick_words"),
    ]

    operations = [
        migrations.AlterField(
            model_name="contactpoint",
            name="person",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="contact_points",
                to="people.person",
            ),
        ),
        migrations.AlterField(
            model_name="relation",
            name="debtor",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="relations",
                to="people.person",
            ),
        ),
    ]
