"""Addresses of the evidence packs."""

from django.urls import path

from fairdue.evidence import views

app_name = "evidence"
urlpatterns = [
    path("", views.packs, name="packs"),
    path("ask/", views.ask, name="ask"),
    path("<int:pack>/again/", views.again, name="again"),
    path("<int:pack>/file/", views.take, name="take"),
]
