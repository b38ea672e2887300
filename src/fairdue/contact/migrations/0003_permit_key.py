"""A key makes each permit happen once; a message may be on its way; contacts with third persons are found quickly."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contact", "0002_kept")]
    operations = [
        migrations.AddField(
            model_name="permit",
            name="key",
            field=models.CharField(default="", max_length=120, unique=True),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="message",
            name="status",
            field=models.CharField(
                choices=[
                    ("queued", "Queued"),
                    ("sending", "Being sent"),
                    ("sent", "Sent"),
                    ("failed", "Failed"),
                    ("revoked", "Revoked"),
                    ("refused", "Refused at sending"),
                ],
                default="queued",
                max_length=8,
            ),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("addressee", models.F("person")), _negated=True),
                fields=["addressee", "-happened_at"],
                name="attempts_at_others",
            ),
        ),
    ]
