"""How and where an item may be worked, by whose clock, and the day's second lawful window."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0005_notes_of_borrowers"),
        ("people", "0005_withdrawals"),
    ]

    operations = [
        migrations.AddField(model_name="workitem", name="later_start", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="workitem", name="later_end", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="workitem", name="channel", field=models.PositiveSmallIntegerField(default=0)),
        migrations.AddField(
            model_name="workitem",
            name="contact_point",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="people.contactpoint",
            ),
        ),
        migrations.AddField(
            model_name="workitem",
            name="zone",
            field=models.CharField(blank=True, default="", max_length=40),
            preserve_default=False,
        ),
    ]
