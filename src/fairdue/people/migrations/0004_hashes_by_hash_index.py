"""Hashes are only ever asked for equality: a hash index costs a quarter of a B-tree over random bytes at every insert."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_one_index_led_by_person"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="contactpoint",
            name="contact_point_by_hash",
        ),
        migrations.RemoveIndex(
            model_name="person",
            name="person_by_id",
        ),
        migrations.AddIndex(
            model_name="contactpoint",
            index=django.contrib.postgres.indexes.HashIndex(fields=["hash"], name="contact_point_by_hash"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=django.contrib.postgres.indexes.HashIndex(
                condition=models.Q(("id_hash__isnull", False)), fields=["id_hash"], name="person_by_id"
            ),
        ),
    ]
