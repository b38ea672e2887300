"""What is written here stays as it was written."""

from importlib import import_module

from django.db import migrations

guard = import_module("fairdue.journal.migrations.0002_chain").guard


class Migration(migrations.Migration):
    dependencies = [("contact", "0001_initial"), ("journal", "0002_chain")]
    operations = [
        guard("contact_attempt"),
        guard("contact_verdict"),
        guard("contact_outcome"),
    ]
