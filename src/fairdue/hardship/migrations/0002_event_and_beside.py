"""What ended a statutory scheme and who noted it; an effect at one's own judgement beside one by law."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("hardship", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="effect",
            name="one_hardship_effect_of_a_kind",
        ),
        migrations.AddField(
            model_name="file",
            name="event_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="file",
            name="event_on",
            field=models.DateField(null=True),
        ),
        migrations.AddConstraint(
            model_name="effect",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("status", "running"), ("account__isnull", False), models.Q(("kind", "plan"), _negated=True)
                ),
                fields=("account", "kind", "by_law"),
                name="one_hardship_effect_of_a_kind",
            ),
        ),
    ]
