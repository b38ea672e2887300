"""Every night rewrites every row of the ageing: room in its pages lets new versions stay beside the old ones."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_one_index_led_by_account")]
    operations = [
        migrations.RunSQL(
            "alter table accounts_ageing set (fillfactor = 45)", "alter table accounts_ageing reset (fillfactor)"
        )
    ]
