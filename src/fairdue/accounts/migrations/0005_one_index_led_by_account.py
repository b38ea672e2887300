"""A foreign key whose index another one begins with needs none of its own."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_one_index_led_by_creditor"),
        ("people", "0003_one_index_led_by_person"),
    ]

    operations = [
        migrations.AlterField(
            model_name="account",
            name="debtor",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="people.person"
            ),
        ),
        migrations.AlterField(
            model_name="bucketmove",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="bucket_moves",
                to="accounts.account",
            ),
        ),
        migrations.AlterField(
            model_name="due",
            name="account",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="dues", to="accounts.account"
            ),
        ),
        migrations.AlterField(
            model_name="payment",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payments",
                to="accounts.account",
            ),
        ),
    ]
