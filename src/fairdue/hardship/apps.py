from django.apps import AppConfig


class HardshipConfig(AppConfig):
    name = "fairdue.hardship"
    label = "hardship"
    default_auto_field = "django.db.models.BigAutoField"
