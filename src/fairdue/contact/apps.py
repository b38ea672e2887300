from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ContactConfig(AppConfig):
    name = "fairdue.contact"
    label = "contact"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """After a migration the packs that came with this release enter the rulebook."""
        post_migrate.connect(_register, sender=self)


def _register(**_: Any) -> None:
    from django.db import connection
    from django.utils import timezone

    from fairdue.contact.rulebook.loading import register

    if "contact_ruleversion" in connection.introspection.table_names():  # migrated backwards there is none
        register(on=timezone.localdate())
