"""When somebody looks whether a hold is still needed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_one_index_led_by_person"),
    ]

    operations = [
        migrations.AddField(
            model_name="hold",
            name="review_on",
            field=models.DateField(null=True),
        ),
    ]
