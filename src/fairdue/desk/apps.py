from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "fairdue.desk"
    label = "desk"
