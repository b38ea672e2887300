from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "fairdue.insight"
    label = "insight"
