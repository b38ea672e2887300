from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "fairdue.portal"
    label = "portal"
