import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0004_agreed_on_the_own_page"),
    ]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="parts",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None
            ),
        ),
        migrations.AlterField(
            model_name="plan",
            name="how",
            field=models.CharField(
                choices=[("call", "On the call"), ("code", "By code"), ("page", "On the own page")], max_length=4
            ),
        ),
    ]
