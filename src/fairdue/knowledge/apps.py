from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "fairdue.knowledge"
    label = "knowledge"
