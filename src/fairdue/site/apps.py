from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "fairdue.site"
    label = "site"
